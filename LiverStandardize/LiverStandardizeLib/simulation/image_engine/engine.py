"""Sections of materials to the two images of a dual-energy scan, in one step per image."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..physics.beams import beam
from ..physics.scanner import Scanner
from ..projection.geometry import ParallelBeam
from ..projection.sections import iodine_calibration, section_diameters_cm
from ..protocols.energy_images import EnergyImages
from .rays import CoarseRays, RayStatistics
from .transfer import transfer_of


@dataclass(frozen=True)
class Prepared:
    """Sections whose noise can be drawn again and again.

    signal: (n, 2, y, x) HU. noise_hu: (n, 2, sectors, coarse y, coarse x), standard deviation in HU if every
    view were like those of the sector.
    """

    signal: torch.Tensor
    noise_hu: torch.Tensor
    iodine_hu: torch.Tensor


class ImageEngine:
    """A scanner for square sections of one size. It models the projection engine, which is the reference.

    CT numbers: what each material looks like at its place behind the hardening of the whole section (first
    order: no streaks). Sharpness: the transfer of kernel and interpolations. Noise: white noise filtered per
    direction of views and scaled by what the rays of that direction leave over.
    """

    def __init__(
        self,
        size: int,
        pixel_mm: float,
        scanner: Scanner | None = None,
        device: torch.device | str = "cpu",
        *,
        blur: bool = True,
        window: int | None = None,
    ) -> None:
        """blur: False for sections that come from a CT, which a scanner has blurred already.

        window: edge in pixels of what is shown of a section, if not all of it (windows.py).
        """
        self.scanner = scanner or Scanner()
        self.pixel_mm = pixel_mm
        self.device = torch.device(device)
        self._geometry = ParallelBeam.covering(size, pixel_mm, self.scanner.detector_pitch_mm)
        shown = self._geometry if window is None else dataclasses.replace(self._geometry, size=window)
        self._transfer = transfer_of(shown, self.scanner.kernel_lp_cm, self.device)
        self._blur = blur
        beams = [beam(name) for name in self.scanner.beams]
        self._rays = CoarseRays(self._geometry, self.scanner, beams, self.device)

    def scan(
        self,
        material_maps: torch.Tensor,
        generator: torch.Generator | None = None,
        diameters_cm: Sequence[float] | None = None,
    ) -> EnergyImages:
        """Both images of sections (n, 3, y, x) in the order of MATERIALS.

        generator: of the noise, on the engine's device; None leaves noise out. diameters_cm: what exposure
        control and calibration go by, one per section; by default each section's own.
        """
        return self.draw(self.prepare(material_maps, diameters_cm), generator)

    def prepare(self, material_maps: torch.Tensor, diameters_cm: Sequence[float] | None = None) -> Prepared:
        """All of `scan` that is not chance."""
        maps = material_maps.to(self.device, torch.float32)
        diameters = section_diameters_cm(maps, self.pixel_mm, diameters_cm)
        statistics = self._statistics(maps, diameters)
        water = maps[:, None, 0] + (self._everywhere(statistics.gains) * maps[:, None, 1:]).sum(2)
        return self._prepared(water, statistics.variance, diameters)

    def gains(self, material_maps: torch.Tensor) -> torch.Tensor:
        """How much water one mg/mL of calcium and of iodine looks like in each image, (n, 2, 2, y, x)."""
        maps = material_maps.to(self.device, torch.float32)
        diameters = section_diameters_cm(maps, self.pixel_mm, None)
        return self._everywhere(self._statistics(maps, diameters).gains)

    def _prepared(self, water: torch.Tensor, variance: torch.Tensor, diameters: Sequence[float]) -> Prepared:
        """water: what the sections look like in both images. variance: of a reading, per sector, coarse."""
        signal = 1000 * (water - 1)
        if self._blur:
            signal = self._filtered(signal, self._transfer.signal)
        variance = math.pi**2 / self._geometry.views * self._transfer.view_variance * variance
        worth = iodine_calibration(diameters, self.scanner).to(self.device)
        return Prepared(signal, 1000 * variance.sqrt(), worth)

    def draw(self, prepared: Prepared, generator: torch.Generator | None = None) -> EnergyImages:
        """The sections with noise of their own."""
        noise = torch.zeros_like(prepared.signal)
        if generator is not None:
            size = prepared.signal.shape[-2:]
            for sector, response in enumerate(self._transfer.noise):
                amount = F.interpolate(
                    prepared.noise_hu[:, :, sector], size=size, mode="bilinear", align_corners=False
                )
                white = torch.randn(noise.shape, generator=generator, device=self.device)
                noise += amount * self._filtered(white, response)
        return EnergyImages(prepared.signal, noise, prepared.iodine_hu, self.pixel_mm)

    def _statistics(self, maps: torch.Tensor, diameters_cm: Sequence[float]) -> RayStatistics:
        size = self._geometry.size
        if maps.shape[2:] != (size, size):
            raise ValueError(f"sections must be {size} x {size}, found {tuple(maps.shape[2:])}")
        return self._rays.statistics(maps, [self.scanner.charges_mas(one) for one in diameters_cm])

    def _everywhere(self, gains: torch.Tensor) -> torch.Tensor:
        """(n, 2, 2, coarse y, coarse x) on the sections' own pixels."""
        size = (self._geometry.size, self._geometry.size)
        fine = F.interpolate(gains.flatten(0, 1), size=size, mode="bilinear", align_corners=False)
        return fine.view(*gains.shape[:3], *size)

    def _filtered(self, images: torch.Tensor, response: torch.Tensor) -> torch.Tensor:
        return torch.fft.irfft2(torch.fft.rfft2(images) * response, s=images.shape[-2:])
