"""A phantom's protocols beside those that are simulated from its FBP image alone, as from a real CT."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from ..phantom_scan import make_six
from ..real_ct.organ_bases import ORGAN_CODES
from ..real_ct.simulate import simulate_split
from ..real_ct.split import split_ct
from .check import Check, around

SIZE, SPACING_MM = (192, 192, 24), (2.0, 2.0, 8.0)
SEED = 5
ENERGIES = ("M40", "M60", "M80")
OTHERS = (
    "spleen",
    "right_kidney",
    "left_kidney",
    "aorta",
    "inferior_vena_cava",
    "portal_and_splenic_veins",
)
LIVER_TOLERANCE_HU = {
    True: {"M40": 5.0, "M60": 2.0, "M80": 2.0},
    False: {"M40": 10.0, "M60": 3.0, "M80": 3.0},
}
"""With labels, and without."""
OTHERS_TOLERANCE_HU = {
    True: {"M40": 15.0, "M60": 4.0, "M80": 4.0},
    False: {"M40": 30.0, "M60": 6.0, "M80": 10.0},
}
ROUND_TRIP_HU = 2.0
NOISE_PERCENT = 15.0
FEWEST_VOXELS = 60
_REFERENCE = "the phantom's own"


def simulated_from_fbp() -> Iterator[Check]:
    """Errors of the mean HU of organs, with labels and without, the round trip, and noise."""
    scans = {noise: make_six(SEED, size=SIZE, spacing_mm=SPACING_MM, noise=noise) for noise in (True, False)}
    labels = scans[True].labels
    truth = {name: _array(image) for name, image in scans[False].images.items()}
    organs = {organ: _inside(_array(labels) == code) for code, organ in ORGAN_CODES.items()}
    for labelled in (True, False):
        split = split_ct(
            scans[True].images["FBP"],
            labels if labelled else None,
            organs=ORGAN_CODES if labelled else {},
        )
        made = simulate_split(split, protocols=("FBP", *ENERGIES))
        errors = {
            name: {
                organ: float((_array(image) - truth[name])[inside].mean())
                for organ, inside in organs.items()
                if inside.sum() >= FEWEST_VOXELS
            }
            for name, image in made.images.items()
        }
        yield from _organs(errors, labelled)
        if labelled:
            yield around(
                "FBP from FBP, liver",
                "simulate",
                errors["FBP"]["liver"],
                0.0,
                ROUND_TRIP_HU,
                "HU",
                "issue: 2 HU",
            )
            liver = organs["liver"]
            for name, image in made.images.items():
                spread = float((_array(image) - truth[name])[liver].std())
                own = float((_array(scans[True].images[name]) - truth[name])[liver].std())
                change = 100 * (spread / own - 1)
                yield around(
                    f"{name} from FBP, noise in the liver",
                    "simulate",
                    change,
                    0.0,
                    NOISE_PERCENT,
                    "%",
                    _REFERENCE,
                )


def _organs(errors: dict[str, dict[str, float]], labelled: bool) -> Iterator[Check]:
    how = "organ labels" if labelled else "no labels"
    for name in ENERGIES:
        tolerance = LIVER_TOLERANCE_HU[labelled][name]
        subject = f"{name} from FBP, {how}, liver"
        yield around(subject, "simulate", errors[name]["liver"], 0.0, tolerance, "HU", _REFERENCE)
        found = {organ: error for organ, error in errors[name].items() if organ in OTHERS}
        worst = max(found, key=lambda organ: abs(found[organ]))
        subject = f"{name} from FBP, {how}, worst of {len(found)}: {worst.replace('_', ' ')}"
        tolerance = OTHERS_TOLERANCE_HU[labelled][name]
        yield around(subject, "simulate", found[worst], 0.0, tolerance, "HU", _REFERENCE)


def _array(image: sitk.Image) -> np.ndarray:
    return sitk.GetArrayFromImage(image).astype(np.float32)


def _inside(organ: np.ndarray) -> np.ndarray:
    """Without its edge."""
    return ndimage.binary_erosion(organ, np.ones((1, 5, 5)))
