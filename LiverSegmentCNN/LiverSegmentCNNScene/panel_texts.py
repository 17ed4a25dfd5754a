"""What the panel says: entries of its boxes, progress, endings, results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene import progress_text

from .replaced import GONE, RESTORED, RESTORED_OVER_EDITS
from .working_copies import Mask

LEAST_SHOWN_ML = 0.05  # less would be shown as 0.0 mL


@dataclass(frozen=True)
class ResultTexts:
    """The lines of the result."""

    volume: str
    removed: str
    warnings: str
    time: str


def segments(node: Any) -> list:
    """Keys and texts of the segments that may be replaced; the empty key adds one."""
    entries = [("", _("New segment"))]
    if node is not None:
        segmentation = node.GetSegmentation()
        for segment_id in segmentation.GetSegmentIDs():
            name = segmentation.GetSegment(segment_id).GetName()
            entries.append((segment_id, _("Replace {name}").format(name=name)))
    return entries


def stage(message: str) -> str:
    """What the worker says it does, in the user's language; what is not known here stays as it is."""
    return known_stages().get(message, message.capitalize())


def known_stages() -> dict:
    """What the worker may say it does, and that in the user's language."""
    return {
        "handing over the input": _("Handing over the image"),
        "waiting for other work to end": _("Waiting for other work to end"),
        "starting the worker": _("Starting the worker"),
        "reading the image": _("Reading the image"),
        "segmenting the liver": _("Segmenting the liver"),
        "choosing the processor": _("Choosing the processor"),
        "loading the model": _("Loading the model"),
        "checking the image": _("Checking the image"),
        "preparing the image": _("Preparing the image"),
        "running the network": _("Running the network"),
        "back to the image's grid": _("Bringing the mask to the image's grid"),
        "keeping the liver": _("Keeping the liver"),
        "writing the mask": _("Writing the mask"),
        "taking over the result": _("Taking over the mask"),
    }


def progress(run: Any) -> str:
    """What is being done, and how long it is going to take."""
    return progress_text.progress(stage(run.message), run.seconds_left())


def ending(run: Any) -> str:
    """How a run ended."""
    if run.error is not None:
        return str(run.error)
    if run.outcome.node is None:
        return " ".join(run.outcome.report["warnings"]) or _("No liver was found.")
    return _("Done: {name}.").format(name=run.outcome.node.GetName())


def result(report: dict) -> ResultTexts:
    """The lines of a result, from its report."""
    network_s, waited_s = report["timings_s"]["network"], report.get("waited_s", report["timings_s"]["total"])
    return ResultTexts(
        volume=_("{volume:.0f} mL").format(volume=report["volume_ml"]),
        removed=_removed(report["components"]),
        warnings="\n".join(report["warnings"]) or _("none"),
        time=_("{total:.1f} s (network {network:.1f} s)").format(total=waited_s, network=network_s),
    )


def mask(one: Mask, edited_ml: float | None) -> str:
    """Which mask a result is of, and that it is another one by now. edited_ml: its volume then, or None."""
    name = _("{segmentation}: {segment}").format(
        segmentation=one.node.GetName(), segment=one.segment.GetName()
    )
    if edited_ml is None:
        return name
    return _("{name}. It was edited since and has {volume:.0f} mL now; below is what the CNN gave.").format(
        name=name, volume=edited_ml
    )


def undone(how: str) -> str:
    """What came of taking a replacement back."""
    return {
        GONE: _("The segment is gone."),
        RESTORED: _("The mask from before is back."),
        RESTORED_OVER_EDITS: _("The mask from before is back; what was edited in the segment since is gone."),
    }[how]


def island(part: dict) -> str:
    """The largest part that was removed."""
    text = (
        _("The largest removed part: {volume:.1f} mL, hung on the liver by a thin bridge.")
        if part["attached"]
        else _("The largest removed part: {volume:.1f} mL, apart from the liver.")
    )
    return text.format(volume=part["volume_ml"])


def _removed(components: dict | None) -> str:
    if components is None:
        return _("not asked for")
    parts = components["removed"]
    if not parts:
        specks = _("{volume:.1f} mL in specks").format(volume=components["removed_ml"])
        return specks if components["removed_ml"] >= LEAST_SHOWN_ML else _("nothing")
    return _("{volume:.1f} mL in {count} parts, the largest {largest:.1f} mL").format(
        volume=components["removed_ml"], count=len(parts), largest=max(part["volume_ml"] for part in parts)
    )
