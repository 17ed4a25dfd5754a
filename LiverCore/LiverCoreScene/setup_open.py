"""The way to Liver Set-up from the other panels."""

from __future__ import annotations

import slicer

MODULE = "LiverCore"


def open_set_up() -> None:
    """Open the module Liver Set-up, as choosing it in the toolbar does."""
    slicer.util.selectModule(MODULE)
