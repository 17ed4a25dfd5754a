"""What Compare says: entries of its boxes, progress, titles of its table, notes."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene import progress_text
from LiverMetricsLib.comparison_table import ComparedPair
from LiverMetricsLib.definitions import FAMILIES, SURFACE

from .mask_run import MaskRun


def families() -> list:
    """Keys, names and definitions of the surface families."""
    names = {"voxel": _("Voxel centres"), "surfel": _("Surfels (area-weighted)"), "mesh": _("Mesh")}
    return [(key, names[key], SURFACE[key]) for key in FAMILIES]


def short_titles() -> dict:
    """Titles for the narrow table of the panel; the whole ones are in the tooltips."""
    return {
        "dice": _("Dice"),
        "surface_dice": _("Surface\nDice"),
        "volume_test_ml": _("Volume\n(mL)"),
        "volume_reference_ml": _("Reference\n(mL)"),
        "volume_difference_ml": _("\u0394V\n(mL)"),
        "volume_difference_percent": _("\u0394V\n(%)"),
        "volume_ratio": _("Volume\nratio"),
        "msd_mm": _("MSD\n(mm)"),
        "hd95_mm": _("HD95\n(mm)"),
        "hd_mm": _("HD\n(mm)"),
        "masd_mm": _("MASD\n(mm)"),
        "rmsd_mm": _("RMSD\n(mm)"),
        "msd_test_to_reference_mm": _("MSD test\nto ref. (mm)"),
        "msd_reference_to_test_mm": _("MSD ref.\nto test (mm)"),
        "hd95_pooled_mm": _("HD95 pooled\n(mm)"),
    }


def known_stages() -> dict:
    """What the run and its worker may say they do, and that in the user's language."""
    return {
        "taking over the masks": _("Taking over the masks"),
        "handing over the input": _("Handing over the masks"),
        "waiting for other work to end": _("Waiting for other work to end"),
        "starting the worker": _("Starting the worker"),
        "comparing the segments": _("Comparing the segments"),
        "measuring where the segments differ": _("Measuring where the segments differ"),
        "taking over the result": _("Taking over the result"),
    }


def progress(run: MaskRun) -> str:
    """What is being done, and how long it is going to take."""
    what = known_stages().get(run.message, run.message.capitalize())
    return progress_text.progress(what, run.seconds_left())


def notes(pairs: Any, changed: Any = ()) -> str:
    """What to know about the numbers of a comparison. changed: the masks that are other ones by now."""
    found = [note for pair in pairs for note in _notes_of(pair)]
    if changed:
        names = ", ".join(mask.name for mask in changed)
        stale = _("Changed or moved since it was compared: {names}. Compare again.")
        found.insert(0, stale.format(names=names))
    return "\n".join(found)


def _notes_of(pair: ComparedPair) -> list:
    found = pair.comparison
    if found.status == "ok":
        return [_("{name}: {warning}").format(name=pair.mask, warning=warning) for warning in found.warnings]
    empty = {
        "test-empty": _("{test} is empty: Dice is 0 and distances are infinite."),
        "reference-empty": _("The reference {reference} is empty: Dice is 0 and distances are infinite."),
        "both-empty": _("{test} and the reference {reference} are empty: there is nothing to measure."),
    }[found.status]
    return [empty.format(test=pair.mask, reference=pair.reference)]
