"""Letters of names that the fonts of this machine cannot draw."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from .drawing import listed
from .style import fonts

if TYPE_CHECKING:
    from ..cohort.rows import Cohort

_MOST = 10


def letters_warning(cohort: Cohort) -> tuple[str, ...]:
    """A warning where figures show boxes in place of letters; the page itself uses the reader's fonts."""
    letters = sorted(set("".join(_names(cohort))) - set(string.whitespace) - _drawable())
    if not letters:
        return ()
    return (
        f"No font of this machine has the letters {listed(letters, _MOST)}: figures show boxes in their "
        "place, tables and captions are whole.",
    )


def _names(cohort: Cohort) -> set[str]:
    """All names that figures show."""
    names: set[str] = set()
    for row in cohort.rows:
        names.update((row.observer, row.method, row.protocol, row.stage, row.reference))
        names.update(row.regions or ())
    return names


def _drawable() -> set[str]:
    from matplotlib import font_manager

    paths = [font_manager.findfont(name) for name in fonts()]
    return {chr(code) for path in paths for code in font_manager.get_font(path).get_charmap()}
