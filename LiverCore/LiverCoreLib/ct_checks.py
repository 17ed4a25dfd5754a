"""Checks of an image before it is given to a network: what cannot work is refused, what may mislead is said.

The thresholds were set so that CTs clipped to soft tissue ([-160, 240] HU) and CTs padded with -1024, -2000
or -3024 pass, and MR does not: MR has no values that stand for fat and air below water.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.image_checks import ImageHeader, UnsupportedImage, check_geometry, check_is_volume

from .geometry import Lattice, patient_grid

FEWEST_SLICES = 5
LOCALIZER_MATRIX = 200
SPACING_LIMITS_MM = (0.1, 20.0)
THICK_SLICE_MM = 6.0
SMALLEST_FIELD_MM = (30.0, 80.0, 80.0)  # z, y, x; less cannot hold a newborn's liver
SMALL_FIELD_MM = (100.0, 150.0, 150.0)
LARGEST_FIELD_MM = 2500.0
PADDING_BELOW_HU = -1500.0
DARK_BELOW_HU = -60.0
DARK_SHARE = 0.005
TISSUE_HU = (-50.0, 250.0)
TISSUE_SHARE = 0.02
NARROWEST_RANGE_HU = 100.0
ZERO_SHARE = 0.05
UNSIGNED_OFFSET_HU = -1024.0
SAMPLES_PER_AXIS = 128


@dataclass(frozen=True)
class ImageCheck:
    """An image that a network may be given: `warnings`, plain sentences, and `hu_offset`, what to add to its
    values.
    """

    warnings: tuple[str, ...] = ()
    hu_offset: float = 0.0


def check_image(image: sitk.Image, modality: str = "CT", *, whole_liver: bool = False) -> ImageCheck:
    """Check geometry and, for modality "CT", intensities; raises UnsupportedImage with a stable id.

    whole_liver: The caller looks for the liver, so an image that may show only some of it gets a warning;
    what works on each section for itself does as well on a few.

    Ids: those of LiverCoreLib.image_checks, and single-slice, localizer, too-few-slices, implausible-spacing,
    field-of-view, not-finite, constant-image, hu-range, not-ct.
    """
    _check_kind(image)
    warnings = _check_geometry(image, whole_liver)
    warnings += _check_finite(image)
    values = _sample(image)
    if values.size == 0 or values.min() == values.max():
        all_zero = values.size > 0 and not values.any()
        zero = ", 0, which is how NIfTI files without numbers are read" if all_zero else ""
        raise UnsupportedImage(
            f"Every voxel has the same value{zero}, so there is nothing to see in it; was the right "
            "file chosen?",
            id="constant-image",
        )
    if modality != "CT":
        return ImageCheck(tuple(warnings))
    offset = _check_hounsfield(values)
    if offset:
        warnings.append(
            f"The values look like Hounsfield units plus {-offset:g} (rescale intercept not applied): "
            f"{-offset:g} was subtracted."
        )
    elif _is_surrounded_by_zeros(image, values):
        warnings.append(
            "The space around the patient reads 0 HU, as water does, instead of air (perhaps it held no "
            "numbers before): look at the result with care, or set that space to -1000."
        )
    return ImageCheck(tuple(warnings), offset)


def check_modality(modality: str | None) -> None:
    """Refuse what its headers call something else than CT; None is a file that does not say.

    Raises:
        UnsupportedImage: ``not-ct``.
    """
    if modality not in (None, "CT"):
        raise UnsupportedImage(
            f"The series is {modality}, not CT; give a CT series.", id="not-ct", modality=modality
        )


def _check_kind(image: sitk.Image) -> None:
    header = ImageHeader(
        image.GetSize(), image.GetSpacing(), image.GetNumberOfComponentsPerPixel(), image.GetPixelIDValue()
    )
    check_is_volume(header, "The image")
    if image.GetDimension() != 3:
        raise UnsupportedImage(
            f"The image has {image.GetDimension()} dimensions; take the volume out of it first.",
            id="not-three-dimensional",
            size=image.GetSize(),
        )
    check_geometry(image, "The image")


def _check_geometry(image: sitk.Image, whole_liver: bool) -> list[str]:
    lattice = Lattice.of(image)
    fewest = min(lattice.size)
    if fewest < FEWEST_SLICES:
        is_wide = sorted(lattice.size)[1] >= LOCALIZER_MATRIX
        hint = (
            "it may be a localizer (scout); choose the volume series."
            if is_wide
            else "choose the whole series."
        )
        raise UnsupportedImage(
            f"The image has {fewest} slice{'s' if fewest > 1 else ''} and {FEWEST_SLICES} are needed; {hint}",
            id="single-slice" if fewest == 1 else "localizer" if is_wide else "too-few-slices",
            size=lattice.size,
        )
    low, high = SPACING_LIMITS_MM
    if not all(low <= spacing <= high for spacing in lattice.spacing):
        raise UnsupportedImage(
            f"The voxel spacing is {_lengths(lattice.spacing)} mm, outside {low:g} to {high:g} mm; correct "
            "the file's header (spacing is in mm).",
            id="implausible-spacing",
            spacing_mm=lattice.spacing,
        )
    grid = patient_grid(lattice, (1.0, 1.0, 1.0))
    extent = [n * spacing for n, spacing in zip(grid.shape, grid.spacing_mm)]
    seen = f"{_lengths(extent[::-1])} mm (left-right, front-back, head-foot)"
    if (
        any(size < smallest for size, smallest in zip(extent, SMALLEST_FIELD_MM))
        or max(extent) > LARGEST_FIELD_MM
    ):
        raise UnsupportedImage(
            f"The image covers {seen}, which cannot be an abdomen; check the file and its voxel spacing.",
            id="field-of-view",
            extent_mm=tuple(extent),
        )
    warnings = []
    if whole_liver and any(size < small for size, small in zip(extent, SMALL_FIELD_MM)):
        warnings.append(
            f"The image covers only {seen}: the liver may be cut, and the model wants the whole abdomen."
        )
    if max(lattice.spacing) > THICK_SLICE_MM:
        warnings.append(
            f"Slices of {max(lattice.spacing):.3g} mm are thick: volume and outline are less certain between "
            "them."
        )
    return warnings


def _check_finite(image: sitk.Image) -> list[str]:
    array = sitk.GetArrayViewFromImage(image)
    if array.dtype.kind != "f":
        return []
    bad = sum(int(np.count_nonzero(~np.isfinite(plane))) for plane in array)
    if bad == array.size:
        raise UnsupportedImage(
            "No voxel holds a number (all are NaN or infinite); export the image again.", id="not-finite"
        )
    if bad == 0:
        return []
    return [
        f"{bad} voxels ({100 * bad / array.size:.2g} %) are NaN or infinite and were treated as empty space."
    ]


def _sample(image: sitk.Image) -> np.ndarray:
    """Some 128 x 128 x 128 finite values, in their order along no axis in particular, padding left out."""
    array = sitk.GetArrayViewFromImage(image)
    steps = tuple(slice(None, None, -(-length // SAMPLES_PER_AXIS)) for length in array.shape)
    values = array[steps].astype(np.float32).ravel()
    return values[np.isfinite(values) & (values > PADDING_BELOW_HU)]


def _check_hounsfield(values: np.ndarray) -> float:
    """What to add to make the values Hounsfield units: 0, or -1024; raises where neither makes a CT of
    them.
    """
    low, high = (float(value) for value in np.percentile(values, [0.05, 99.95]))
    if high - low < NARROWEST_RANGE_HU:
        raise UnsupportedImage(
            f"The values run from {low:.4g} to {high:.4g} only, too little for Hounsfield units; give the "
            "CT as it was reconstructed, neither normalised nor a mask.",
            id="hu-range",
            lowest=low,
            highest=high,
        )
    if _share(values, -np.inf, DARK_BELOW_HU) < DARK_SHARE:
        if _looks_unsigned(values):
            return UNSIGNED_OFFSET_HU
        raise UnsupportedImage(
            f"This does not look like a CT in Hounsfield units: next to nothing is below {DARK_BELOW_HU:g} "
            f"as fat and air are (lowest value {low:.4g}); it may be an MR, which needs a model for MR.",
            id="not-ct",
            lowest=low,
            highest=high,
        )
    tissue = _share(values, *TISSUE_HU)
    if tissue < TISSUE_SHARE:
        raise UnsupportedImage(
            f"Only {100 * tissue:.1f} % of the voxels lie between {TISSUE_HU[0]:g} and {TISSUE_HU[1]:g} HU, "
            f"where soft tissue is (values from {low:.4g} to {high:.4g}); check that these are Hounsfield "
            "units.",
            id="hu-range",
            lowest=low,
            highest=high,
        )
    return 0.0


def _is_surrounded_by_zeros(image: sitk.Image, values: np.ndarray) -> bool:
    corners = sitk.GetArrayViewFromImage(image)[:: image.GetDepth() - 1, :: image.GetHeight() - 1]
    corners = corners[:, :, :: image.GetWidth() - 1]
    return not corners.any() and _share(values, -0.0, 1e-3) > ZERO_SHARE


def _looks_unsigned(values: np.ndarray) -> bool:
    """Whether air sits just above 0, soft tissue around 1024 and little in between, as in raw CT numbers."""
    tissue = _share(values, 900, 1300)
    return _share(values, -np.inf, 150) > 0.02 and tissue > 0.10 and _share(values, 300, 800) < 0.5 * tissue


def _share(values: np.ndarray, low: float, high: float) -> float:
    return float(np.count_nonzero((values >= low) & (values < high)) / values.size)


def _lengths(values: Sequence[float]) -> str:
    return " x ".join(f"{value:.3g}" for value in values)
