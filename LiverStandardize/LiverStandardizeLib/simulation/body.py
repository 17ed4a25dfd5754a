"""How a person's body differs from the adult in whose frame everything is drawn.

Shapes are drawn in the frame of a reference adult (see trunk): a person is that frame, scaled along each
axis, with the fat, the growth of bones and the relative size of organs of this person. Lengths here are
millimetres of the frame unless they say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .people import Person

Triple = tuple[float, float, float]

STATURE_CM = (50.0, 76.0, 116.0, 150.0, 176.0, 190.0)
SCALE_X = (0.345, 0.51, 0.63, 0.79, 1.0, 1.05)
SCALE_Y = (0.43, 0.59, 0.66, 0.80, 1.0, 1.04)
SCALE_Z = (0.38, 0.51, 0.66, 0.84, 1.0, 1.08)
"""Of the trunk by stature: round in infants, long in adults; by the growth of girths and of the spine."""

CENTRE_MM: Triple = (0.0, 8.0, -90.0)
"""Middle of the volume in the frame: the liver amid the slices, the table in view."""
WIDTH_MM, MARGIN_MM = 344.0, 20.0
SPAN_MM = 300.0
"""Extent of the slices in the frame: the liver and some of what is above and below."""


@dataclass(frozen=True)
class Body:
    """scale: millimetres of the person per millimetre of the frame along x, y, z."""

    person: Person
    scale: Triple


def body_of(person: Person, seed: int = 0) -> Body:
    """The body of a person; `seed` for what differs between people of the same measures."""
    own = np.random.default_rng((seed, 6)).normal(1.0, 0.015, 3).clip(0.97, 1.03)
    x, y, z = _scale(person) * own
    return Body(person, (float(x), float(y), float(z)))


def field_mm(person: Person) -> float:
    """Width of a square field that holds the body and the table top, mm of the scanner."""
    return float(WIDTH_MM * _scale(person)[0] + 2 * MARGIN_MM)


def span_mm(person: Person) -> float:
    """Height of a stack of slices that holds the liver with room above and below, mm of the scanner."""
    return float(SPAN_MM * _scale(person)[2])


def fitting_spacing_mm(person: Person, size: tuple[int, int, int]) -> Triple:
    """Voxels with which a volume of `size` (x, y, z; x and y alike) shows this person."""
    field = field_mm(person)
    return field / size[0], field / size[1], span_mm(person) / size[2]


def _scale(person: Person) -> np.ndarray:
    return np.array([np.interp(person.height_cm, STATURE_CM, scale) for scale in (SCALE_X, SCALE_Y, SCALE_Z)])
