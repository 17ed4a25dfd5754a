"""``compare``: everything about how two masks agree, in one call."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Callable, NamedTuple

import numpy as np
import SimpleITK as sitk

from .arguments import check_arguments
from .comparison import Comparison
from .distances import DirectedDistances, percentile
from .packed import count_bits
from .pairing import MaskPair, pair_masks

Directed = tuple[DirectedDistances, DirectedDistances]

# family -> (module, function); a family's module is loaded when it is asked for
_FAMILY_FUNCTIONS: dict[str, tuple[str, str]] = {
    "voxel": ("voxel_surface", "voxel_distances"),
    "surfel": ("surfel", "surfel_distances"),
    "mesh": ("mesh", "mesh_distances"),
}


class _Surface(NamedTuple):
    """The distance fields of a comparison."""

    msd_mm: float
    masd_mm: float
    msd_test_to_reference_mm: float
    msd_reference_to_test_mm: float
    rmsd_mm: float
    hd_mm: float
    hd95_mm: float
    hd95_pooled_mm: float


def compare(
    reference: sitk.Image,
    test: sitk.Image,
    *,
    label: int = 1,
    tolerance_mm: float | None = None,
    geometry: str = "strict",
    family: str = "voxel",
    test_label: int | None = None,
) -> Comparison:
    """Measure how a test mask agrees with a reference mask.

    Args:
        reference, test: Labelmaps, three-dimensional, of any scalar type.
        label: Value of the object in both images.
        tolerance_mm: Tolerance of the surface Dice, mm; without it there is none.
        geometry: "strict" refuses masks on different lattices; "resample" puts the reference on the
            test's lattice by nearest neighbour and says so. Flips, permuted axes, crops and whole-voxel
            offsets are the same lattice and are always followed exactly.
        family: "voxel", "surfel" or "mesh": how surfaces and their distances are defined
            (``definitions.SURFACE``). Overlap and volumes do not depend on it.
        test_label: Value of the object in the test where it differs from ``label``.

    Returns:
        All measures, with status and warnings. Empty masks have defined results (``definitions.EMPTY_RULE``).

    Raises:
        InvalidArgument: If an argument is out of its range.
        UnsupportedMask: If an image cannot be a labelmap.
        GeometryMismatch: If the lattices differ and ``geometry`` is "strict".
        TypeError: If an image is not a SimpleITK image.
    """
    wanted_test_label = label if test_label is None else test_label
    check_arguments(label, wanted_test_label, tolerance_mm, geometry, family)
    pair = pair_masks(
        reference, test, label=label, test_label=wanted_test_label, resample=geometry == "resample"
    )
    dice, has_both = _overlap(pair)
    directed = _family_distances(family, pair) if has_both else None
    surface = _summarize(directed) if directed else _without_surface(pair)
    return Comparison(
        dice=dice,
        volume_test_ml=pair.test_ml,
        volume_reference_ml=pair.reference_ml,
        volume_ratio=pair.test_ml / pair.reference_ml if pair.reference_voxels else math.nan,
        volume_difference_ml=pair.test_ml - pair.reference_ml,
        volume_difference_percent=_percent(pair.test_ml - pair.reference_ml, pair.reference_ml),
        **surface._asdict(),
        surface_dice=_surface_dice(pair, family, directed, tolerance_mm),
        tolerance_mm=None if tolerance_mm is None else float(tolerance_mm),
        hd_point_lps=_hausdorff_point(pair, directed) if directed else None,
        status=_status(pair),
        geometry=pair.geometry,
        family=family,
        label=int(label),
        test_label=int(wanted_test_label),
        warnings=pair.warnings + _label_warnings(reference, test, pair, label, wanted_test_label),
    )


def compare_labels(
    reference: sitk.Image,
    test: sitk.Image,
    labels: Mapping[str, int] | Iterable[int],
    *,
    tolerance_mm: float | None = None,
    geometry: str = "strict",
    family: str = "voxel",
) -> dict[str, Comparison]:
    """Compare several labels of two labelmaps, each as ``compare`` does.

    Args:
        labels: Values, or names with their values; a value is named by its number.

    Returns:
        One comparison per name, in the order given. A label that only one image has counts as an empty mask.

    Raises:
        As ``compare``.
    """
    named = dict(labels) if isinstance(labels, Mapping) else {str(value): value for value in labels}
    return {
        name: compare(
            reference, test, label=value, tolerance_mm=tolerance_mm, geometry=geometry, family=family
        )
        for name, value in named.items()
    }


def labels_in(image: sitk.Image) -> list[int]:
    """The values other than 0 that a labelmap holds, sorted; fractions are rounded down."""
    found: set[int] = set()
    for plane in sitk.GetArrayViewFromImage(image):
        found.update(int(value) for value in np.unique(plane[plane != 0]) if math.isfinite(value))
    return sorted(found)


def _overlap(pair: MaskPair) -> tuple[float, bool]:
    """Dice, and whether both masks have a surface on the common grid."""
    if pair.test is None or pair.reference is None:
        return math.nan, False
    in_test, in_reference = count_bits(pair.test), count_bits(pair.reference)
    if in_test + in_reference == 0:
        return math.nan, False
    in_both = count_bits(pair.test & pair.reference)
    return 2.0 * in_both / (in_test + in_reference), in_test > 0 and in_reference > 0


def _family_distances(family: str, pair: MaskPair) -> Directed:
    module, name = _FAMILY_FUNCTIONS[family]
    measure: Callable[..., Directed] = getattr(import_module(f".{module}", __package__), name)
    return measure(pair.test, pair.reference, pair.grid.metric_steps())


def _summarize(directed: Directed) -> _Surface:
    from_test, from_reference = directed
    weight = from_test.total_weight + from_reference.total_weight
    return _Surface(
        msd_mm=(from_test.weighted_sum() + from_reference.weighted_sum()) / weight,
        masd_mm=(from_test.mean + from_reference.mean) / 2.0,
        msd_test_to_reference_mm=from_test.mean,
        msd_reference_to_test_mm=from_reference.mean,
        rmsd_mm=math.sqrt((from_test.weighted_sum(2) + from_reference.weighted_sum(2)) / weight),
        hd_mm=max(from_test.maximum, from_reference.maximum),
        hd95_mm=max(percentile([from_test], 95.0), percentile([from_reference], 95.0)),
        hd95_pooled_mm=percentile([from_test, from_reference], 95.0),
    )


def _without_surface(pair: MaskPair) -> _Surface:
    """All distances where a mask is empty: infinite for one, undefined for both."""
    return _Surface(*[math.nan if _status(pair) == "both-empty" else math.inf] * len(_Surface._fields))


def _surface_dice(
    pair: MaskPair, family: str, directed: Directed | None, tolerance_mm: float | None
) -> float | None:
    if tolerance_mm is None:
        return None
    if directed is None:
        return math.nan if _status(pair) == "both-empty" else 0.0
    # Surface voxels have no area of their own: the voxel family borrows that of the surfels.
    if family == "voxel":
        directed = _family_distances("surfel", pair)
    near = sum(part.weight_within(tolerance_mm) for part in directed)
    return near / sum(part.total_weight for part in directed)


def _hausdorff_point(pair: MaskPair, directed: Directed) -> tuple[float, float, float] | None:
    worst = max(directed, key=lambda part: part.maximum)
    if worst.farthest_index is None:
        return None
    return pair.grid.position_lps(worst.farthest_index + np.array(pair.corner))


def _status(pair: MaskPair) -> str:
    empty = [
        name
        for name, count in (("test", pair.test_voxels), ("reference", pair.reference_voxels))
        if count == 0
    ]
    return {0: "ok", 1: f"{''.join(empty)}-empty", 2: "both-empty"}[len(empty)]


def _label_warnings(
    reference: sitk.Image, test: sitk.Image, pair: MaskPair, label: int, test_label: int
) -> tuple[str, ...]:
    """Say which labels there are where the one asked for is not: a wrong number looks like an empty mask."""
    warnings = []
    for role, image, wanted, count in (
        ("reference", reference, label, pair.reference_voxels),
        ("test", test, test_label, pair.test_voxels),
    ):
        if count == 0:
            others = labels_in(image)
            has = f"it has {', '.join(map(str, others))}" if others else "it is empty"
            warnings.append(f"The {role} has no voxel of label {wanted}; {has}.")
    return tuple(warnings)


def _percent(difference: float, whole: float) -> float:
    return 100.0 * (difference / whole) if whole else math.nan
