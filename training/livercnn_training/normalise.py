"""From HU on the network's grid to the network's input: median filter, window, scale."""

from __future__ import annotations

import torch

from livercnn_training.config import InputContract
from LiverSegmentCNNLib.median import median3


def normalise(hu: torch.Tensor, contract: InputContract) -> torch.Tensor:
    """Return the normalised volume (Z, Y, X), float32."""
    if contract.median_filter_voxels == 3:
        hu = median3(hu)
    return (hu.clamp(*contract.hu_window) - contract.offset_hu) / contract.scale_hu
