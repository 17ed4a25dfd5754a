"""What the panel says: entries of its boxes, progress, endings, results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slicer.i18n import tr as _

from LiverSegmentCNNLib.background import BackgroundSegmentation

LEAST_SHOWN_ML = 0.05  # less would be shown as 0.0 mL


@dataclass(frozen=True)
class ResultTexts:
    """The lines of the result."""

    volume: str
    removed: str
    warnings: str
    time: str


def devices() -> list:
    """Keys and texts of the devices."""
    return [("auto", _("Automatic")), ("cpu", _("Processor (CPU)")), ("cuda", _("Graphics card (CUDA)"))]


def models(default_id: str | None, installed: tuple) -> list:
    """Keys and texts of the models; the empty key is the default one."""
    default = _("Default ({model})").format(model=default_id) if default_id else _("Default")
    return [("", default), *((one.id, one.name) for one in installed)]


def segments(node: Any) -> list:
    """Keys and texts of the segments that may be replaced; the empty key adds one."""
    entries = [("", _("New segment"))]
    if node is not None:
        segmentation = node.GetSegmentation()
        for segment_id in segmentation.GetSegmentIDs():
            name = segmentation.GetSegment(segment_id).GetName()
            entries.append((segment_id, _("Replace {name}").format(name=name)))
    return entries


def progress(work: BackgroundSegmentation) -> str:
    """What is being done, and how long it is going to take."""
    left_s = work.seconds_left()
    if left_s is None:
        return _("{what} ...").format(what=work.message.capitalize())
    what, seconds = work.message.capitalize(), max(1, round(left_s))
    return _("{what}, about {seconds} s left").format(what=what, seconds=seconds)


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
