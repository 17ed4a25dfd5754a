"""What the section that corrects says."""

from __future__ import annotations

from slicer.i18n import tr as _

from .changes import Changes
from .working_copies import Mask


def mask(one: Mask) -> str:
    """Name of a mask in the box of masks."""
    return _("{segmentation}: {segment}").format(
        segmentation=one.node.GetName(), segment=one.segment.GetName()
    )


def changes(changed: Changes) -> str:
    """What was added and removed, and what the volume is now."""
    return _("{now:.0f} mL, before {before:.0f} mL: {added:.1f} mL added, {removed:.1f} mL removed").format(
        now=changed.now_ml, before=changed.before_ml, added=changed.added_ml, removed=changed.removed_ml
    )


def replaced(text: str) -> str:
    """The same, where another CNN mask has taken the place of the one that was copied."""
    return _(
        "{changes}. The CNN mask was replaced since this copy was made of it; Start again takes the new one."
    ).format(changes=text)


def time_spent(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, left = divmod(int(seconds), 60)
    return _("{minutes} min {seconds:02d} s").format(minutes=minutes, seconds=left)
