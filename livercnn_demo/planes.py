"""A scan as a radiologist looks at it: axial, coronal and sagittal slices with their size in mm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

BODY_ABOVE_HU = -300.0
MARGIN_MM = 8.0

Box = tuple[slice, slice, slice]
Marks = tuple[str, str, str, str]
Cut = Callable[[np.ndarray], np.ndarray]

AXIAL_MARKS = ("R", "L", "A", "P")
CORONAL_MARKS = ("R", "L", "S", "I")
SAGITTAL_MARKS = ("A", "P", "S", "I")


@dataclass(frozen=True)
class Plane:
    """One slice for display.

    values: (rows, columns), row 0 at the top. extent_mm: width and height. marks: letters at the left, right,
    top and bottom edge (R and L, A and P, S and I). caption: where the slice lies.
    """

    values: np.ndarray
    masks: tuple[np.ndarray, ...]
    extent_mm: tuple[float, float]
    marks: Marks
    caption: str


class Scan:
    """An image and masks on its grid, turned so that axes follow the patient's (LPS), cut to the body.

    An oblique scan is shown along its own axes, each named after the patient axis nearest to it. `box`: that
    of another image of the same patient on the same grid, for pictures that are to lie over each other.
    """

    def __init__(self, image: sitk.Image, masks: tuple[sitk.Image, ...] = (), box: Box | None = None) -> None:
        self._image = sitk.DICOMOrient(image, "LPS")
        oriented = [sitk.DICOMOrient(mask, "LPS") for mask in masks]
        for mask in oriented:
            if mask.GetSize() != self._image.GetSize():
                raise ValueError(f"A mask of {mask.GetSize()} voxels does not fit {self._image.GetSize()}.")
        self.spacing_mm = self._image.GetSpacing()
        hu = sitk.GetArrayViewFromImage(self._image)
        self.box = box or _body_box(hu, self.spacing_mm)
        self.hu = hu[self.box]
        # Kept beside their views: a view does not keep the image's memory.
        self._oriented = oriented
        self.masks = tuple(sitk.GetArrayViewFromImage(mask)[self.box] > 0 for mask in oriented)

    def masked_range(self, axis: int) -> tuple[int, int]:
        """First and last index along an axis (z 0, y 1, x 2) where any mask is; all of it if none is."""
        others = tuple(other for other in range(3) if other != axis)
        found = np.zeros(self.hu.shape[axis], bool)
        for mask in self.masks:
            found |= mask.any(axis=others)
        indices = np.flatnonzero(found)
        if indices.size == 0:
            return 0, self.hu.shape[axis] - 1
        return int(indices[0]), int(indices[-1])

    def fullest(self, axis: int) -> int:
        """The index along an axis at which the first mask is largest; the middle if there is none."""
        others = tuple(other for other in range(3) if other != axis)
        if not self.masks or not self.masks[0].any():
            return self.hu.shape[axis] // 2
        return int(np.argmax(self.masks[0].sum(axis=others)))

    def axial(self, index: int) -> Plane:
        """Seen from the feet: the patient's right at the left, front at the top."""
        x, y, _ = self.spacing_mm
        return self._plane(lambda a: a[index], (x, y), AXIAL_MARKS, f"z {self._position(0, index):.0f} mm")

    def coronal(self, index: int) -> Plane:
        """Seen from the front: the patient's right at the left, head at the top."""
        x, _, z = self.spacing_mm
        return self._plane(
            lambda a: a[::-1, index],
            (x, z),
            CORONAL_MARKS,
            f"coronal, y {self._position(1, index):.0f} mm",
        )

    def sagittal(self, index: int) -> Plane:
        """Seen from the left: front at the left, head at the top."""
        _, y, z = self.spacing_mm
        caption = f"sagittal, x {self._position(2, index):.0f} mm"
        return self._plane(lambda a: a[::-1, :, index], (y, z), SAGITTAL_MARKS, caption)

    def _plane(self, cut: Cut, pixel_mm: tuple[float, float], marks: Marks, caption: str) -> Plane:
        values = cut(self.hu)
        extent = (values.shape[1] * pixel_mm[0], values.shape[0] * pixel_mm[1])
        return Plane(values, tuple(cut(mask) for mask in self.masks), extent, marks, caption)

    def _position(self, axis: int, index: int) -> float:
        """LPS coordinate (mm) of a slice's middle along the patient axis that it is named after."""
        centre = [(part.start + part.stop - 1) / 2 for part in self.box]
        centre[axis] = self.box[axis].start + index
        return float(self._image.TransformContinuousIndexToPhysicalPoint(centre[::-1])[2 - axis])


def _body_box(hu: np.ndarray, spacing_mm: tuple[float, float, float]) -> Box:
    """The in-plane box of the largest connected thing denser than air, with a margin; all slices."""
    steps = [max(1, round(4.0 / step)) for step in reversed(spacing_mm)]
    coarse = ndimage.binary_opening(hu[:: steps[0], :: steps[1], :: steps[2]] > BODY_ABOVE_HU)
    labels, count = ndimage.label(coarse)
    if count == 0:
        return slice(0, hu.shape[0]), slice(0, hu.shape[1]), slice(0, hu.shape[2])
    largest = int(np.argmax(np.bincount(labels.ravel())[1:])) + 1
    found = ndimage.find_objects(labels)[largest - 1]
    slices = [slice(0, hu.shape[0])]
    for axis in (1, 2):
        margin = int(np.ceil(MARGIN_MM / spacing_mm[2 - axis])) + steps[axis]
        start = max(0, found[axis].start * steps[axis] - margin)
        slices.append(slice(start, min(hu.shape[axis], found[axis].stop * steps[axis] + margin)))
    return slices[0], slices[1], slices[2]
