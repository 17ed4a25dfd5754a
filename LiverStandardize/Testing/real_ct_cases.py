"""A plain abdomen of ellipses as a scanner shows it: a CT whose materials and protocols are known."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
import torch

from LiverStandardizeLib.simulation.checks.objects import Lattice, plain_abdomen
from LiverStandardizeLib.simulation.image_engine.engine import ImageEngine
from LiverStandardizeLib.simulation.physics.scanner import Scanner
from LiverStandardizeLib.simulation.protocols.six import make_protocols

SIZE, PIXEL_MM, SLICE_MM, SLICES = 128, 2.3, 6.0, 8
# code, centre, radii, turn: in the organs of plain_abdomen; of the liver the part where nothing else lies
_ORGANS = (
    (6, (-50, -10), (44, 36), 20),
    (1, (78, 22), (20, 32), -15),
    (3, (56, 40), (16, 21), 20),
    (8, (8, 28), (8, 8), 0),
)


@dataclass(frozen=True)
class KnownCT:
    """ct: FBP with noise. at_120_kv: the CT of one tube, with noise. labels: organ codes. clean: protocol ->
    HU without noise, (z, y, x).
    """

    ct: sitk.Image
    at_120_kv: sitk.Image
    labels: sitk.Image
    clean: dict[str, np.ndarray]
    noise_hu: np.ndarray

    def inside(self, code: int) -> np.ndarray:
        """An organ without its edge."""
        organ = sitk.GetArrayFromImage(sitk.BinaryErode(self.labels == code, (2, 2, 0)))
        return organ.astype(bool)


@functools.cache
def known_ct(iodine: float = 1.0) -> KnownCT:
    """`iodine` times that of the portal phase."""
    torch.set_num_threads(1)
    lattice = Lattice(SIZE, PIXEL_MM)
    maps = plain_abdomen(lattice).maps.repeat(SLICES, 1, 1, 1)
    maps[:, 2] *= iodine
    scanner = Scanner(slice_mm=SLICE_MM)
    generator = torch.Generator().manual_seed(2)
    images = ImageEngine(SIZE, PIXEL_MM, scanner).scan(maps, generator)
    one_tube = Scanner(slice_mm=SLICE_MM, low_beam="120", high_beam="120", low_mas=150.0, high_mas=150.0)
    single = ImageEngine(SIZE, PIXEL_MM, one_tube).scan(maps, generator).hu[:, 0].numpy()
    noisy = make_protocols(images, ("FBP",))["FBP"].numpy()
    clean = {name: made.numpy() for name, made in make_protocols(images.without_noise()).items()}
    labels = np.zeros((SLICES, SIZE, SIZE), np.uint8)
    for code, centre, radii, turn in _ORGANS:
        labels[:, lattice.ellipse(centre, radii, turn) > 0.5] = code
    ct, at_120_kv = (image_of(np.rint(hu).astype(np.int16)) for hu in (noisy, single))
    return KnownCT(ct, at_120_kv, image_of(labels), clean, noisy - clean["FBP"])


def image_of(array: np.ndarray) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((PIXEL_MM, PIXEL_MM, SLICE_MM))
    image.SetOrigin((-140.0, -130.0, 20.0))
    return image
