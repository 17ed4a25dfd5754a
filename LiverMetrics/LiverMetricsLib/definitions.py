"""What each number means, in words that go into every export.

``DEFINITIONS_VERSION`` changes whenever a definition changes a value; keep it beside published figures.
"""

from __future__ import annotations

DEFINITIONS_VERSION = "1.0"

FAMILIES = ("voxel", "surfel", "mesh")

NEIGHBOURHOOD = {
    "voxel": "18-neighbourhood (faces and edges); outside the image is background",
    "surfel": "2 x 2 x 2 cells of voxel centres; outside the image is background",
    "mesh": "2 x 2 x 2 cells of voxel centres; outside the image is background",
}

SURFACE = {
    "voxel": "object voxels with a background voxel in the 18-neighbourhood; "
    "distances between voxel centres in mm; every surface voxel counts the same",
    "surfel": "corners where eight voxels meet and are not all alike; distances between such corners in mm; "
    "each counts for the marching-cubes area in its cell (as in DeepMind surface-distance)",
    "mesh": "closed marching-cubes mesh through the middles of cell edges; distances from its vertices to "
    "the nearest point of the other mesh in mm; each vertex counts for a third of the area of its triangles",
}

_WEIGHTED_PERCENTILE = "the smallest distance within which at least 95 % of the surface area lies"
PERCENTILE = {
    "voxel": "linear interpolation between order statistics (numpy default, R type 7)",
    "surfel": _WEIGHTED_PERCENTILE,
    "mesh": _WEIGHTED_PERCENTILE,
}

_FIELDS = {
    "dice": "2 |A and B| / (|A| + |B|), A the test and B the reference",
    "volume_test_ml": "voxels of A times voxel volume on its own grid, mL",
    "volume_reference_ml": "voxels of B times voxel volume on its own grid, mL",
    "volume_ratio": "volume of A / volume of B",
    "volume_difference_ml": "volume of A - volume of B, mL",
    "volume_difference_percent": "100 (volume of A - volume of B) / volume of B",
    "msd_mm": "mean surface distance: distances of both directions pooled, mm",
    "masd_mm": "mean of the two directed mean distances, mm",
    "msd_test_to_reference_mm": "mean distance from the surface of A to that of B, mm",
    "msd_reference_to_test_mm": "mean distance from the surface of B to that of A, mm",
    "rmsd_mm": "root of the mean squared surface distance, both directions pooled, mm",
    "hd_mm": "Hausdorff distance: the larger of the two directed maxima, mm",
    "hd95_mm": "the larger of the two directed 95th percentiles, mm",
    "hd95_pooled_mm": "95th percentile of the distances of both directions pooled, mm",
    "surface_dice": "share of both surfaces' area that lies within tolerance_mm of the other surface",
    "hd_point_lps": "where the Hausdorff distance is reached, LPS in mm",
}

EMPTY_RULE = (
    "one mask empty: Dice and surface Dice 0, distances infinite, ratio and percent NaN if the reference is; "
    "both empty: all but the volumes NaN"
)


def definitions_of(family: str) -> dict[str, str]:
    """Definitions that hold for a family, by field, plus those of surface, percentile and empty masks."""
    surface_dice_surface = SURFACE["surfel" if family == "voxel" else family]
    return {
        **_FIELDS,
        "surface": SURFACE[family],
        "surface_of_surface_dice": surface_dice_surface,
        "percentile": PERCENTILE[family],
        "empty": EMPTY_RULE,
    }
