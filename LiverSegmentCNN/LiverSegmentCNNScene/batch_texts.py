"""What the batch section says: its sources, how far it is, how it ended."""

from __future__ import annotations

from slicer.i18n import tr as _

from LiverCoreLib.case_queue import CANCELLED, DONE, FAILED, NOT_RUN, SKIPPED
from LiverCoreScene import case_texts
from LiverSegmentCNNLib.batch import NO_LIVER, Batch
from LiverSegmentCNNLib.options import SegmentOptions

from .panel_texts import stage


def sources() -> list:
    """Keys and texts of what can be segmented."""
    return [("scene", _("All CT volumes of the scene")), ("folder", _("All scans of a folder"))]


def options(chosen: SegmentOptions, default_model: str | None) -> str:
    """How the cases are going to be segmented."""
    threshold = (
        _("the model's threshold")
        if chosen.threshold is None
        else _("threshold {threshold:.2f}").format(threshold=chosen.threshold)
    )
    parts = _("the largest part kept") if chosen.postprocess else _("all parts kept")
    return _("As set above: model {model}, {threshold}, {parts}.").format(
        model=chosen.model or default_model or _("none"), threshold=threshold, parts=parts
    )


def progress(batch: Batch) -> str:
    """What is being done, and how long it is going to take."""
    return _("Looking for scans ...") if batch.current is None else case_texts.progress(batch, stage)


def ending(batch: Batch, why: str) -> str:
    """How a batch ended. why: a sentence, if the user did not end it."""
    known = {
        DONE: _("{count} segmented"),
        NO_LIVER: _("{count} without a liver"),
        SKIPPED: _("{count} skipped, as their results were there"),
        FAILED: _("{count} failed"),
        CANCELLED: _("{count} cancelled"),
        NOT_RUN: _("{count} not begun"),
    }
    return case_texts.ending(batch, known, why)
