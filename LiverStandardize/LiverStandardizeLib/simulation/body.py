"""How a person's body differs from the adult in whose frame everything is drawn.

Shapes are drawn in the frame of a reference adult (see trunk): a person is that frame, scaled along each
axis, with the fat, the growth of bones and the relative size of organs of this person. Lengths here are
millimetres of the frame unless they say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .people import Person, median_bmi

Triple = tuple[float, float, float]

STATURE_CM = (50.0, 76.0, 116.0, 150.0, 176.0, 190.0)
SCALE_X = (0.345, 0.50, 0.63, 0.79, 1.0, 1.05)
SCALE_Y = (0.43, 0.58, 0.66, 0.80, 1.0, 1.04)
SCALE_Z = (0.38, 0.51, 0.66, 0.84, 1.0, 1.08)
"""Of the trunk by stature: round in infants, long in adults; by the growth of girths and of the spine."""

GROWTH_YEARS, GROWTH = (0.0, 1.0, 6.0, 12.0, 18.0), (0.0, 0.25, 0.55, 0.8, 1.0)
"""How grown a body is at an age: ossified, its trunk and organs in an adult's proportions."""

MIDDLING_BMI = 22.0
FAT_BMI, FAT_MM = (14.0, 25.0, 50.0), (0.0, 17.0, 50.0)
THINNEST_FAT_MM = 4.0
NO_VISCERAL_BMI, MOST_VISCERAL_BMI = 18.0, 42.0
WOMEN_FAT, WOMEN_VISCERAL, MEN_VISCERAL = 1.25, 0.75, 1.1
CHILDREN_VISCERAL = 0.4
"""Fat under the skin by BMI; women have more of it, and less inside, and children little inside."""

FAT_HEIGHTS_MM, FAT_SHARES = (-240.0, -60.0, 40.0), (1.25, 1.0, 0.75)
FAT_BEHIND = 0.25
"""Fat under the skin is thin over the chest, thick low, and thicker by this share behind the flanks."""

MIDDLE_Z_MM = -90.0
"""The liver amid the slices."""
SPAN_MM = 300.0
"""Extent of the slices: the liver and some of what is above and below."""
MARGIN_MM = 15.0
"""Air around the body in a field that fits, mm of the scanner."""
TABLE_GAP_MM, TABLE_MM = 4.0, 34.0
"""Between the back and the table, and the table's height, mm of the scanner."""


@dataclass(frozen=True)
class Outline:
    """Half the width and the depth to the back and to the front of the muscular wall at heights z (mm)."""

    heights: np.ndarray
    half_width: np.ndarray
    back: np.ndarray
    front: np.ndarray


@dataclass(frozen=True)
class Body:
    """One person in terms of the frame.

    scale: millimetres of the person per millimetre of the frame along x, y, z. fat_mm: under the skin, at the
    flanks of the waist. visceral: fat among the organs, 0 none, 1 much. growth: 0 at birth, 1 adult.
    """

    person: Person
    scale: Triple
    fat_mm: float
    visceral: float
    growth: float

    @property
    def child(self) -> float:
        """1 at birth, 0 adult."""
        return 1 - self.growth

    @property
    def kidneys(self) -> float:
        """Their size in this frame: large in children."""
        return 1 + 0.10 * min(4 * self.growth * self.child, 1) + 0.05 * self.child

    @property
    def vessels(self) -> float:
        """Calibre of the great vessels in this frame."""
        return 1 - 0.2 * self.child

    @property
    def bones(self) -> float:
        """Thickness of the spine and ribs in this frame."""
        return 1 - 0.22 * self.child

    @property
    def lordosis_mm(self) -> float:
        """How far the lumbar spine curves forwards: it does so from the first steps on."""
        return 7.0 * self.growth

    @property
    def outline(self) -> Outline:
        """The muscular wall: a child's belly is its widest part, fat inside pushes the belly forwards."""
        heights = np.array([-260.0, -215.0, -150.0, -80.0, -20.0, 30.0, 80.0])
        grown, child = self.growth, self.child
        width = grown * np.array([151, 145, 136, 141, 147, 151, 154])
        width += child * np.array([133, 142, 148, 148, 146, 143, 139])
        back = grown * np.array([95, 93, 95, 98, 101, 104, 105])
        back += child * np.array([90, 92, 95, 98, 100, 101, 100])
        front = grown * np.array([88, 93, 97, 99, 97, 95, 92])
        front += child * np.array([92, 98, 103, 104, 101, 97, 92])
        swell = 62 * self.visceral - 7 * grown
        front += swell * np.array([0.75, 0.95, 1.0, 0.75, 0.35, 0.1, 0.0])
        width += 0.32 * swell * np.array([0.8, 1.0, 1.0, 0.7, 0.3, 0.1, 0.0])
        return Outline(heights, width, back, front)

    @property
    def extent_mm(self) -> tuple[float, float, float]:
        """Half the width of the body, and its depth to the front and to the back, skin and all."""
        line = self.outline
        fat = self.fat_mm * np.interp(line.heights, FAT_HEIGHTS_MM, FAT_SHARES)
        behind = FAT_BEHIND / 2 * self.fat_mm + 0.4 * self.lordosis_mm
        return (
            float((line.half_width + fat).max()) + FAT_BEHIND / 2 * self.fat_mm,
            float((line.front + fat).max()),
            float((line.back + fat).max()) + behind,
        )


def body_of(person: Person, seed: int = 0) -> Body:
    """The body of a person; `seed` for what differs between people of the same measures."""
    own = np.random.default_rng((seed, 6)).normal(1.0, 0.015, 4).clip(0.97, 1.03)
    x, y, z = (
        float(np.interp(person.height_cm, STATURE_CM, scale) * chance)
        for scale, chance in zip((SCALE_X, SCALE_Y, SCALE_Z), own)
    )
    grown = float(np.interp(person.age_years, GROWTH_YEARS, GROWTH))
    adult_bmi = MIDDLING_BMI * person.bmi / median_bmi(person.age_years, person.sex)
    bmi = float(np.interp(person.age_years, (18, 22), (adult_bmi, person.bmi)))
    woman = grown * (person.sex == "female")
    fat = float(np.interp(bmi, FAT_BMI, FAT_MM)) * (1 + (WOMEN_FAT - 1) * woman) * float(own[3])
    kind = CHILDREN_VISCERAL + grown * (
        (WOMEN_VISCERAL if person.sex == "female" else MEN_VISCERAL) - CHILDREN_VISCERAL
    )
    visceral = kind * (bmi - NO_VISCERAL_BMI) / (MOST_VISCERAL_BMI - NO_VISCERAL_BMI)
    return Body(person, (x, y, z), max(fat, THINNEST_FAT_MM), float(np.clip(visceral, 0, 1.1)), grown)


def field_mm(person: Person) -> float:
    """Width of a square field that holds the body, mm of the scanner."""
    body = body_of(person)
    half_width, front, back = body.extent_mm
    return max(2 * half_width * body.scale[0], (front + back) * body.scale[1] + TABLE_GAP_MM) + 2 * MARGIN_MM


def span_mm(person: Person) -> float:
    """Height of a stack of slices that holds the liver with room above and below, mm of the scanner."""
    return SPAN_MM * body_of(person).scale[2]


def fitting_spacing_mm(person: Person, size: tuple[int, int, int]) -> Triple:
    """Voxels with which a volume of `size` (x, y, z; x and y alike) shows this person."""
    field = field_mm(person)
    return field / size[0], field / size[1], span_mm(person) / size[2]


def centre_mm(body: Body) -> Triple:
    """The middle of the volume in mm of the scanner, where the frame's origin is at 0."""
    _, front, back = body.extent_mm
    return 0.0, (back - front) / 2 * body.scale[1] + TABLE_GAP_MM / 2, MIDDLE_Z_MM * body.scale[2]
