"""What the panel says: entries of its boxes, what was seen of the input, progress, endings, results."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene import progress_text
from LiverCoreScene.standardized import is_standardized, source_of
from LiverStandardizeLib.protocol.detection import UNCERTAIN, ProtocolDetection
from LiverStandardizeLib.protocol.evidence import GIVEN
from LiverStandardizeLib.protocol.names import MEANINGS, PROTOCOLS

from .look import Look

_MOST_EVIDENCE = 2


def protocols(detected: ProtocolDetection | None) -> list:
    """Keys and texts of the protocols; the empty key goes by what is detected."""
    first = _("As detected")
    if detected is not None:
        # What it can be does not fit into a box; checks and evidence say it.
        name = _("not certain") if detected.status == UNCERTAIN else detected.name
        first = _("As detected: {name}").format(name=name)
    return [("", first), *((one, f"{one}: {MEANINGS[one]}") for one in PROTOCOLS)]


def evidence(seen: Look) -> str:
    """The strongest of what speaks for the protocol, and how much it counts."""
    answer = seen.answer
    if answer is None:
        return ""
    level = _("Confidence {confidence:.2f}: {meaning}.").format(
        confidence=answer.confidence, meaning=answer.confidence_meaning
    )
    found = [str(one) for one in answer.evidence if one.confidence < GIVEN]
    return "\n".join([level, *found[:_MOST_EVIDENCE]])


def all_evidence(seen: Look) -> str:
    """All of it, as a tooltip."""
    if seen.answer is None:
        return ""
    found = [escape(str(one)) for one in seen.answer.evidence]
    against = [escape(str(one)) for one in seen.answer.conflicts]
    head = _("What was found ({origin}), the strongest first:").format(origin=seen.answer.origin)
    lines = [escape(head), *(found or [escape(_("nothing"))])]
    if against:
        lines += ["", escape(_("Against it:")), *against]
    return "<br/>".join(lines)


def checks(volume: Any, seen: Look | None) -> str:
    """What was looked at before Apply."""
    columns, rows, slices = volume.GetImageData().GetDimensions()
    width_mm, height_mm, step_mm = volume.GetSpacing()
    grid = _(
        "{columns} x {rows} x {slices} voxels of {width:.2f} x {height:.2f} x {step:.2f} mm"
    ).format(columns=columns, rows=rows, slices=slices, width=width_mm, height=height_mm, step=step_mm)
    if seen is None:
        return grid
    return "\n".join([grid, *(_items(seen.warnings) or [_("Nothing unusual was found.")])])


def passes(volume: Any, target: str) -> str:
    """Why Apply waits for a volume that is of the target protocol already."""
    text = _("{name} is {target} already and needs no standardization; tick Standardize again to have it.")
    return text.format(name=volume.GetName(), target=target)


def stage(message: str) -> str:
    """What the worker says it does, in the user's language; what is not known here stays as it is."""
    return known_stages().get(message, message[:1].upper() + message[1:])


def known_stages() -> dict:
    """What the worker may say it does, and that in the user's language."""
    return {
        "looking at the volume": _("Looking at the volume"),
        "handing over the input": _("Handing over the image"),
        "waiting for other work to end": _("Waiting for other work to end"),
        "starting the worker": _("Starting the worker"),
        "standardizing": _("Standardizing"),
        "reading the headers": _("Reading the headers"),
        "reading the image": _("Reading the image"),
        "choosing the processor": _("Choosing the processor"),
        "loading the model": _("Loading the model"),
        "checking the image": _("Checking the image"),
        "recognizing the protocol": _("Recognizing the protocol"),
        "running the network": _("Running the network"),
        "making the image": _("Making the image"),
        "measuring the quality": _("Measuring the quality"),
        "writing the image": _("Writing the image"),
        "taking over the result": _("Taking over the image"),
    }


def progress(run: Any) -> str:
    """What is being done, and how long it is going to take."""
    return progress_text.progress(stage(run.message), run.seconds_left())


def ending(run: Any) -> str:
    """How a run ended."""
    if run.error is not None:
        return str(run.error)
    return _("Done: {name}.").format(name=run.outcome.node.GetName())


def result_name(result: Any) -> str:
    """Which volume a result is, and of which one it was made."""
    source = source_of(result)
    if source is None:
        return _("{name}. The volume that it was made of was removed.").format(name=result.GetName())
    if is_standardized(source):
        return _("{name}, made of {source}, which was standardized before").format(
            name=result.GetName(), source=source.GetName()
        )
    return _("{name}, made of {source}").format(name=result.GetName(), source=source.GetName())


def result_protocols(report: dict) -> str:
    """From which protocol to which."""
    if report["passed_through"]:
        return _("{target}; passed through as it was").format(target=report["target_protocol"])
    return _("{protocol} to {target}").format(
        protocol=report["detection"]["name"], target=report["target_protocol"]
    )


def result_time(report: dict) -> str:
    """How long it took."""
    return _("{total:.1f} s (network {network:.1f} s)").format(
        total=report["waited_s"], network=report["timings_s"]["network"]
    )


def warnings(report: dict) -> str:
    """What to look at before the result is used."""
    return "\n".join(_items(report["warnings"])) or _("none")


def _items(sentences: Sequence[str]) -> list:
    """Sentences as the items of a list; one alone is none."""
    if len(sentences) < 2:
        return list(sentences)
    return [f"\N{BULLET} {sentence}" for sentence in sentences]
