"""A phantom's protocols beside those that are simulated from one image of it alone, as from a real CT.

The image is the scanner's FBP, or that of another scanner with one tube at 120 kV, as most real CTs are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import SimpleITK as sitk
import torch
from scipy import ndimage

from ..image_engine.engine import ImageEngine
from ..phantom_materials import make_materials
from ..physics.scanner import Scanner
from ..protocols.six import make_protocols
from ..real_ct.input_beam import MIXED, Kv, input_beam
from ..real_ct.organ_bases import ORGAN_CODES
from ..real_ct.simulate import SimulatedCT, simulate_split
from ..real_ct.split import split_ct
from .check import Check, around

SIZE, SPACING_MM = (192, 192, 24), (2.0, 2.0, 8.0)
SEED, NOISE_SEED = 5, 3
ENERGIES = ("M40", "M60", "M80")
SINGLE_KV, SINGLE_MAS = 120.0, 150.0
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


@dataclass(frozen=True)
class _Known:
    """noisy, clean: (z, y, x) HU of the protocols. single, single_clean: of the tube at 120 kV."""

    labels: sitk.Image
    noisy: dict[str, np.ndarray]
    clean: dict[str, np.ndarray]
    single: np.ndarray
    single_clean: np.ndarray

    def organs(self) -> dict[str, np.ndarray]:
        """Masks of the organs that are large enough, without their edges."""
        codes = sitk.GetArrayFromImage(self.labels)
        inside = {
            organ: ndimage.binary_erosion(codes == code, np.ones((1, 5, 5)))
            for code, organ in ORGAN_CODES.items()
        }
        return {organ: mask for organ, mask in inside.items() if mask.sum() >= FEWEST_VOXELS}

    def image(self, hu: np.ndarray) -> sitk.Image:
        """HU as an image on the phantom's grid, in whole numbers as scanners give them."""
        image = sitk.GetImageFromArray(np.rint(hu).astype(np.int16))
        image.CopyInformation(self.labels)
        return image


def simulated_from_one_image() -> Iterator[Check]:
    """Errors of the mean HU of organs, with labels and without, the round trip, and noise."""
    known = _scanned()
    inputs: tuple[tuple[str, np.ndarray, Kv], ...] = (
        ("FBP", known.noisy["FBP"], MIXED),
        (f"{SINGLE_KV:g} kV", known.single, SINGLE_KV),
    )
    for source, hu, kv in inputs:
        for labelled in (True, False):
            labels, organs = (known.labels, ORGAN_CODES) if labelled else (None, {})
            split = split_ct(known.image(hu), labels, organs=organs, kv=kv)
            made = simulate_split(split, protocols=("FBP", *ENERGIES))
            yield from _organs(made, known, source, labelled)
            if labelled:
                yield _round_trip(made, source)
                own = (
                    known.noisy
                    if kv == MIXED
                    else {"FBP": known.single - known.single_clean + known.clean["FBP"]}
                )
                yield from _noise(made, known, source, own)


def _scanned() -> _Known:
    body = make_materials(SEED, size=SIZE, spacing_mm=SPACING_MM)
    maps = torch.as_tensor(np.ascontiguousarray(body.maps.swapaxes(0, 1)))
    scanner = Scanner(slice_mm=SPACING_MM[2])
    generator = torch.Generator().manual_seed(NOISE_SEED)
    images = ImageEngine(SIZE[0], SPACING_MM[0], scanner).scan(maps, generator)
    one_tube = replace(input_beam(SINGLE_KV).scanner(scanner), low_mas=SINGLE_MAS, high_mas=SINGLE_MAS)
    single = ImageEngine(SIZE[0], SPACING_MM[0], one_tube).scan(maps, generator)
    names = ("FBP", *ENERGIES)
    noisy, clean = (
        {name: made.numpy() for name, made in make_protocols(one, names).items()}
        for one in (images, images.without_noise())
    )
    return _Known(body.labels, noisy, clean, single.hu[:, 0].numpy(), single.signal[:, 0].numpy())


def _organs(made: SimulatedCT, known: _Known, source: str, labelled: bool) -> Iterator[Check]:
    how = "organ labels" if labelled else "no labels"
    for name in ENERGIES:
        change = _array(made.images[name]) - known.clean[name]
        errors = {organ: float(change[inside].mean()) for organ, inside in known.organs().items()}
        tolerance = LIVER_TOLERANCE_HU[labelled][name]
        subject = f"{name} from {source}, {how}, liver"
        yield around(subject, "simulate", errors["liver"], 0.0, tolerance, "HU", _REFERENCE)
        found = {organ: error for organ, error in errors.items() if organ in OTHERS}
        worst = max(found, key=lambda organ: abs(found[organ]))
        subject = f"{name} from {source}, {how}, worst of {len(found)}: {worst.replace('_', ' ')}"
        tolerance = OTHERS_TOLERANCE_HU[labelled][name]
        yield around(subject, "simulate", found[worst], 0.0, tolerance, "HU", _REFERENCE)


def _round_trip(made: SimulatedCT, source: str) -> Check:
    """What the materials look like with the beam of the image that they were found in."""
    assert made.round_trip is not None
    bias = made.round_trip.liver_bias_hu
    assert bias is not None
    return around(
        f"{source} from {source}, liver", "simulate", bias, 0.0, ROUND_TRIP_HU, "HU", "the image itself"
    )


def _noise(made: SimulatedCT, known: _Known, source: str, own: Mapping[str, np.ndarray]) -> Iterator[Check]:
    """Noise in the liver beside that of a scan with as much in its FBP image."""
    liver = known.organs()["liver"]
    for name, noisy in own.items():
        spread = float((_array(made.images[name]) - known.clean[name])[liver].std())
        change = 100 * (spread / float((noisy - known.clean[name])[liver].std()) - 1)
        subject = f"{name} from {source}, noise in the liver"
        yield around(subject, "simulate", change, 0.0, NOISE_PERCENT, "%", _REFERENCE)


def _array(image: sitk.Image) -> np.ndarray:
    return sitk.GetArrayFromImage(image).astype(np.float32)
