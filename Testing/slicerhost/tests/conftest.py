"""The host's fixtures, and a volume to work on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PROBE = Path(__file__).parent / "HostProbe" / "HostProbe.py"


@pytest.fixture
def probe(host: Any) -> Any:
    """The panel of the small module, loaded."""
    return host.load(PROBE)


@pytest.fixture
def add_volume(host: Any) -> Callable[..., Any]:
    """Makes a volume with a bright ball of 30 mm radius around the origin of patient space."""

    def add(name: str = "CT") -> Any:
        import slicer

        spacing_mm = np.array([2.0, 2.0, 4.0])
        size = np.array([50, 50, 25])
        origin = -spacing_mm * (size - 1) / 2
        axes = [origin[axis] + spacing_mm[axis] * np.arange(size[axis]) for axis in range(3)]
        x, y, z = np.meshgrid(*axes, indexing="ij")
        ball = np.sqrt(x**2 + y**2 + z**2) < 30
        hu = np.where(ball, 100, -50).astype(np.int16).transpose(2, 1, 0)
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
        volume.SetSpacing(*spacing_mm)
        volume.SetOrigin(*origin)
        slicer.util.updateVolumeFromArray(volume, hu)
        volume.CreateDefaultDisplayNodes()
        return volume

    return add
