"""Sections of materials to the two images of a dual-energy scan, by way of projections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ..physics.beams import beam
from ..physics.scanner import Scanner
from ..protocols.energy_images import EnergyImages
from .back_projection import back_project
from .detector import Detector
from .filtering import filter_views
from .forward import project
from .geometry import ParallelBeam
from .sections import iodine_calibration, section_diameters_cm


@dataclass(frozen=True)
class Projected:
    """Sections that can be measured again and again.

    paths: (n, 3, views, readings), line integrals of the basis materials. signal: (n, 2, y, x) HU.
    """

    paths: torch.Tensor
    signal: torch.Tensor
    diameters_cm: Sequence[float]
    iodine_hu: torch.Tensor


class ProjectionEngine:
    """A scanner for square sections of one size. The body must lie within the circle in the square."""

    def __init__(
        self,
        size: int,
        pixel_mm: float,
        scanner: Scanner | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.scanner = scanner or Scanner()
        self.pixel_mm = pixel_mm
        self.device = torch.device(device)
        self.geometry = ParallelBeam.covering(size, pixel_mm, self.scanner.detector_pitch_mm)
        places = self.geometry.off_centre_cm(self.device)
        self._detectors = [Detector(beam(name), self.scanner, places) for name in self.scanner.beams]

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

    def prepare(self, material_maps: torch.Tensor, diameters_cm: Sequence[float] | None = None) -> Projected:
        """All of `scan` that is not chance."""
        maps = material_maps.to(self.device, torch.float32)
        diameters = section_diameters_cm(maps, self.pixel_mm, diameters_cm)
        paths = torch.stack([project(section, self.geometry) for section in maps])
        signal = [self._image(section, diameter, None) for section, diameter in zip(paths, diameters)]
        worth = iodine_calibration(diameters, self.scanner).to(self.device)
        return Projected(paths, torch.stack(signal), diameters, worth)

    def draw(self, projected: Projected, generator: torch.Generator | None = None) -> EnergyImages:
        """The sections with noise of their own."""
        noise = torch.zeros_like(projected.signal)
        if generator is not None:
            for index, (paths, diameter) in enumerate(zip(projected.paths, projected.diameters_cm)):
                noise[index] = self._image(paths, diameter, generator) - projected.signal[index]
        return EnergyImages(projected.signal, noise, projected.iodine_hu, self.pixel_mm)

    def _image(
        self, paths: torch.Tensor, diameter_cm: float, generator: torch.Generator | None
    ) -> torch.Tensor:
        """Both images of one section, (2, y, x) in HU."""
        geometry = self.geometry
        water_cm = [
            detector.water_cm(
                paths, self.scanner.photons_per_reading(mas, geometry.pitch_cm, geometry.views), generator
            )
            for detector, mas in zip(self._detectors, self.scanner.charges_mas(diameter_cm))
        ]
        filtered = filter_views(torch.stack(water_cm), geometry, self.scanner.kernel_lp_cm)
        return 1000 * (back_project(filtered, geometry) - 1)
