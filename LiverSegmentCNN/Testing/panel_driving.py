"""Volumes for tests of the panel, and what they do with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

MODULE = Path(__file__).resolve().parents[1] / "LiverSegmentCNN.py"
WITHIN_S = 200.0  # a busy machine is no failure
LIVER_LABEL = 6  # of make_abdomen


def small_abdomen() -> Any:
    """The synthetic abdomen, coarse: a second's work for the network."""
    from LiverStandardizeLib.simulation import make_abdomen

    return make_abdomen(0, size=(96, 96, 50), spacing_mm=(4.0, 4.0, 6.0))


def add_volume(image: Any, name: str = "CT") -> Any:
    """A volume node with a display, from a SimpleITK image."""
    import sitkUtils

    node = sitkUtils.PushVolumeToSlicer(image, name=name)
    node.CreateDefaultDisplayNodes()
    return node


def add_manual(volume: Any, name: str = "manual") -> tuple[Any, str, np.ndarray]:
    """A segmentation with a block drawn by somebody: node, segment ID, mask."""
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "drawn by hand")
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment_id = node.GetSegmentation().AddEmptySegment(name, name)
    mask = np.zeros_like(slicer.util.arrayFromVolume(volume), dtype=np.uint8)
    mask[10:20, 30:50, 20:45] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, segment_id, volume)
    return node, segment_id, mask.astype(bool)


def add_network_mask(volume: Any, mask: np.ndarray, components: Any = None) -> tuple[Any, str]:
    """A mask (zyx) in the scene as a run leaves it there, without a run: node, segment ID."""
    from LiverSegmentCNNLib.background import MaskBox
    from LiverSegmentCNNScene import segments

    node = segments.new_segmentation(volume, f"{volume.GetName()} liver")
    segment_id = segments.add_liver(node, "liver")
    segments.set_mask(node, segment_id, MaskBox.of(mask), volume)
    volume_ml = float(np.count_nonzero(mask) * np.prod(volume.GetSpacing()) / 1000)
    report = {
        "volume_ml": volume_ml,
        "components": components,
        "warnings": [],
        "timings_s": {"network": 1.0, "total": 2.0},
        "provenance": {"parameters": {"postprocess": True}},
    }
    segments.describe(node, segment_id, report)
    return node, segment_id


def mask_of(node: Any, segment_id: str, volume: Any) -> np.ndarray:
    """A segment's mask on the grid of a volume, zyx."""
    import slicer

    return slicer.util.arrayFromSegmentBinaryLabelmap(node, segment_id, volume) != 0


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Overlap, 0 to 1."""
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


def start(module: Any) -> None:
    """Click Apply."""
    ui = module.widget.ui
    ui.applyButton.click()
    assert ui.applyButton.text == "Cancel", ui.statusLabel.text or ui.reasonLabel.text


def wait(host: Any, module: Any) -> None:
    """Wait until the button says Apply again."""
    ui = module.widget.ui
    host.process_events(lambda: ui.applyButton.text == "Apply", WITHIN_S)
