"""What a study measured of one kind of exams, arranged for tables, sentences and figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .exam_measures import TARGET_MASK, TRUTH, Segmenter
from .exam_run import ExamResult
from .exams import PROTOCOLS, TARGET
from .standardizers import ORIGINAL, Standardizer, stage_of

if TYPE_CHECKING:
    from LiverMetricsLib.cohort import Analysis, Cohort

CHANGED = tuple(name for name in PROTOCOLS if name != TARGET)
"""The protocols that are standardized."""


@dataclass(frozen=True)
class KindResults:
    """Results of exams of one kind, with what segmented and standardized them."""

    kind: str
    results: tuple[ExamResult, ...]
    segmenters: tuple[Segmenter, ...]
    standardizers: tuple[Standardizer, ...]

    @property
    def id(self) -> str:
        """The kind as a name of files."""
        return self.kind.lower().replace(" ", "-")

    @property
    def done(self) -> tuple[ExamResult, ...]:
        """Exams that could be measured."""
        return tuple(result for result in self.results if not result.error)

    @property
    def failed(self) -> tuple[ExamResult, ...]:
        """Exams that could not."""
        return tuple(result for result in self.results if result.error)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Rows of the cohort table, of all exams."""
        return [row for result in self.done for row in result.mask_rows]

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Those there are: the mask of the target protocol, the true liver."""
        found = {row["reference"] for row in self.rows}
        return tuple(name for name in (TARGET_MASK, TRUTH) if name in found)

    def cohort(self, reference: str) -> Cohort:
        """The rows against one reference, for LiverMetricsLib."""
        from LiverMetricsLib import cohort_from_rows

        rows = [row for row in self.rows if row["reference"] == reference]
        return cohort_from_rows(rows, f"{self.kind}, against the {reference}")

    @cached_property
    def analyses(self) -> dict[str, Analysis]:
        """Reference to all tables and pairs of volumes."""
        from LiverMetricsLib import analyse

        return {reference: analyse(self.cohort(reference)) for reference in self.references}

    def values(
        self, measure: str, method: str, protocol: str, stage: str, reference: str
    ) -> dict[str, float]:
        """Case to value of a measure of masks; empty where there is none."""
        wanted = (method, protocol, stage, reference)
        return {
            row["case"]: float(row[measure])
            for row in self.rows
            if (row["method"], row["protocol"], row["stage"], row["reference"]) == wanted
        }

    def image_values(self, measure: str, protocol: str, standardizer: str = "") -> dict[str, float]:
        """Case to value of a measure of images; standardizer "" is the original."""
        found = {}
        for result in self.done:
            for row in result.image_rows.get(standardizer, ()):
                if row["protocol"] == protocol and row.get(measure) is not None:
                    found[result.plan.name] = row[measure]
        return found

    def mean_dice(
        self, method: str, protocol: str, standardizer: Standardizer | None, reference: str
    ) -> float:
        """Mean over the exams; NaN where there is none."""
        return mean(self.values("dice", method, protocol, stage_of(standardizer), reference).values())

    def networks(self) -> tuple[Standardizer, ...]:
        """The standardizers that are no controls."""
        return tuple(one for one in self.standardizers if not one.is_simple)

    def controls(self) -> tuple[Standardizer | None, ...]:
        """What a network has to beat: nothing at all (None), and the simple rules."""
        return (None, *(one for one in self.standardizers if one.is_simple))


def name_of(standardizer: Standardizer | None) -> str:
    """For readers."""
    return "no standardization" if standardizer is None else standardizer.name


def stage_name(stage: str) -> str:
    """The standardizer of a stage, or "original"."""
    return ORIGINAL if stage == ORIGINAL else stage.partition(": ")[2]


def mean(values: Sequence[float] | Any) -> float:
    """The mean of finite values; NaN of none."""
    finite = [float(value) for value in values if math.isfinite(value)]
    return float(np.mean(finite)) if finite else math.nan
