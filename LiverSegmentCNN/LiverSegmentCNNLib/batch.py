"""Many segmentations, one after the other, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from LiverCoreLib.case_queue import DONE, CaseQueue, Outcome

NO_LIVER = "no-liver"
"""Status of a case that was segmented, and in which no liver was found."""


@dataclass(frozen=True)
class CaseOutcome(Outcome):
    """What became of a case. mask: where it is, a path or the name of a node."""

    volume_ml: float | None = None
    removed_ml: float | None = None
    mask: str = ""

    @classmethod
    def segmented(cls, case: str, report: dict[str, Any], seconds: float, mask: str) -> CaseOutcome:
        """The outcome of a segmentation that came to its end, from its report."""
        return cls.reported(case, DONE if report["volume_ml"] > 0 else NO_LIVER, report, seconds, mask)

    @classmethod
    def reported(
        cls, case: str, status: str, report: dict[str, Any], seconds: float | None, mask: str
    ) -> CaseOutcome:
        """An outcome with the numbers of a report."""
        components = report["components"]
        return cls(
            case,
            status,
            volume_ml=report["volume_ml"],
            removed_ml=None if components is None else components["removed_ml"],
            seconds=seconds,
            mask=mask,
            warnings=tuple(report["warnings"]),
        )


class Batch(CaseQueue):
    """Segmentations under way; its outcomes are CaseOutcomes."""

    OUTCOME = CaseOutcome
