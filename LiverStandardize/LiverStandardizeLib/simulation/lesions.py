"""Lesions in the liver: balls of exact size in the scanner, where there is room for them, and their paint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import ndimage

from . import tissues as t
from .body import Body, Triple
from .canvas import Canvas
from .challenges import CYST, METASTASIS, SMALLEST_LESION_MM, ChallengeError, Lesion
from .chance import Chance
from .mixtures import Mixture
from .shapes import Grid

LARGE = ((62.0, 82.0, METASTASIS), (36.0, 52.0, METASTASIS), (26.0, 38.0, CYST))
"""Lesions of the challenge "hypodense-lesions": diameters from, to, in mm of an adult, and what they are."""
SURROUNDED_MM = 2.0
"""A drawn lesion keeps so far from the liver's surface and from others, where there is room for that."""
LEAST_IN_LIVER = 0.6
"""Share of a ball that must lie in the liver, and not in other lesions; the rest of it is cut off."""
MOST_LESIONS = 200
_SAMPLES = 24
"""Points across a ball that are asked whether they lie in the liver."""


@dataclass(frozen=True)
class PlacedLesion:
    """A lesion as it is drawn. code: in the image of details. centre_mm: LPS in the scanner.

    share_in_liver: of its ball, without what lies in lesions placed before it.
    """

    lesion: Lesion
    code: int
    centre_mm: Triple
    share_in_liver: float

    def to_dict(self) -> dict[str, Any]:
        """The lesion, where it is and what it is made of."""
        contrast = self.lesion.contrast
        return {
            "code": self.code,
            "kind": contrast.name,
            "diameter_mm": self.lesion.diameter_mm,
            "centre_mm": [round(part, 2) for part in self.centre_mm],
            "share_in_liver": round(self.share_in_liver, 3),
            "water": contrast.water,
            "calcium_mg_ml": contrast.calcium_mg_ml,
            "iodine_to_liver": contrast.iodine_to_liver,
            "rim_mm": round(self.lesion.rim_mm, 2),
            "rim_iodine_to_liver": contrast.rim_iodine_to_liver,
        }


def large_lesions(body: Body, chance: Chance) -> tuple[Lesion, ...]:
    """Three lesions much less dense than the liver, large for this person."""
    rng = chance.of("large lesions")
    size = float(np.prod(body.scale)) ** (1 / 3)
    return tuple(
        Lesion(max(round(float(rng.uniform(least, most)) * size, 1), SMALLEST_LESION_MM), contrast)
        for least, most, contrast in LARGE
    )


def place_lesions(
    grid: Grid,
    liver: np.ndarray,
    body: Body,
    lesions: Sequence[Lesion],
    chance: Chance,
    *,
    may_shrink: Sequence[Lesion] = (),
) -> tuple[PlacedLesion, ...]:
    """Find room for lesions in a liver (signed mm, wholly in the grid); codes follow the order given.

    Those with a place keep it, the largest of the others choose first. `may_shrink`: more lesions, placed
    last, as large as there is room for.
    Raises ChallengeError for one of `lesions` that does not fit.
    """
    wanted = [*lesions, *may_shrink]
    if len(wanted) > MOST_LESIONS:
        raise ChallengeError(f"A phantom can have {MOST_LESIONS} lesions, not {len(wanted)}.")
    places = _scanner_mm(grid, body)
    room, free = _depth_mm(places, liver), liver.copy()

    def turn(number: int) -> tuple[bool, bool, float]:
        one = wanted[number]
        return number >= len(lesions), one.centre_mm is None, -one.diameter_mm

    placed = {}
    for number in sorted(range(len(wanted)), key=turn):
        lesion, rng = wanted[number], chance.of("lesion", number)
        if number >= len(lesions):
            widest = max(2 * float(room.max()), SMALLEST_LESION_MM)
            lesion = replace(lesion, diameter_mm=round(min(lesion.diameter_mm, widest), 1))
        radius = lesion.diameter_mm / 2
        centre = lesion.centre_mm or _somewhere(room, places, radius, rng)
        share = _share_inside(places, free, centre, radius)
        if share < LEAST_IN_LIVER and number < len(lesions):
            raise _does_not_fit(lesion, share, room)
        placed[number] = PlacedLesion(lesion, t.FIRST_LESION + number, centre, share)
        ball = _ball(places, centre, radius)
        np.minimum(room, ball, out=room)
        np.maximum(free, -ball, out=free)
    return tuple(placed[number] for number in range(len(wanted)))


def paint_lesions(canvas: Canvas, liver: np.ndarray, lesions: Sequence[PlacedLesion], body: Body) -> None:
    """Draw lesions, each a rim and the core in it, into the liver (signed mm) and its details."""
    for placed in lesions:
        lesion, contrast = placed.lesion, placed.lesion.contrast
        radius = lesion.diameter_mm / 2
        reach = [(radius + 2) / scale for scale in body.scale]
        middle = [part / scale for part, scale in zip(placed.centre_mm, body.scale)]
        low, high = ([m + s * r for m, r in zip(middle, reach)] for s in (-1, 1))
        part = canvas.around(low, high)
        if part.grid.empty:
            continue
        ball = _ball(_scanner_mm(part.grid, body), placed.centre_mm, radius)
        shape = np.maximum(ball, canvas.cut(part, liver))
        if contrast.rim_iodine_to_liver is not None:
            rim = Mixture(contrast.water, contrast.calcium_mg_ml, contrast.rim_iodine_to_liver)
            part.paint(shape, rim, detail=placed.code)
        core = Mixture(contrast.water, contrast.calcium_mg_ml, contrast.iodine_to_liver)
        part.paint(shape + np.float32(lesion.rim_mm), core, detail=placed.code)


def _scanner_mm(grid: Grid, body: Body) -> list[np.ndarray]:
    """Places of voxels along x, y, z in the scanner: a person's bend is of the organs, not of lesions."""
    return [axis * scale for axis, scale in zip(grid.axes, body.scale)]


def _depth_mm(places: Sequence[np.ndarray], liver: np.ndarray) -> np.ndarray:
    """How deep voxels lie in the liver at least, (z, y, x), mm of the scanner; below 0 outside."""
    pitch = [float(axis[1] - axis[0]) for axis in places[::-1]]
    depth = ndimage.distance_transform_edt(liver < 0, sampling=pitch)
    return (depth - max(pitch) / 2).astype(np.float32)


def _somewhere(
    room: np.ndarray, places: Sequence[np.ndarray], radius_mm: float, rng: np.random.Generator
) -> Triple:
    """A place with enough room, or with the most there is."""
    enough = min(radius_mm + SURROUNDED_MM, 0.97 * float(room.max()))
    spots = np.argwhere(room >= enough)
    k, j, i = spots[int(rng.random() * len(spots))]
    return float(places[0][i]), float(places[1][j]), float(places[2][k])


def _ball(places: Sequence[np.ndarray], centre_mm: Triple, radius_mm: float) -> np.ndarray:
    """Signed mm of the scanner at voxels, (z, y, x)."""
    x, y, z = ((axis - middle) ** 2 for axis, middle in zip(places, centre_mm))
    away = np.sqrt(x[None, None, :] + y[None, :, None] + z[:, None, None])
    return (away - radius_mm).astype(np.float32)


def _share_inside(
    places: Sequence[np.ndarray], liver: np.ndarray, centre_mm: Triple, radius_mm: float
) -> float:
    line = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * 2 - 1
    z, y, x = np.stack(np.meshgrid(line, line, line, indexing="ij")).reshape(3, -1)
    inside = x**2 + y**2 + z**2 < 1
    index = [
        (middle + radius_mm * part[inside] - axis[0]) / (axis[1] - axis[0])
        for part, middle, axis in zip((z, y, x), centre_mm[::-1], places[::-1])
    ]
    found = ndimage.map_coordinates(liver, index, order=1, mode="nearest")
    return float((found < 0).mean())


def _does_not_fit(lesion: Lesion, share: float, room: np.ndarray) -> ChallengeError:
    if lesion.centre_mm is None:
        message = (
            f"A lesion of {lesion.diameter_mm:g} mm does not fit into this liver beside the others: there is "
            f"room for one of about {max(2 * float(room.max()), 0):.0f} mm; ask for a smaller one."
        )
    else:
        where = ", ".join(f"{part:g}" for part in lesion.centre_mm)
        message = (
            f"Only {100 * share:.0f} % of the lesion of {lesion.diameter_mm:g} mm at ({where}) lies in the "
            f"liver beside the others, and {100 * LEAST_IN_LIVER:.0f} % must; choose another place or leave "
            "the place out."
        )
    return ChallengeError(message, id="lesion-does-not-fit", diameter_mm=lesion.diameter_mm)
