"""Whether DICOM slices fill a box in space evenly, and which box.

A volume in millilitres is only right if no slice is missing, doubled, tilted or shifted; what
cannot be right is refused, what is slightly off is reported. Geometry: DICOM PS3.3 C.7.6.2.1.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .dicom_headers import GANTRY_TILT, SliceHeader
from .image_checks import UnsupportedImage

_ORIENTATION_TOLERANCE = 1e-3  # largest difference of a direction cosine between slices
_SIDEWAYS_TOLERANCE_PIXELS = 0.5
_SAME_POSITION = 0.1  # of the usual distance between slices
_MISSING_GAP = 1.5
_UNEVEN_WARNING = 0.1  # deviation from an even grid, in slice distances
_UNEVEN_REFUSAL = 0.25
_ROUNDING_MM = 0.11  # deviation that positions rounded to 0.1 mm explain


@dataclass(frozen=True)
class SliceGrid:
    """Slices in order of position, and the grid they make.

    Attributes:
        slices: Ordered along the normal of the slices (row x column).
        origin_mm: Centre of the first voxel (LPS).
        spacing_mm: Distance between columns, rows, slices.
        direction: 3 x 3 direction cosines, row by row, as SimpleITK takes them.
        warnings: What is slightly off.
    """

    slices: tuple[SliceHeader, ...]
    origin_mm: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    direction: tuple[float, ...]
    warnings: tuple[str, ...]


def arrange_slices(slices: Sequence[SliceHeader], name: str) -> SliceGrid:
    """Order the slices of one volume and check that they make an even, right-angled grid.

    Args:
        slices: In any order.
        name: How to call the series in messages.

    Raises:
        UnsupportedImage: ``multi-frame``, ``colour-image``, ``single-slice``, ``no-slice-positions``,
            ``mixed-slice-sizes``, ``mixed-orientation``, ``gantry-tilt``, ``shifted-slices``,
            ``doubled-slices``, ``missing-slices`` or ``uneven-slices``.
    """
    _check_are_slices(slices, name)
    axes = _common_axes(slices, name)
    row_spacing, column_spacing = _common_pixel_spacing(slices, name)
    positions = np.array([one.position_mm for one in slices], dtype=np.float64)
    order = np.argsort(positions @ axes[2], kind="stable")
    ordered = tuple(slices[i] for i in order)
    positions = positions[order]
    _check_not_sheared(ordered, positions, axes, min(row_spacing, column_spacing), name)
    distance, warnings = _even_distance(positions @ axes[2], name)
    return SliceGrid(
        slices=ordered,
        origin_mm=tuple(positions[0]),
        spacing_mm=(column_spacing, row_spacing, distance),
        direction=tuple(axes.T.ravel()),
        warnings=tuple(warnings),
    )


def _check_are_slices(slices: Sequence[SliceHeader], name: str) -> None:
    first = slices[0]
    if any(one.frames > 1 for one in slices):
        raise UnsupportedImage(
            f"{name} is stored as multi-frame (enhanced) DICOM; convert it to single slices or to .nii.gz "
            "first.",
            id="multi-frame",
        )
    if any(one.components > 1 for one in slices):
        raise UnsupportedImage(
            f"{name} holds colour pictures, not a scan; give the original grey-value series.",
            id="colour-image",
        )
    if len(slices) < 2:
        raise UnsupportedImage(f"{name} holds a single slice; give a whole volume.", id="single-slice")
    if any(
        one.position_mm is None or one.orientation is None or one.pixel_spacing_mm is None for one in slices
    ):
        raise UnsupportedImage(
            f"{name} does not say where its slices lie (no position, orientation or pixel spacing); export "
            "the original "
            "series again.",
            id="no-slice-positions",
        )
    if any((one.columns, one.rows) != (first.columns, first.rows) for one in slices):
        sizes = sorted({f"{one.columns} x {one.rows}" for one in slices})
        raise UnsupportedImage(
            f"{name} mixes slices of {' and '.join(sizes)} pixels; separate them first.",
            id="mixed-slice-sizes",
        )


def _common_axes(slices: Sequence[SliceHeader], name: str) -> np.ndarray:
    """Return row, column and normal directions as the rows of a 3 x 3 rotation."""
    orientations = np.array([one.orientation for one in slices], dtype=np.float64)
    if np.abs(orientations - orientations[0]).max() > _ORIENTATION_TOLERANCE:
        raise UnsupportedImage(
            f"{name} mixes slices of different orientation (a localizer or a reformation?); separate them "
            "first.",
            id="mixed-orientation",
        )
    row, column = orientations[0, :3], orientations[0, 3:]
    normal = np.cross(row, column)
    if not np.isfinite(orientations).all() or abs(np.linalg.norm(normal) - 1) > 0.01:
        raise UnsupportedImage(
            f"{name} gives no valid slice orientation; export the original series again.",
            id="no-slice-positions",
        )
    left, _, right = np.linalg.svd(np.stack([row, column, normal / np.linalg.norm(normal)]))
    return left @ right


def _common_pixel_spacing(slices: Sequence[SliceHeader], name: str) -> tuple[float, float]:
    spacings = np.array([one.pixel_spacing_mm for one in slices], dtype=np.float64)
    if not (np.isfinite(spacings).all() and (spacings > 0).all()):
        raise UnsupportedImage(
            f"{name} gives no valid pixel spacing; export the original series again.", id="no-slice-positions"
        )
    if np.abs(spacings - spacings[0]).max() > 1e-3 * spacings[0].max():
        raise UnsupportedImage(
            f"{name} mixes slices of different pixel spacing; separate them first.", id="mixed-slice-sizes"
        )
    return float(spacings[0, 0]), float(spacings[0, 1])


def _check_not_sheared(
    slices: Sequence[SliceHeader], positions: np.ndarray, axes: np.ndarray, pixel_mm: float, name: str
) -> None:
    """Each slice must lie straight above the first; a steady drift is gantry tilt."""
    from_first = positions - positions[0]
    heights = from_first @ axes[2]
    sideways = from_first - heights[:, None] * axes[2]
    if np.linalg.norm(sideways, axis=1).max() <= _SIDEWAYS_TOLERANCE_PIXELS * pixel_mm:
        return
    if heights[-1] <= 0:
        raise UnsupportedImage(
            f"The slices of {name} lie side by side in one plane; give a series that covers a volume.",
            id="shifted-slices",
        )
    drift = sideways[-1] / heights[-1]
    unexplained = np.linalg.norm(sideways - heights[:, None] * drift, axis=1).max()
    if unexplained > _SIDEWAYS_TOLERANCE_PIXELS * pixel_mm:
        raise UnsupportedImage(
            f"The slices of {name} are shifted against each other sideways by up to "
            f"{np.linalg.norm(sideways, axis=1).max():.1f} mm; export the original series again.",
            id="shifted-slices",
        )
    angle = float(np.degrees(np.arctan(np.linalg.norm(drift))))
    stated = slices[0].text(GANTRY_TILT)
    raise UnsupportedImage(
        f"{name} was taken with a tilted gantry ({angle:.1f} degrees), so its slices do not stack at right "
        "angles; correct "
        "the tilt first (3D Slicer does on loading DICOM with 'apply transform', then save as .nrrd).",
        id="gantry-tilt",
        angle_degrees=angle,
        stated_degrees=stated,
    )


def _even_distance(heights: np.ndarray, name: str) -> tuple[float, list[str]]:
    """Return the distance between slices, mm, and a warning where it varies a little.

    Scanners round positions, often to 0.1 mm, so the deviation from an even grid counts, not that
    of single distances.
    """
    gaps = np.diff(heights)
    between = np.sort(gaps[gaps > 0])
    usual = float(between[(between.size - 1) // 2]) if between.size else 0.0
    doubled = int((gaps <= _SAME_POSITION * usual).sum())
    if doubled:
        raise UnsupportedImage(
            f"{name} holds {doubled} slice(s) at a place where there is one already, and nothing says which "
            "belong "
            "together; export one reconstruction of the series.",
            id="doubled-slices",
            doubled=doubled,
        )
    wide = np.flatnonzero(gaps > _MISSING_GAP * usual)
    if wide.size:
        missing = int(sum(max(1, round(gaps[i] / usual) - 1) for i in wide))
        raise UnsupportedImage(
            f"{name} lacks about {missing} slice(s): after slice {wide[0] + 1} of {len(heights)} the next "
            "one is "
            f"{gaps[wide[0]]:.4g} mm away instead of {usual:.4g} mm; get the complete series.",
            id="missing-slices",
            missing=missing,
        )
    distance = float((heights[-1] - heights[0]) / (len(heights) - 1))
    deviation_mm = float(np.abs(heights - heights[0] - distance * np.arange(len(heights))).max())
    if deviation_mm > max(_UNEVEN_REFUSAL * distance, _ROUNDING_MM):
        raise UnsupportedImage(
            f"The slices of {name} are unevenly spaced ({gaps.min():.4g} to {gaps.max():.4g} mm); get an "
            "evenly "
            "reconstructed series or resample it first.",
            id="uneven-slices",
            smallest_mm=float(gaps.min()),
            largest_mm=float(gaps.max()),
        )
    if deviation_mm > max(_UNEVEN_WARNING * distance, _ROUNDING_MM):
        return distance, [
            f"The distance between slices varies ({gaps.min():.4g} to {gaps.max():.4g} mm); {distance:.4g} "
            "mm is used."
        ]
    return distance, []
