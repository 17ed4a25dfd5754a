"""Measuring one pair: what a worker is given, what it does and what it gives back."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.image_checks import UnsupportedImage

from ..arguments import check_arguments
from ..comparison import Comparison
from ..definitions import DEFINITIONS_VERSION
from ..files import compare_files
from .file_marks import FileMark
from .many_error import FileChanged, NotEnoughMemory, PairFault
from .pair import Pair

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How pairs are compared; see ``compare_files``. A pair's own label and segment come first.

    Raises:
        InvalidArgument: If one is out of its range.
    """

    label: int | None = None
    test_label: int | None = None
    segment: str = ""
    tolerance_mm: float | None = None
    geometry: str = "strict"
    family: str = "voxel"

    def __post_init__(self) -> None:
        label = 1 if self.label is None else self.label
        test_label = label if self.test_label is None else self.test_label
        check_arguments(label, test_label, self.tolerance_mm, self.geometry, self.family)


@dataclass(frozen=True)
class Task:
    """One pair for a worker, which may have another working folder.

    Attributes:
        number: Place of the pair in the list of all.
    """

    number: int
    pair: Pair
    reference: Path
    test: Path
    settings: Settings

    @property
    def label(self) -> int | None:
        return self.settings.label if self.pair.label is None else self.pair.label

    @property
    def segment(self) -> str:
        return self.pair.segment or self.settings.segment

    @property
    def key(self) -> dict[str, Any]:
        """Everything that decides what is measured but the content of the files."""
        tolerance_mm = self.settings.tolerance_mm
        return {
            "reference": self.pair.reference,
            "test": self.pair.test,
            "label": self.label,
            "test_label": self.settings.test_label,
            "segment": self.segment,
            "tolerance_mm": None if tolerance_mm is None else float(tolerance_mm),
            "geometry": self.settings.geometry,
            "family": self.settings.family,
            "definitions_version": DEFINITIONS_VERSION,
        }


def task_of(number: int, pair: Pair, settings: Settings) -> Task:
    """The task of measuring a pair."""
    return Task(number, pair, pair.reference_path, pair.test_path, settings)


@dataclass(frozen=True)
class Outcome:
    """What became of a pair: a comparison with the marks of its files, or an error.

    Attributes:
        number: Place of the pair in the list of all.
        measured_ns: When its files were looked at, in the clock of their time stamps.
        error, error_id: Plain sentence and id; "" if the pair was measured.
    """

    number: int
    comparison: Comparison | None = None
    reference_mark: FileMark | None = None
    test_mark: FileMark | None = None
    measured_ns: int = 0
    error: str = ""
    error_id: str = ""


def measure(task: Task) -> Outcome:
    """Measure one pair. Whatever goes wrong with it becomes its outcome, so that the others go on."""
    try:
        return _measure(task)
    except LiverCNNError as error:
        return failure(task, error)
    except MemoryError:
        return failure(task, NotEnoughMemory("Memory ran out while the pair was measured; use fewer --jobs."))
    except Exception as error:  # our fault, but no reason to lose the other pairs
        _logger.debug("Measuring %s failed:", task.pair.name, exc_info=True)
        return failure(task, PairFault(f"{type(error).__name__}: {error}; this is a fault of livercnn."))


def failure(task: Task, error: LiverCNNError) -> Outcome:
    """The outcome of a pair that could not be measured; the sentence has its paths as they were given."""
    sentence = str(error)
    for path, given in ((task.reference, task.pair.reference), (task.test, task.pair.test)):
        sentence = sentence.replace(str(path), given)
    return Outcome(task.number, error=" ".join(sentence.split()), error_id=str(error.id))


def _measure(task: Task) -> Outcome:
    measured_ns = time.time_ns()
    before = [_mark(path) for path in (task.reference, task.test)]
    results = compare_files(
        task.reference,
        task.test,
        labels=() if task.label is None else (task.label,),
        segments=(task.segment,) if task.segment else (),
        test_label=task.settings.test_label,
        tolerance_mm=task.settings.tolerance_mm,
        geometry=task.settings.geometry,
        family=task.settings.family,
    )
    (comparison,) = results.values()
    reference_mark, test_mark = before
    for path, mark in ((task.reference, reference_mark), (task.test, test_mark)):
        if mark is None or not mark.still_holds(path, measured_ns):
            raise FileChanged(f"{path} was written to while it was measured; wait until it is whole.")
    return Outcome(task.number, comparison, reference_mark, test_mark, measured_ns)


def _mark(path: Path) -> FileMark | None:
    """The mark of a file; None where it cannot be read, which the comparison explains better."""
    try:
        return FileMark.of(path)
    except (OSError, UnsupportedImage):
        return None
