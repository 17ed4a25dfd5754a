"""Two masks brought onto one grid without touching their voxels, or plainly refused."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError

from .lattice import Grid, Index, describe_difference, find_index_map, grids_overlap
from .packed import Box, find_label, pack_label

SAME_GRID = "same-grid"
SAME_LATTICE = "same-lattice"
RESAMPLED = "resampled"


class GeometryMismatch(LiverCNNError):
    """The masks are on different lattices and resampling was not asked for."""

    id = "geometry-mismatch"


class UnsupportedMask(LiverCNNError):
    """The image cannot be a labelmap."""

    id = "unsupported-mask"


@dataclass(frozen=True)
class MaskPair:
    """Both masks, packed over the box around their union.

    Attributes:
        test, reference: Packed masks over the same box (see ``packed``); None where both are empty.
        grid: The grid whose indices the box uses: the reference's, or the test's after resampling.
        corner: Index of the packed arrays' first voxel on that grid.
        shape: Voxels that the packed arrays stand for, their margins included.
        test_voxels, reference_voxels: Numbers of voxels on each mask's own grid.
        test_ml, reference_ml: Volumes on each mask's own grid.
        geometry: ``SAME_GRID``, ``SAME_LATTICE`` or ``RESAMPLED``.
    """

    test: np.ndarray | None
    reference: np.ndarray | None
    grid: Grid
    corner: Index
    shape: Index
    test_voxels: int
    reference_voxels: int
    test_ml: float
    reference_ml: float
    geometry: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Labels:
    """Voxels that carry a label: an array, where its first voxel lies on the common grid, and the box."""

    voxels: np.ndarray
    start: Index
    label: int
    box: Box | None


def pair_masks(
    reference: sitk.Image, test: sitk.Image, *, label: int, test_label: int, resample: bool
) -> MaskPair:
    """Bring two labelmaps onto one grid.

    On the same lattice (``lattice``) this is exact. Otherwise, if ``resample``, the reference is put
    on the test's lattice by nearest neighbour, with a warning; its volume is still its own grid's.

    Raises:
        UnsupportedMask: If an image is not three-dimensional with one value per voxel.
        GeometryMismatch: If the lattices differ and ``resample`` is off.
    """
    for role, image in (("reference", reference), ("test", test)):
        _check_labelmap(image, role)
    reference_grid, test_grid = Grid.of(reference), Grid.of(test)
    reference_voxels, reference_box = find_label(sitk.GetArrayViewFromImage(reference), label)
    test_voxels, test_box = find_label(sitk.GetArrayViewFromImage(test), test_label)
    warnings: list[str] = []

    index_map = find_index_map(test_grid, reference_grid)
    if index_map is not None:
        grid = reference_grid
        reference_part = _Labels(sitk.GetArrayViewFromImage(reference), (0, 0, 0), label, reference_box)
        voxels, start = index_map.orient(sitk.GetArrayViewFromImage(test))
        box = None if test_box is None else test_box.mapped(index_map)
        test_part = _Labels(voxels, start, test_label, box)
        same = index_map.is_identity and reference_grid.shape == test_grid.shape
        geometry = SAME_GRID if same else SAME_LATTICE
    elif resample:
        grid = test_grid
        test_part = _Labels(sitk.GetArrayViewFromImage(test), (0, 0, 0), test_label, test_box)
        reference_part = _resampled(reference, label, reference_box, reference_grid, test, test_grid)
        geometry = RESAMPLED
        warnings.append(
            "The masks are on different grids: the reference was put on the test's grid by nearest neighbour "
            f"(of the test, {describe_difference(reference_grid, test_grid)})."
        )
    else:
        raise GeometryMismatch(
            "The test mask is on another grid than the reference: "
            f"{describe_difference(reference_grid, test_grid)}; "
            "export both masks on the same volume, or allow resampling (geometry resample).",
            reference_spacing_mm=reference_grid.spacing_mm[::-1],
            test_spacing_mm=test_grid.spacing_mm[::-1],
        )
    if not grids_overlap(test_grid, reference_grid):
        warnings.append(
            "The fields of view of the two masks do not overlap: are they of the same examination?"
        )

    packed_test, packed_reference, box = _pack_both(test_part, reference_part)
    return MaskPair(
        test=packed_test,
        reference=packed_reference,
        grid=grid,
        corner=box.lower,
        shape=box.shape,
        test_voxels=test_voxels,
        reference_voxels=reference_voxels,
        test_ml=test_voxels * test_grid.voxel_ml,
        reference_ml=reference_voxels * reference_grid.voxel_ml,
        geometry=geometry,
        warnings=tuple(warnings),
    )


def _check_labelmap(image: sitk.Image, role: str) -> None:
    if not isinstance(image, sitk.Image):
        raise TypeError(f"The {role} has to be a SimpleITK.Image; found {type(image).__name__}.")
    if image.GetDimension() != 3:
        raise UnsupportedMask(
            f"The {role} mask has {image.GetDimension()} dimensions; give one volume (3).",
            dimension=image.GetDimension(),
        )
    pixel_type = image.GetPixelIDTypeAsString()
    if image.GetNumberOfComponentsPerPixel() != 1 or "complex" in pixel_type:
        raise UnsupportedMask(
            f"The {role} mask holds {pixel_type} voxels; give a labelmap with one number per voxel.",
            pixel_type=pixel_type,
        )


def _resampled(
    image: sitk.Image, label: int, box: Box | None, own: Grid, onto: sitk.Image, onto_grid: Grid
) -> _Labels:
    """The label on another lattice, computed over its own box only; it may reach beyond the other grid."""
    if box is None:
        return _Labels(np.zeros((0, 0, 0), dtype=np.uint8), (0, 0, 0), 1, None)
    crop = sitk.RegionOfInterest(image, box.shape[::-1], box.lower[::-1]) == label
    edges = np.array(list(product(*zip(box.lower, box.upper)))) - 0.5
    places = edges @ own.steps_mm.T + own.origin_lps - onto_grid.origin_lps
    indices = np.linalg.solve(onto_grid.steps_mm, places.T)
    lower = np.floor(indices.min(axis=1)).astype(int)
    shape = np.ceil(indices.max(axis=1)).astype(int) + 1 - lower
    resampled = sitk.Resample(
        crop,
        [int(n) for n in shape[::-1]],
        sitk.Transform(),
        sitk.sitkNearestNeighbor,
        onto_grid.position_lps(lower),
        onto.GetSpacing(),
        onto.GetDirection(),
        0,
        sitk.sitkUInt8,
    )
    voxels = sitk.GetArrayFromImage(resampled)
    start = (int(lower[0]), int(lower[1]), int(lower[2]))
    _, found = find_label(voxels, 1)
    return _Labels(voxels, start, 1, None if found is None else found.moved(start))


def _pack_both(test: _Labels, reference: _Labels) -> tuple[np.ndarray | None, np.ndarray | None, Box]:
    boxes = [part.box for part in (test, reference) if part.box is not None]
    if not boxes:
        return None, None, Box((0, 0, 0), (0, 0, 0))
    box = boxes[0].union(boxes[-1])
    packed = [pack_label(part.voxels, part.start, part.label, box) for part in (test, reference)]
    return packed[0], packed[1], box.grown(1)
