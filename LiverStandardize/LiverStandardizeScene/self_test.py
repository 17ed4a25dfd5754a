"""What the module's self-test works on."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from LiverCoreScene.voxel_images import vtk_image

from .result_node import land

_REPORT = {
    "protocol": "FBP",
    "target_protocol": "M80",
    "detection": {"name": "FBP"},
    "passed_through": False,
    "warnings": [],
    "timings_s": {"network": 0.0, "total": 0.0},
    "waited_s": 0.0,
    "provenance": {"model": {"id": "none"}, "parameters": {"hu_offset": 0.0}},
}


def standardized_volume(change_hu: int) -> Any:
    """A volume as a worker would have made it, and its input, called CT; nothing was standardized for it."""
    values = np.random.default_rng(0).integers(-100, 100, (8, 16, 16)).astype(np.int16)
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    slicer.util.updateVolumeFromArray(volume, values)
    return land(vtk_image((values + change_hu).astype(np.int16)), volume, _REPORT)
