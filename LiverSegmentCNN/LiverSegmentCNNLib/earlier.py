"""What an earlier batch left of a scan."""

from __future__ import annotations

import json
from pathlib import Path

from LiverCoreLib.case_queue import SKIPPED

from .batch import CaseOutcome


def earlier_outcome(name: str, mask: Path, report: Path) -> CaseOutcome | None:
    """The outcome of a scan whose mask is there, with the numbers of its report if that can be read."""
    if not mask.exists():
        return None
    try:
        content = json.loads(report.read_text(encoding="ascii"))
        return CaseOutcome.reported(name, SKIPPED, content, None, str(mask))
    except (OSError, ValueError, KeyError, TypeError):  # no report of ours: the mask stays all the same
        return CaseOutcome(name, SKIPPED, mask=str(mask))
