"""The sections of any volume across the patient as square sections, and back onto the volume's lattice."""

from __future__ import annotations

import itertools

import numpy as np
import SimpleITK as sitk
import torch
import torch.nn.functional as F

STEP = 16
"""Sides are multiples of it: lengths that Fourier transforms like."""
PIXELS_AT_A_TIME = 8 * 256 * 256
"""Sections come in batches of no more pixels, for memory. Noise is drawn by batches: another number would
give other noise."""


class AxialSections:
    """What an image's sections across the patient are, however its axes lie.

    pixel_mm: side of a pixel of the square sections. slice_mm: from section to section. size: their side in
    pixels. count: how many. Pixels that are not square become so by interpolation.
    """

    def __init__(self, image: sitk.Image) -> None:
        direction = np.abs(np.array(image.GetDirection()).reshape(3, 3))
        columns, rows, slices = max(
            itertools.permutations(range(3)),
            key=lambda axes: sum(direction[i, a] for i, a in enumerate(axes)),
        )
        spacing, size = image.GetSpacing(), image.GetSize()
        self._order = (2 - slices, 2 - rows, 2 - columns)
        self._shape = (size[rows], size[columns])
        self.count = size[slices]
        self.slice_mm = spacing[slices]
        self.pixel_mm = min(spacing[rows], spacing[columns])
        self._fine = (
            round(size[rows] * spacing[rows] / self.pixel_mm),
            round(size[columns] * spacing[columns] / self.pixel_mm),
        )
        self.size = -(-max(self._fine) // STEP) * STEP
        self.stretch = max(spacing[rows], spacing[columns]) / self.pixel_mm

    def batches(self) -> list[slice]:
        """All sections, a few at a time."""
        length = max(1, PIXELS_AT_A_TIME // self.size**2)
        return [slice(first, first + length) for first in range(0, self.count, length)]

    def view(self, array: np.ndarray) -> np.ndarray:
        """An array of the image's voxels (z, y, x) as (section, row, column), without a copy."""
        return array.transpose(self._order)

    def as_image_lies(self, sections: np.ndarray) -> np.ndarray:
        """The opposite of `view`, contiguous, for (..., section, row, column)."""
        further = sections.ndim - 3
        order = [*range(further), *(further + np.argsort(self._order))]
        return np.ascontiguousarray(sections.transpose(order))

    def put(self, image: sitk.Image, here: slice, sections: np.ndarray) -> None:
        """Write (n, row, column) over these sections of an image that lies as the volume does, in place."""
        where = [slice(None)] * 3
        where[2 - self._order[0]] = slice(here.start, here.start + len(sections))
        image[tuple(where)] = sitk.GetImageFromArray(self.as_image_lies(sections))

    def square(self, sections: np.ndarray, outside: float) -> torch.Tensor:
        """Sections (n, row, column) as float32 (n, size, size), padded with `outside`."""
        found = torch.as_tensor(np.ascontiguousarray(sections, np.float32))
        if self._fine != self._shape:
            found = F.interpolate(found[:, None], size=self._fine, mode="bilinear", align_corners=False)[:, 0]
        top, left = self._corner()
        bottom, right = self.size - self._fine[0] - top, self.size - self._fine[1] - left
        return F.pad(found, (left, right, top, bottom), value=outside)

    def square_labels(self, sections: np.ndarray) -> torch.Tensor:
        """Codes (n, row, column), uint8, as (n, size, size), zero outside."""
        found = torch.as_tensor(np.ascontiguousarray(sections, np.uint8))
        rows = (torch.arange(self._fine[0]) * self._shape[0]) // self._fine[0]
        columns = (torch.arange(self._fine[1]) * self._shape[1]) // self._fine[1]
        top, left = self._corner()
        bottom, right = self.size - self._fine[0] - top, self.size - self._fine[1] - left
        return F.pad(found[:, rows][:, :, columns], (left, right, top, bottom))

    def back(self, square: torch.Tensor) -> torch.Tensor:
        """Square sections (..., size, size) on the volume's own rows and columns."""
        top, left = self._corner()
        part = square[..., top : top + self._fine[0], left : left + self._fine[1]]
        if self._fine == self._shape:
            return part
        flat = part.reshape(-1, 1, *self._fine)
        return F.interpolate(flat, size=self._shape, mode="bilinear", align_corners=False).view(
            *square.shape[:-2], *self._shape
        )

    def _corner(self) -> tuple[int, int]:
        return (self.size - self._fine[0]) // 2, (self.size - self._fine[1]) // 2
