"""Where a training window lies in a scan: rotation, scale, flips and elastic deformation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from livercnn_training.config import Augmentation


@dataclass(frozen=True)
class Placement:
    """A grid of ``size`` voxels (z, y, x) in a scan, centred at ``centre_mm``.

    ``matrix`` (3, 3) turns and scales it; ``displacement_mm`` (3, z, y, x), coarse, bends it.
    """

    size: tuple[int, int, int]
    spacing_mm: float
    centre_mm: tuple[float, float, float]
    matrix: torch.Tensor | None = None
    displacement_mm: torch.Tensor | None = None

    def points_mm(self, device: torch.device) -> torch.Tensor:
        """Return the position of each grid voxel's centre in the scan, (Z, Y, X, 3), mm, order z, y, x."""
        axes = [
            (torch.arange(n, dtype=torch.float32, device=device) - (n - 1) / 2) * self.spacing_mm
            for n in self.size
        ]
        points = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
        if self.matrix is not None:
            points = points @ self.matrix.to(device).T
        if self.displacement_mm is not None:
            field = F.interpolate(
                self.displacement_mm.to(device)[None], size=self.size, mode="trilinear", align_corners=True
            )
            points += field[0].permute(1, 2, 3, 0)
        return points + torch.tensor(self.centre_mm, device=device)


def random_placement(
    size: tuple[int, int, int],
    spacing_mm: float,
    centre_mm: tuple[float, float, float],
    augmentation: Augmentation,
    generator: torch.Generator,
) -> Placement:
    """Return a randomly turned, scaled, flipped and bent placement. ``generator`` lives on the CPU."""
    return Placement(
        size,
        spacing_mm,
        centre_mm,
        _random_matrix(augmentation, generator),
        _random_displacement(size, spacing_mm, augmentation, generator),
    )


def _random_matrix(augmentation: Augmentation, generator: torch.Generator) -> torch.Tensor:
    angles = torch.randn(3, generator=generator) * math.radians(augmentation.rotation_degrees)
    matrix = torch.eye(3)
    for (p, q), angle in zip(((1, 2), (0, 2), (0, 1)), angles.tolist()):
        turn = torch.eye(3)
        turn[p, p] = turn[q, q] = math.cos(angle)
        turn[p, q], turn[q, p] = -math.sin(angle), math.sin(angle)
        matrix = matrix @ turn
    # One factor for size, three smaller ones for shape.
    common = torch.randn(1, generator=generator) * augmentation.scale
    each = torch.randn(3, generator=generator) * augmentation.scale * 0.6
    flips = torch.rand(3, generator=generator) < torch.tensor([0.0, 1.0, 1.0]) * augmentation.flip_probability
    return matrix * (torch.exp(common + each) * torch.where(flips, -1.0, 1.0))[None]


def _random_displacement(
    size: tuple[int, int, int], spacing_mm: float, augmentation: Augmentation, generator: torch.Generator
) -> torch.Tensor | None:
    if augmentation.elastic_mm <= 0:
        return None
    coarse = [max(3, round(n * spacing_mm / augmentation.elastic_spacing_mm) + 1) for n in size]
    strength = float(torch.rand(1, generator=generator)) * 1.5 * augmentation.elastic_mm
    return torch.randn(3, *coarse, generator=generator) * strength
