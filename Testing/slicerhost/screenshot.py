"""Pictures of panels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6 import QtWidgets


def save_panel(panel: Any, path: str | Path, width: int = 400, height: int | None = None) -> None:
    """Write a panel as PNG.

    Args:
        panel: The Qt widget.
        path: Where to.
        width: In pixels; Slicer's module panel has 400 to 600 on most screens.
        height: In pixels; None is as much as the contents need at this width.
    """
    panel.show()
    panel.resize(width, height or panel.height)
    for _ in range(3):  # labels that wrap tell their height only once they know their width
        QtWidgets.QApplication.processEvents()
        if height is None:
            layout = panel.layout()
            wanted = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else 0
            panel.resize(width, max(wanted, panel.minimumSizeHint().height()))
    panel.grab().save(str(path))


def overflow(panel: Any, width: int) -> int:
    """By how many pixels the contents of a panel are wider than a width; 0 if they fit."""
    return max(0, panel.minimumSizeHint().width() - width)
