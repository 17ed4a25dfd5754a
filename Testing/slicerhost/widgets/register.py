"""Makes the stand-ins known: ``ctk.ctk*`` and ``slicer.q*``."""

from __future__ import annotations

import sys
import types

import slicer

from slicerhost.pythonqt.native import STAND_INS
from slicerhost.pythonqt.qt_classes import handle
from slicerhost.widgets import (  # noqa: F401 - importing a file registers its widgets
    ctk_collapsible_button,
    ctk_paths,
    ctk_sliders,
    node_combo_box,
    scene_widget,
    segment_editor,
    segment_selector,
    segments_table,
    table_view,
)


def install() -> None:
    """Put every stand-in where scripts look for it."""
    ctk = types.ModuleType("ctk", "Stand-ins for CTK's widgets.")
    for name, cls in STAND_INS.items():
        setattr(ctk if name.startswith("ctk") else slicer, name, handle(cls))
    sys.modules["ctk"] = ctk
