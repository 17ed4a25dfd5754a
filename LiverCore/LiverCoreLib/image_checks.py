"""What an image must be before anything is computed from it: 3-D, one value a voxel, on a sound grid.

These checks look at headers, never at intensities, so that a wrong file is refused before its
voxels are read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from .errors import LiverCNNError

# Above this many voxels a header is broken or hostile: 2048 x 2048 x 1000 is larger than any CT.
MAX_VOXELS = 4_200_000_000

# How far |row . column| of two axes may be from 0 before the image counts as sheared (0.06 degrees).
_MAX_AXIS_COSINE = 1e-3

_REAL_PIXEL_TYPES = {
    sitk.sitkInt8,
    sitk.sitkUInt8,
    sitk.sitkInt16,
    sitk.sitkUInt16,
    sitk.sitkInt32,
    sitk.sitkUInt32,
    sitk.sitkInt64,
    sitk.sitkUInt64,
    sitk.sitkFloat32,
    sitk.sitkFloat64,
}


class UnsupportedImage(LiverCNNError):
    """The input is not an image this software can work on; the id says why, the sentence what to do."""

    id = "unsupported-image"


@dataclass(frozen=True)
class ImageHeader:
    """What a file says of its image before the voxels are read.

    Attributes:
        size: Voxels along each stored axis (x, y, z, ...).
        spacing_mm: Voxel size along the same axes, mm.
        components: Values a voxel; 3 or 4 mean colour.
        pixel_id: SimpleITK pixel id, vector ids included.
    """

    size: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    components: int
    pixel_id: int


def header_of(reader: sitk.ImageFileReader) -> ImageHeader:
    """Collect the header from a reader on which ``ReadImageInformation`` was called."""
    return ImageHeader(
        size=tuple(reader.GetSize()),
        spacing_mm=tuple(reader.GetSpacing()),
        components=reader.GetNumberOfComponents(),
        pixel_id=reader.GetPixelIDValue(),
    )


def check_is_volume(
    header: ImageHeader, name: str, *, allow_layers: bool = False, minimum_slices: int = 2
) -> None:
    """Refuse what is not one 3-D grey-value volume.

    Args:
        header: The header of the file.
        name: How to call the file in messages.
        allow_layers: Accept several values a voxel (overlapping segments of a .seg.nrrd).
        minimum_slices: Fewest slices (third axis) to accept.

    Raises:
        UnsupportedImage: ``not-three-dimensional``, ``colour-image``, ``vector-image``,
            ``unsupported-pixel-type``, ``single-slice`` or ``too-large``.
    """
    size_text = " x ".join(str(n) for n in header.size)
    dimension = len(header.size)
    if dimension == 4 and header.size[3] > 1:
        raise UnsupportedImage(
            f"{name} is four-dimensional ({size_text}), perhaps a time series; give one 3-D volume of it.",
            id="not-three-dimensional",
            size=header.size,
        )
    if dimension not in (3, 4):
        raise UnsupportedImage(
            f"{name} has {dimension} dimensions ({size_text}); give a 3-D volume.",
            id="not-three-dimensional",
            size=header.size,
        )
    if header.components > 1 and not allow_layers:
        is_colour = header.components in (3, 4) and header.pixel_id == sitk.sitkVectorUInt8
        if is_colour:
            raise UnsupportedImage(
                f"{name} is a colour picture ({header.components} values a voxel); give the original "
                "grey-value scan.",
                id="colour-image",
                components=header.components,
            )
        raise UnsupportedImage(
            f"{name} has {header.components} values a voxel (a vector image or a time series); give a 3-D "
            "scan "
            "with one.",
            id="vector-image",
            components=header.components,
        )
    if header.components == 1 and header.pixel_id not in _REAL_PIXEL_TYPES:
        raise UnsupportedImage(
            f"{name} stores {sitk.GetPixelIDValueAsString(header.pixel_id)} voxels; give a scan of integers "
            "or reals.",
            id="unsupported-pixel-type",
        )
    if header.size[2] < minimum_slices:
        raise UnsupportedImage(
            f"{name} holds a single slice ({size_text}); give a whole volume.",
            id="single-slice",
            size=header.size,
        )
    if np.prod(header.size, dtype=np.float64) > MAX_VOXELS:
        raise UnsupportedImage(
            f"{name} claims {size_text} voxels, more than any scan; the file is probably damaged.",
            id="too-large",
            size=header.size,
        )


def check_geometry(image: sitk.Image, name: str) -> None:
    """Refuse a grid whose voxel sizes, origin or axes are not those of a box in space.

    Raises:
        UnsupportedImage: ``bad-geometry`` or ``sheared-geometry``.
    """
    spacing = np.asarray(image.GetSpacing())
    origin = np.asarray(image.GetOrigin())
    direction = np.asarray(image.GetDirection()).reshape(3, 3)
    if not (np.isfinite(origin).all() and np.isfinite(direction).all() and (spacing > 0).all()):
        raise UnsupportedImage(
            f"{name} does not say where its voxels lie (spacing {_numbers(spacing)} mm, origin "
            f"{_numbers(origin)} mm); "
            "convert it again from the original DICOM.",
            id="bad-geometry",
        )
    worst_cosine = np.abs(direction.T @ direction - np.eye(3)).max()
    if worst_cosine > _MAX_AXIS_COSINE:
        raise UnsupportedImage(
            f"The axes of {name} are not at right angles (gantry tilt or shear); resample it onto a "
            "rectangular grid "
            "first, for instance in 3D Slicer.",
            id="sheared-geometry",
            cosine=float(worst_cosine),
        )


def voxel_to_patient(image: sitk.Image) -> np.ndarray:
    """Return the 4 x 4 matrix from voxel index (x, y, z, 1) to patient position (LPS, mm)."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.asarray(image.GetDirection()).reshape(3, 3) * np.asarray(image.GetSpacing())
    matrix[:3, 3] = image.GetOrigin()
    return matrix


def _numbers(values: np.ndarray) -> str:
    return " x ".join(f"{value:g}" for value in values)
