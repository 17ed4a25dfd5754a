"""Sections of materials to the two images of a dual-energy scan, by way of projections."""

from __future__ import annotations

from collections.abc import Sequence

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
        maps = material_maps.to(self.device, torch.float32)
        diameters = section_diameters_cm(maps, self.pixel_mm, diameters_cm)
        signal, noise = [], []
        for section, diameter in zip(maps, diameters):
            paths = project(section, self.geometry)
            clean = self._image(self._water(paths, diameter, None))
            signal.append(clean)
            noise.append(
                torch.zeros_like(clean)
                if generator is None
                else self._image(self._water(paths, diameter, generator)) - clean
            )
        return EnergyImages(
            torch.stack(signal),
            torch.stack(noise),
            iodine_calibration(diameters, self.scanner).to(self.device),
            self.pixel_mm,
        )

    def _water(
        self, paths: torch.Tensor, diameter_cm: float, generator: torch.Generator | None
    ) -> torch.Tensor:
        """Water-equivalent lengths (2, views, readings)."""
        charges = self.scanner.charges_mas(diameter_cm)
        geometry = self.geometry
        scales = [self.scanner.photons_per_reading(mas, geometry.pitch_cm, geometry.views) for mas in charges]
        return torch.stack(
            [detector.water_cm(paths, scale, generator) for detector, scale in zip(self._detectors, scales)]
        )

    def _image(self, water_cm: torch.Tensor) -> torch.Tensor:
        """(2, y, x) in HU."""
        filtered = filter_views(water_cm, self.geometry, self.scanner.kernel_lp_cm)
        return 1000 * (back_project(filtered, self.geometry) - 1)
