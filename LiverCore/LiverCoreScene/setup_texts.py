"""What the worker says while it works for Liver Set-up, in the user's language."""

from __future__ import annotations

from slicer.i18n import tr as _


def stage(message: str) -> str:
    """What the worker says it does; pip's lines and counts of bytes stay as they are."""
    return known_stages().get(message, message[:1].upper() + message[1:])


def known_stages() -> dict:
    """What the worker may say it does, and that in the user's language."""
    return {
        "starting the worker": _("Starting the worker"),
        "taking over the result": _("Taking over the result"),
        "drawing the synthetic abdomen": _("Drawing the synthetic abdomen"),
        "writing the volume": _("Writing the volume"),
        "loading PyTorch": _("Loading PyTorch"),
        "loading the default model": _("Loading the default model"),
        "segmenting a synthetic abdomen": _("Segmenting a synthetic abdomen"),
        "checking and copying the model": _("Checking and copying the model"),
        "checking and packing the model": _("Checking and packing the model"),
        "comparing size and checksum of each file": _("Comparing size and checksum of each file"),
        "computing the stored example and comparing the outputs": _(
            "Computing the stored example and comparing the outputs"
        ),
        "removing the model": _("Removing the model"),
        "checking the file that is there": _("Checking the file that is there"),
        "starting pip": _("Starting pip"),
    }
