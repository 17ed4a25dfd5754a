"""Training scans on the training device, sampled on the network's grid with or without augmentation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from livercnn_training.augment_geometry import Placement
from livercnn_training.data.pack import PackedCase, level_values

AIR_HU = -1000.0


@dataclass(frozen=True)
class Scan:
    """A case on the device, (z, y, x), float16, smoothed for the target spacing: HU, and liver fraction.

    A smoothed label keeps the boundary's place to a fraction of a voxel: at 3 mm it restores to a Dice
    similarity coefficient above .99 with the label it came from.
    """

    name: str
    hu: torch.Tensor
    liver: torch.Tensor
    spacing_mm: tuple[float, float, float]
    liver_points_mm: torch.Tensor  # (n, 3) z, y, x: centres of some liver voxels, on the CPU

    @property
    def extent_mm(self) -> tuple[float, float, float]:
        z, y, x = (n * s for n, s in zip(self.hu.shape, self.spacing_mm))
        return z, y, x


def anti_alias_sigma_mm(source_mm: float, target_mm: float) -> float:
    """Return the Gaussian's sigma that inference applies before resampling (see DESIGN 4, resampling.py)."""
    return 0.5 * math.sqrt(max(0.0, (target_mm / source_mm) ** 2 - 1.0)) * source_mm


def smooth(volume: torch.Tensor, sigma_voxels: Sequence[float]) -> torch.Tensor:
    """Return a volume (Z, Y, X) smoothed by a separable Gaussian, edges replicated."""
    x = volume[None, None].float()
    for axis, sigma in enumerate(sigma_voxels):
        if sigma < 0.1:
            continue
        radius = int(math.ceil(4 * sigma))
        offsets = torch.arange(-radius, radius + 1, dtype=torch.float32, device=volume.device)
        kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
        shape = [1, 1, 1, 1, 1]
        shape[axis + 2] = 2 * radius + 1
        padding = [0] * 6
        padding[2 * (2 - axis)] = padding[2 * (2 - axis) + 1] = radius
        x = F.conv3d(F.pad(x, padding, mode="replicate"), (kernel / kernel.sum()).view(shape))
    return x[0, 0]


def load_scan(case: PackedCase, target_mm: float, device: torch.device) -> Scan:
    """Put a packed case on the device, smoothed for the target spacing."""
    table = torch.from_numpy(level_values()).to(device)
    levels = torch.from_numpy(case.levels.copy()).to(device)
    hu = torch.cat([table[part.int()] for part in levels.split(32)])
    sigma = [anti_alias_sigma_mm(s, target_mm) / s for s in case.spacing_mm]
    hu = smooth(hu, sigma).half()
    liver = smooth(torch.from_numpy(case.liver.astype(np.float32)).to(device), sigma).half()
    points = np.argwhere(case.liver)
    centres = points[:: max(1, len(points) // 4000)] + 0.5
    return Scan(
        case.name,
        hu,
        liver,
        case.spacing_mm,
        torch.from_numpy(centres * np.array(case.spacing_mm)).float(),
    )


def sample(scan: Scan, placement: Placement) -> tuple[torch.Tensor, torch.Tensor]:
    """Return HU and liver fraction, float32 (Z, Y, X), where the placement's grid lies in the scan.

    What lies outside the scan is air and not liver.
    """
    points = placement.points_mm(scan.hu.device)
    spacing = points.new_tensor(scan.spacing_mm)
    index = points / spacing - 0.5
    flat = index.view(-1, 3)
    low = flat.amin(0).floor().clamp(min=0).int().tolist()
    high = (flat.amax(0).ceil() + 2).int().tolist()
    box = tuple(slice(min(a, n), max(min(b, n), min(a, n))) for a, b, n in zip(low, high, scan.hu.shape))
    shape = index.shape[:3]
    if any(part.stop - part.start < 2 for part in box):
        return torch.full(shape, AIR_HU, device=scan.hu.device), torch.zeros(shape, device=scan.hu.device)
    pair = torch.stack([scan.hu[box].float() - AIR_HU, scan.liver[box].float()])
    size = index.new_tensor([part.stop - part.start for part in box])
    start = index.new_tensor([part.start for part in box])
    grid = ((index - start + 0.5) / size * 2 - 1).flip(-1)
    values = F.grid_sample(pair[None], grid[None], mode="bilinear", padding_mode="zeros", align_corners=False)
    return values[0, 0] + AIR_HU, values[0, 1]


def whole_placement(scan: Scan, spacing_mm: float) -> Placement:
    """Return the plain grid that covers a whole scan at the target spacing."""
    size = tuple(int(math.ceil(e / spacing_mm)) for e in scan.extent_mm)
    centre = tuple(n * spacing_mm / 2 for n in size)
    return Placement(size, spacing_mm, centre)  # type: ignore[arg-type]


def load_scans(
    cases: list[PackedCase], target_mm: float, device: torch.device, names: Sequence[str] | None = None
) -> list[Scan]:
    """Put the cases (all, or those named) on the device."""
    return [load_scan(case, target_mm, device) for case in cases if names is None or case.name in names]
