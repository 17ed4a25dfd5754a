"""The loop over exams: what was measured before is recalled, the rest is done; a bad exam costs itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.line_journal import LineJournal

from .exam_measures import MaskFolder, Segmenter, image_rows, mask_rows, part, standardized_images
from .exam_store import obtain
from .exams import LESIONS, Exam, ExamPlan, Progress
from .experiment_error import ExperimentError
from .standardizers import Standardizer

JOURNAL = "journal.jsonl"
_VERSION = 1
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExamResult:
    """What was measured of one exam.

    mask_rows: of the cohort table. image_rows: standardizer's name ("" for the original) to rows. seconds:
    CPU seconds that it cost, whenever it was measured, by kind of work. error: why it failed, "" if it did
    not. recalled: Whether nothing had to be done.
    """

    plan: ExamPlan
    mask_rows: tuple[dict[str, Any], ...] = ()
    image_rows: Mapping[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    error_id: str = ""
    recalled: bool = False


class ExamFault(ExperimentError):
    """Something that must not happen happened to an exam."""

    id = "exam-fault"


class _Work:
    """One exam's work: units of a standardizer (None: the originals) with a segmenter (None: the images)."""

    def __init__(
        self, plan: ExamPlan, segmenters: Sequence[Segmenter], standardizers: Sequence[Standardizer]
    ) -> None:
        stages: list[Standardizer | None] = [None, *standardizers]
        # Phantoms with lesions are no test of segmentation: Lee's patients had none.
        users: list[Segmenter | None] = [None, *([] if plan.kind == LESIONS else segmenters)]
        self.plan = plan
        self.units = [(standardizer, segmenter) for standardizer in stages for segmenter in users]

    def key(self, standardizer: Standardizer | None, segmenter: Segmenter | None) -> dict[str, Any]:
        return {
            "exam": {"name": self.plan.name, **self.plan.recipe},
            "standardizer": None if standardizer is None else dict(standardizer.key),
            "segmenter": None if segmenter is None else segmenter.key,
        }


def run_exams(
    plans: Sequence[ExamPlan],
    segmenters: Sequence[Segmenter],
    standardizers: Sequence[Standardizer],
    folder: Path,
    progress: Progress,
) -> list[ExamResult]:
    """Measure every exam; gives a result a plan, in order.

    Each unit (one standardizer, one segmenter, all protocols of one exam) goes to the journal when it is
    done: a run that was stopped goes on there, and one with one standardizer more measures that alone.

    Raises:
        Cancelled: When `progress` asks to stop. What is finished is kept.
        OutputError: If the folder cannot be written.
    """
    masks = MaskFolder(folder)
    results = []
    with LineJournal(folder / JOURNAL, _VERSION, "rows") as journal:
        for number, plan in enumerate(plans):
            work = _Work(plan, segmenters, standardizers)
            said = _within(progress, number, len(plans), plan.name)
            results.append(_result(work, journal, masks, folder / "exams", said))
    return results


def _result(
    work: _Work, journal: LineJournal, masks: MaskFolder, store: Path, progress: Progress
) -> ExamResult:
    missing = [unit for unit in work.units if journal.entry(work.key(*unit)) is None]
    try:
        if missing:
            _measure(work, missing, journal, masks, store, progress)
    except Cancelled:
        raise
    except LiverCNNError as error:
        return ExamResult(work.plan, error=str(error), error_id=str(error.id))
    except Exception as error:  # our fault, but no reason to lose the other exams
        _logger.debug("Exam %s failed:", work.plan.name, exc_info=True)
        what = f"{type(error).__name__}: {error}; this is a fault of livercnn."
        return ExamResult(work.plan, error=what, error_id=ExamFault.id)
    return _collected(work, journal, recalled=not missing)


def _measure(
    work: _Work,
    missing: Sequence[tuple[Standardizer | None, Segmenter | None]],
    journal: LineJournal,
    masks: MaskFolder,
    store: Path,
    progress: Progress,
) -> None:
    steps = 1 + len(missing)
    began = time.process_time()
    exam, is_new = obtain(work.plan, store, part(progress, 0, steps, "scanning"))
    making_s = time.process_time() - began
    if is_new:
        masks.forget(work.plan.name)
    for standardizer in dict.fromkeys(unit[0] for unit in missing):
        users = [unit[1] for unit in missing if unit[0] is standardizer]
        done = 1 + missing.index((standardizer, users[0]))
        began = time.process_time()
        images = standardized_images(exam, standardizer, part(progress, done, steps, "standardizing"))
        standardizing_s = time.process_time() - began
        for number, segmenter in enumerate(users):
            began = time.process_time()
            said = _within(progress, done + number, steps, "")
            rows = _rows(exam, images, standardizer, segmenter, masks, said)
            seconds = {"measuring" if segmenter is None else "segmenting": time.process_time() - began}
            if segmenter is None:
                seconds["standardizing"] = standardizing_s
                if standardizer is None:
                    seconds["scanning"] = making_s
            entry = {"rows": rows, "seconds": {name: round(value, 3) for name, value in seconds.items()}}
            journal.add(work.key(standardizer, segmenter), entry)


def _rows(
    exam: Exam,
    images: Mapping[str, Any],
    standardizer: Standardizer | None,
    segmenter: Segmenter | None,
    masks: MaskFolder,
    progress: Progress,
) -> list[dict[str, Any]]:
    if segmenter is None:
        return image_rows(exam, images, standardizer)
    return mask_rows(exam, images, standardizer, segmenter, masks, progress)


def _collected(work: _Work, journal: LineJournal, *, recalled: bool) -> ExamResult:
    of_masks: list[dict[str, Any]] = []
    of_images: dict[str, tuple[dict[str, Any], ...]] = {}
    seconds: dict[str, float] = {}
    for standardizer, segmenter in work.units:
        entry = journal.entry(work.key(standardizer, segmenter))
        assert entry is not None
        for name, value in entry.get("seconds", {}).items():
            seconds[name] = seconds.get(name, 0.0) + float(value)
        if segmenter is None:
            of_images["" if standardizer is None else standardizer.name] = tuple(entry["rows"])
        else:
            of_masks.extend(entry["rows"])
    return ExamResult(work.plan, tuple(of_masks), of_images, seconds, recalled=recalled)


def _within(progress: Progress, number: int, count: int, name: str) -> Progress:
    """The progress of one of several equal parts; its messages keep their words, after the part's name."""
    head = f"{name}: " if name else ""
    return lambda fraction, message: progress((number + fraction) / count, f"{head}{message}")
