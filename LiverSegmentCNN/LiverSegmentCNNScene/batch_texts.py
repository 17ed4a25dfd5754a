"""What the batch section says: its sources, how far it is, how it ended."""

from __future__ import annotations

from collections import Counter

from slicer.i18n import tr as _

from LiverSegmentCNNLib.batch import CANCELLED, DONE, FAILED, NO_LIVER, NOT_RUN, SKIPPED, Batch
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
    if batch.current is None:
        return _("Looking for scans ...")
    values = {
        "number": len(batch.outcomes) + 1,
        "total": batch.total,
        "name": batch.current.name,
        "what": stage(batch.message),
    }
    left_s = batch.seconds_left()
    if left_s is None:
        return _("{number} of {total}, {name}: {what} ...").format(**values)
    if left_s < 90:
        values["left"] = _("{seconds} s").format(seconds=max(1, round(left_s)))
    else:
        values["left"] = _("{minutes} min").format(minutes=round(left_s / 60))
    return _("{number} of {total}, {name}: {what}; about {left} left for all").format(**values)


def ending(batch: Batch, why: str) -> str:
    """How a batch ended. why: a sentence, if the user did not end it."""
    counts = Counter(outcome.status for outcome in batch.outcomes)
    known = {
        DONE: _("{count} segmented"),
        NO_LIVER: _("{count} without a liver"),
        SKIPPED: _("{count} skipped, as their results were there"),
        FAILED: _("{count} failed"),
        CANCELLED: _("{count} cancelled"),
        NOT_RUN: _("{count} not begun"),
    }
    parts = [text.format(count=counts[status]) for status, text in known.items() if counts[status]]
    summary = _("{parts}.").format(parts=", ".join(parts)) if parts else ""
    return " ".join(text for text in (why, summary) if text)
