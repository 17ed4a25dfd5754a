"""Slice and 3D views show the volume and the segmentation; panels can be pictured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RED, GREEN, BLUE = 0, 1, 2


@pytest.fixture
def segmented(host: Any, probe: Any, add_volume: Callable[..., Any]) -> Any:
    """A volume and its segmentation, shown."""
    ui, volume = probe.widget.ui, add_volume()
    ui.inputSelector.setCurrentNode(volume)
    host.show_volume(volume)
    ui.applyButton.click()
    return ui.segmentSelector.currentNode()


@pytest.mark.parametrize("name", ["Red", "Yellow", "Green"])
def test_a_slice_shows_the_segment_in_its_colour(host: Any, segmented: Any, name: str) -> None:
    view = host.slice_view(name)
    shown = view.pixels().astype(int)
    middle = shown[180:220, 180:220].reshape(-1, 3).mean(axis=0)
    assert middle[RED] > middle[GREEN] + 15
    segmented.GetDisplayNode().SetVisibility(False)
    hidden = view.pixels().astype(int)
    grey = np.ptp(hidden, axis=-1).max()
    assert grey == 0, "without the segment the slice is grey"


def test_the_3d_view_shows_the_surface(host: Any, segmented: Any) -> None:
    view = host.view_3d()
    view.fit()
    empty = view.pixels().astype(int)
    segmented.CreateClosedSurfaceRepresentation()
    view.fit()
    shown = view.pixels().astype(int)
    changed = np.abs(shown - empty).max(axis=-1) > 20
    assert changed[180:220, 180:220].all()


@pytest.mark.parametrize("width", [400, 600])
def test_a_panel_is_pictured_at_its_width(probe: Any, tmp_path: Path, width: int) -> None:
    from PySide6 import QtGui

    from slicerhost.screenshot import overflow, save_panel

    save_panel(probe.panel, tmp_path / "panel.png", width)
    picture = QtGui.QImage(str(tmp_path / "panel.png"))
    assert picture.width() == width
    assert overflow(probe.panel, width) == 0
    assert overflow(probe.panel, 100) > 0
