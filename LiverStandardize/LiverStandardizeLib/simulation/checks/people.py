"""Is a drawn person possible: the liver's volume by the regression, every organ whole and in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from ..chance import Chance
from ..drawing import draw
from ..frame import frame_grid
from ..people import Person, draw_person
from ..plan import make_plan
from ..stand import Stand, stand_of
from ..tissues import LABELS
from ..trunk import room_of

SIZE = (72, 72, 40)
"""Voxels along x, y, z: coarse, for many people in little time."""
BODY_ABOVE_HU = -300.0
IN_ONE_PIECE = 0.995
"""Share of the liver in its largest piece."""
LEAST_OF_ADULT = 0.3
"""An organ smaller than this share of the adult's, relative to the trunk, has vanished."""
ORGANS_ML = {
    "spleen": 180.0,
    "right_kidney": 150.0,
    "left_kidney": 150.0,
    "gallbladder": 30.0,
    "oesophagus": 20.0,
    "stomach": 280.0,
    "aorta": 60.0,
    "inferior_vena_cava": 60.0,
    "portal_and_splenic_veins": 20.0,
    "pancreas": 70.0,
    "right_adrenal": 1.5,
    "left_adrenal": 1.5,
}
"""Of the frame's adult, about, within the slices."""
IN_THE_CAVITY = ("liver", "spleen", "right_kidney", "left_kidney", "gallbladder", "stomach", "pancreas")
FEW_VOXELS = 3
"""So many may a picture this coarse show beyond it."""
OUTSIDE_MM = 1.5
"""In the frame, so far may an organ reach beyond the cavity or the diaphragm."""
SWALLOWED = 0.85
"""Share of an organ's surroundings that may be liver."""


@dataclass(frozen=True)
class CheckedPerson:
    """problems: what is wrong, in words; empty if nothing is."""

    seed: int
    person: Person
    liver_ml: float
    problems: tuple[str, ...]

    @property
    def volume_error(self) -> float:
        """Of the liver relative to the regression: 0.05 is 5 % too large."""
        return self.liver_ml / self.person.expected_liver_ml - 1

    def to_dict(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            **self.person.to_dict(),
            "liver_ml": round(self.liver_ml, 1),
            "volume_error": round(self.volume_error, 4),
            "problems": list(self.problems),
        }


def check_people(seeds: Sequence[int], ages: Sequence[float | None] = (None,)) -> Iterator[CheckedPerson]:
    """Draw every seed at every age (None: the seed's own) and look at it, one after the other."""
    for age_years in ages:
        for seed in seeds:
            yield check_person(seed, draw_person(seed, age_years=age_years))


def check_person(seed: int, person: Person, size: tuple[int, int, int] = SIZE) -> CheckedPerson:
    """Draw one person on a coarse grid that fits, without scanner, and look at the labels."""
    stand = stand_of(seed, size, None, person)
    plan = make_plan(stand.body, Chance(seed))
    picture = draw(plan, stand.axes, slab_sections=size[2], threads=1)
    voxel_ml = float(np.prod(stand.spacing_mm)) / 1000
    liver_ml = float((picture.labels == LABELS["liver"]).sum()) * voxel_ml
    problems = [
        *_of_the_liver(picture.labels),
        *_of_organs(picture.labels, stand),
        *_beyond_the_cavity(picture.labels, stand, Chance(seed)),
        *_outside_the_body(picture.labels, picture.hu),
    ]
    return CheckedPerson(seed, person, liver_ml, tuple(problems))


def _of_the_liver(labels: np.ndarray) -> Iterator[str]:
    liver = labels == LABELS["liver"]
    pieces, _ = ndimage.label(liver)
    whole = float(np.bincount(pieces.ravel())[1:].max()) / max(float(liver.sum()), 1.0) if liver.any() else 0
    if whole < IN_ONE_PIECE:
        yield f"only {100 * whole:.1f} % of the liver are in one piece"
    for axis, name in enumerate(("sections", "rows", "columns")):
        for end in (0, -1):
            if liver.take(end, axis).any():
                yield f"the liver is cut by the {'first' if end == 0 else 'last'} of the {name}"


def _of_organs(labels: np.ndarray, stand: Stand) -> Iterator[str]:
    frame_ml = float(np.prod(stand.spacing_mm) / np.prod(stand.body.scale)) / 1000
    for name, adult_ml in ORGANS_ML.items():
        organ = labels == LABELS[name]
        found_ml = float(organ.sum()) * frame_ml
        if found_ml < LEAST_OF_ADULT * adult_ml:
            yield f"{name} has {found_ml:.1f} mL relative to an adult's trunk, where {adult_ml:.0f} are usual"
            continue
        rim = labels[ndimage.binary_dilation(organ) & ~organ]
        if (rim == LABELS["liver"]).mean() > SWALLOWED:
            yield f"{name} lies in the liver"


def _beyond_the_cavity(labels: np.ndarray, stand: Stand, chance: Chance) -> Iterator[str]:
    grid = frame_grid(stand.axes, stand.body, chance)
    room = room_of(grid, stand.body)
    beyond = np.maximum(room.cavity, room.diaphragm) > OUTSIDE_MM
    for name in IN_THE_CAVITY:
        count = int((beyond & (labels == LABELS[name])).sum())
        if count > FEW_VOXELS:
            yield f"{name} reaches beyond the cavity in {count} voxels"


def _outside_the_body(labels: np.ndarray, hu: np.ndarray) -> Iterator[str]:
    body = np.stack([_largest(ndimage.binary_fill_holes(section > BODY_ABOVE_HU)) for section in hu])
    for name, code in LABELS.items():
        count = int(((labels == code) & ~body).sum())
        if count:
            yield f"{name} lies outside the body in {count} voxels"


def _largest(mask: np.ndarray) -> np.ndarray:
    pieces, _ = ndimage.label(mask)
    return pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
