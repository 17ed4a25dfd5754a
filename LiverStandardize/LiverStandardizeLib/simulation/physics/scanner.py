"""The scanner that both engines model: a dual-source CT of the paper's kind, and its dose to a patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REFERENCE_DIAMETER_CM = 30.0


@dataclass(frozen=True)
class Scanner:
    """Beams, dose and detector. Lengths in the plane are those at the isocentre.

    Beams, reference charge and slices are those of Lee 2023 (70 kV 370 mAs, Sn150 kV 93 mAs, 3 mm); the rest
    is of the order of such scanners.
    """

    low_beam: str = "70"
    high_beam: str = "Sn150"
    low_mas: float = 370.0
    high_mas: float = 93.0
    slice_mm: float = 3.0
    kernel_lp_cm: float = 3.8
    """Frequency at which the reconstruction kernel falls to one half: a soft abdominal kernel."""
    source_to_centre_cm: float = 59.5
    efficiency: float = 0.85
    """Share of the detector's area that detects."""
    swank_factor: float = 0.9
    """Photons of one energy make pulses of different height; their mean square is larger by one over this."""
    electronic_noise_photons: float = 15.0
    """Standard deviation of a reading without photons, in photons of the beam's mean energy."""
    bowtie_cm: float = 2.2
    """Aluminium at `bowtie_radius_cm` off the centre."""
    bowtie_radius_cm: float = 25.0
    bowtie_power: float = 2.2
    detector_pitch_mm: float = 0.55
    """Rays are no further apart, whatever the pixel: one ray a pixel would blur a large field more."""
    exposure_control: float = 0.5
    """0: the same charge for everyone; 1: the same detector signal for everyone."""

    def __post_init__(self) -> None:
        positive = ("low_mas", "high_mas", "slice_mm", "kernel_lp_cm", "efficiency", "swank_factor")
        for name in (*positive, "detector_pitch_mm", "source_to_centre_cm", "bowtie_radius_cm"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, found {getattr(self, name)}")
        if self.electronic_noise_photons < 0 or self.bowtie_cm < 0:
            raise ValueError("electronic noise and bow-tie must not be negative")

    @property
    def beams(self) -> tuple[str, str]:
        return self.low_beam, self.high_beam

    def charges_mas(self, diameter_cm: float) -> tuple[float, float]:
        """Charge of each tube for a patient of this water-equivalent diameter: automatic exposure control."""
        attenuation_per_cm = 0.19  # water at about 70 keV
        factor = float(
            np.exp(self.exposure_control * attenuation_per_cm * (diameter_cm - REFERENCE_DIAMETER_CM))
        )
        return self.low_mas * factor, self.high_mas * factor

    def photons_per_reading(self, mas: float, pitch_cm: float, views: int) -> float:
        """Times a beam's photons per cm2 and mAs at 1 m: those of a reading, with so many views over pi.

        Both halves of a turn look along the same lines; a parallel view has the dose of both.
        """
        area_cm2 = pitch_cm * self.slice_mm / 10 * (100 / self.source_to_centre_cm) ** 2
        return mas * area_cm2 * self.efficiency / views

    def bowtie_aluminium_cm(self, off_centre_cm: np.ndarray) -> np.ndarray:
        """Thickness of the bow-tie filter along rays at these distances from the centre."""
        relative = np.clip(np.abs(off_centre_cm) / self.bowtie_radius_cm, 0, 1)
        return self.bowtie_cm * relative**self.bowtie_power
