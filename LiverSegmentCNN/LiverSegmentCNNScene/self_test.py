"""What the module's self-test works on."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer

from LiverSegmentCNNLib.background import MaskBox

from . import segments
from .working_copies import Mask

_REPORT = {"volume_ml": 0.06, "provenance": {"parameters": {"postprocess": True}}}


def network_mask() -> tuple[Mask, Any]:
    """A CNN mask of 60 voxels of 1 mm, and its volume; nothing was segmented for it."""
    values = np.zeros((10, 12, 14), dtype=np.int16)
    values[3:6, 4:8, 5:10] = 100
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    slicer.util.updateVolumeFromArray(volume, values)
    node = segments.new_segmentation(volume, "CT liver")
    mask = Mask(node, segments.add_liver(node, "liver"))
    segments.set_mask(node, mask.segment_id, MaskBox.of(values), volume)
    segments.describe(node, mask.segment_id, _REPORT)
    return mask, volume
