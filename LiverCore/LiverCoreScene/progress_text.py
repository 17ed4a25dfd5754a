"""What is said about work under way."""

from __future__ import annotations

from slicer.i18n import tr as _


def progress(what: str, left_s: float | None) -> str:
    """What is being done, and about how long it is going to take.

    left_s: seconds; None while that is anybody's guess.
    """
    if left_s is None:
        return _("{what} ...").format(what=what)
    return _("{what}, about {seconds} s left").format(what=what, seconds=max(1, round(left_s)))
