"""What cannot be known from one CT at one energy, as sentences."""

from __future__ import annotations

from .limits import Clip

NOISY_HU = 40.0
DARK_LIVER_HU = 75.0


def sentences(
    noise_hu: float | None,
    phase: str,
    phase_from: str,
    clip: Clip,
    labelled: tuple[str, ...],
    stretch: float,
    liver_hu: float | None,
    tube: str | None,
) -> list[str]:
    """Warnings on a CT's tube voltage, noise, phase, clipping, labels, pixels that are not square, and a dark
    liver. tube: what was taken for the tube voltage where none is stated.
    """
    found = []
    if tube is not None:
        found.append(
            f"The tube voltage is not stated; it is taken for {tube}. If it was 100 kV there is a sixth "
            "less iodine, and if it was 140 kV a sixth more."
        )
    if clip.highest_hu is not None:
        found.append(
            f"HU are cut off at {clip.highest_hu:g} ({clip.high_percent:.2g} % of the body is there): "
            "bone, calcium and strong contrast beyond it are unknown, and are shown too dark."
        )
    if clip.lowest_hu is not None:
        found.append(
            f"HU are cut off at {clip.lowest_hu:g} ({clip.low_percent:.2g} % of the body is there): fat, "
            "lung and air beyond it are unknown."
        )
    if phase_from == "HU":
        guess = "contrast medium in its portal phase" if phase == "portal" else "no contrast medium"
        found.append(f"The contrast phase is not stated; by its brightness it is taken for {guess}.")
    if not labelled:
        found.append(
            "Without organ labels, the HU of each tissue before contrast follow a rule: iodine is less "
            "certain, most of all in kidneys, gut and pancreas."
        )
    if noise_hu is None:
        found.append("There is too little soft tissue to measure noise in; the image is taken to have none.")
    elif noise_hu > NOISY_HU:
        found.append(
            f"Noise is {noise_hu:.0f} HU, that of a sharp kernel or a very low dose: fine structure may "
            "have been taken for noise."
        )
    if liver_hu is not None and phase == "portal" and liver_hu < DARK_LIVER_HU:
        found.append(
            f"The liver has {liver_hu:.0f} HU, little for the portal phase: fat in it, or an early scan. Its "
            "iodine cannot be told from its fat, and 40 keV is the less certain."
        )
    if stretch > 1.05:
        found.append(
            f"Pixels across the patient are not square (1 to {stretch:.3g}): sections were interpolated."
        )
    return found
