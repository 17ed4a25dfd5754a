"""A volume as the patient's axial sections, and sections back into a volume on the same voxels.

The networks learned on axial sections whose rows run to the patient's left and whose columns run to the back.
A volume that is stored otherwise (sagittal slices, flipped axes) is read along other axes of the same array;
nothing is interpolated, so that what goes back lies exactly where it came from. A tilted volume is read along
the axes closest to the patient's.
"""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.card import InputContract
from LiverCoreLib.geometry import Lattice, PatientGrid, nearest_grid, off_axis_degrees

FILLER_HU = -1024.0
OFF_AXIS_WARNING_DEGREES = 15.0
PIXEL_FACTOR_WARNING = 1.5
SQUARE_FACTOR_WARNING = 1.1
_INT16 = np.iinfo(np.int16)


class AxialSections:
    """Reads a volume section by section in HU, and takes int16 sections for the result.

    Args:
        image: 3-D, one value a voxel, any orientation; only read.
        hu_offset: What to add to its values to make them HU.

    Attributes:
        cut_off: How many voxels of the result did not fit into 16 bits.
    """

    def __init__(self, image: sitk.Image, hu_offset: float = 0.0) -> None:
        self.lattice = Lattice.of(image)
        self.grid: PatientGrid = nearest_grid(self.lattice)
        self._image = image  # the view below does not keep it
        self._source = self.grid.view(sitk.GetArrayViewFromImage(image))
        self._may_hold_nan = self._source.dtype.kind == "f"
        self._offset = hu_offset
        self.cut_off = 0
        self._values = np.empty(sitk.GetArrayViewFromImage(image).shape, np.int16)
        self._target = self.grid.view(self._values)

    @property
    def count(self) -> int:
        """How many sections there are."""
        return self.grid.shape[0]

    def read(self, index: int) -> np.ndarray:
        """Section (y, x) in HU, float32; what is not finite reads as -1024 HU."""
        hu = np.array(self._source[index], np.float32, order="C")
        if self._offset:
            hu += self._offset
        if self._may_hold_nan:
            hu[~np.isfinite(hu)] = FILLER_HU
        return hu

    def write(self, index: int, hu: np.ndarray) -> None:
        """Set a section of the result (y, x) in HU, rounded and kept within what 16 bits hold."""
        rounded = np.rint(hu)
        self.cut_off += int(np.count_nonzero((rounded < _INT16.min) | (rounded > _INT16.max)))
        self._target[index] = np.clip(rounded, _INT16.min, _INT16.max)

    def warnings(self) -> list[str]:
        """A sentence if values of the result had to be cut off."""
        if not self.cut_off:
            return []
        return [
            f"{self.cut_off} voxels lie beyond {_INT16.min} to {_INT16.max} HU, which 16 bits hold, and were "
            "set to the nearer end."
        ]

    def result(self) -> sitk.Image:
        """What was written, int16 on the voxels of the image."""
        return self.lattice.apply_to(sitk.GetImageFromArray(self._values))


def section_warnings(lattice: Lattice, card_input: InputContract) -> list[str]:
    """Plain sentences where sections are unlike those that a model learned on."""
    warnings = []
    tilt = off_axis_degrees(lattice)
    if tilt > OFF_AXIS_WARNING_DEGREES:
        warnings.append(
            f"The slices lie {tilt:.0f} degrees off the patient's axial plane; the model learned on axial "
            "slices and was used on these as they are."
        )
    _, y_mm, x_mm = nearest_grid(lattice).spacing_mm
    if max(x_mm, y_mm) > SQUARE_FACTOR_WARNING * min(x_mm, y_mm):
        warnings.append(
            f"Pixels of {x_mm:.3g} x {y_mm:.3g} mm in the axial plane are not square; the model learned on "
            "square ones, so look at the result with care."
        )
    learned_mm = card_input.spacing_mm[0]
    if max(x_mm, y_mm) > PIXEL_FACTOR_WARNING * learned_mm or (
        min(x_mm, y_mm) < learned_mm / PIXEL_FACTOR_WARNING
    ):
        warnings.append(
            f"Pixels of {x_mm:.3g} x {y_mm:.3g} mm are far from the {learned_mm:.3g} mm that the model "
            "learned on; noise and edges may be changed less well."
        )
    return warnings
