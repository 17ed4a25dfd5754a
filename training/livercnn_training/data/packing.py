"""Turn cases on disk into packed cases (needs SimpleITK; reading a pack does not)."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from livercnn_training.data.cases import Case, DataError
from livercnn_training.data.pack import PackedCase, encode_case, quantize

_BODY_HU = -120.0  # some sources are clipped at -125 or -160
_MARGIN_MM = 15.0
Z_MARGIN_MM = 170.0
"""Slices further from the liver are left out."""


def pack_case(case: Case, z_margin_mm: float = Z_MARGIN_MM) -> PackedCase:
    """Read a case, bring it into LPS order, crop it to the body and quantize it.

    Slices further than ``z_margin_mm`` from the liver are left out. Raises DataError where the label's grid
    is not the image's, or the label is empty.
    """
    return pack_images(case.name, *read_cropped(case, z_margin_mm), case.liver_values)


def read_cropped(case: Case, z_margin_mm: float = Z_MARGIN_MM) -> tuple[sitk.Image, sitk.Image]:
    """Return a case's image and labels in LPS order, cropped as for pack_case. Raises what that raises."""
    image = sitk.DICOMOrient(sitk.ReadImage(str(case.image)), "LPS")
    labels = sitk.DICOMOrient(sitk.ReadImage(str(case.labels)), "LPS")
    if image.GetSize() != labels.GetSize() or not np.allclose(
        image.GetOrigin(), labels.GetOrigin(), atol=0.01
    ):
        raise DataError(f"{case.name}: the label is on another grid than the image.")
    liver = np.isin(sitk.GetArrayViewFromImage(labels), case.liver_values)
    if not liver.any():
        raise DataError(f"{case.name}: the label holds no liver ({case.liver_values}).")
    box = _crop_box(sitk.GetArrayViewFromImage(image), liver, _spacing_mm(image), z_margin_mm)
    return image[box[::-1]], labels[box[::-1]]


def pack_images(
    name: str, image: sitk.Image, labels: sitk.Image, liver_values: tuple[int, ...]
) -> PackedCase:
    """Return a scan and its labels, on one grid in LPS order, as a packed case."""
    hu = sitk.GetArrayViewFromImage(image)
    liver = np.isin(sitk.GetArrayViewFromImage(labels), liver_values)
    clip = (float(hu.min()), float(hu.max()))
    return PackedCase(name, quantize(hu), liver, _spacing_mm(image), clip)


def _spacing_mm(image: sitk.Image) -> tuple[float, float, float]:
    x, y, z = image.GetSpacing()
    return z, y, x


def _crop_box(
    hu: np.ndarray, liver: np.ndarray, spacing_mm: tuple[float, ...], z_margin_mm: float
) -> tuple[slice, ...]:
    body = np.zeros(hu.shape[1:], bool)
    for slice_hu in hu[::3]:
        body |= ndimage.binary_opening(slice_hu > _BODY_HU, iterations=3)
    z = np.flatnonzero(liver.any(axis=(1, 2)))
    margin = int(z_margin_mm / spacing_mm[0])
    box = [slice(max(0, z[0] - margin), z[-1] + margin + 1)]
    for axis in (0, 1):
        index = np.flatnonzero(body.any(axis=1 - axis))
        margin = int(_MARGIN_MM / spacing_mm[axis + 1])
        box.append(slice(max(0, index[0] - margin), index[-1] + margin + 1))
    return tuple(box)


def encode_file(case: Case) -> dict[str, np.ndarray]:
    """Return a case on disk as the arrays of a pack (for a pool of processes)."""
    return encode_case(pack_case(case))
