"""Who the phantom is: age, sex, height and weight, by growth references, and the liver to be expected."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from LiverCoreLib.errors import LiverCNNError

from .growth_tables import GROWTH

SEXES = ("male", "female")
OLDEST_YEARS = 50.0
WITHIN = 2.0
"""Standard deviations that a drawn height or BMI may be off its median."""
CHILDREN_SHARE, CHILDREN_YEARS = 0.9, (0.2, 19.0)
"""Ages drawn: nine in ten as Lee 2023's training set (2 months to 19 years), the others older."""
ADULT_YEARS = (20.0, OLDEST_YEARS)


class PersonError(LiverCNNError):
    """A person that there is not, or that the phantom cannot be."""

    id = "impossible-person"


@dataclass(frozen=True)
class Person:
    """A body by its measures. sex: one of SEXES."""

    age_years: float
    sex: str
    height_cm: float
    weight_kg: float

    def __post_init__(self) -> None:
        """Raise PersonError for an age or a sex that there is not, a height or BMI off any chart."""
        _check_age_and_sex(self.age_years, self.sex)
        median, variation = _reference(self.age_years, self.sex)[:2]
        lowest, highest = median * (1 - 5 * variation), median * (1 + 5 * variation)
        if not lowest <= self.height_cm <= highest:
            raise PersonError(
                f"At {self.age_years:g} years the phantom can be {lowest:.0f} to {highest:.0f} cm tall, "
                f"not {self.height_cm:g}.",
                height_cm=self.height_cm,
            )
        if not self.weight_kg > 0:
            raise PersonError(f"A weight must be above 0, not {self.weight_kg:g} kg.")
        _check_bmi(self.bmi, self.age_years, self.sex)

    @property
    def bmi(self) -> float:
        """Body mass index, kg/m2."""
        return self.weight_kg / (self.height_cm / 100) ** 2

    @property
    def bsa_m2(self) -> float:
        """Body surface: Mosteller, N Engl J Med 1987;317:1098."""
        return math.sqrt(self.height_cm * self.weight_kg / 3600)

    @property
    def expected_liver_ml(self) -> float:
        """Standard liver volume: Yang et al., Front Pediatr 2021;9:629645. Fitted below 18 years."""
        if self.weight_kg <= 20:
            return 707.12 * self.bsa_m2**1.09
        if self.sex == "male":
            return 691.90 * self.bsa_m2**1.06
        return 663.19 * self.bsa_m2**1.04

    def to_dict(self) -> dict[str, object]:
        """Measures rounded to what means something, with what follows from them."""
        return {
            "age_years": round(self.age_years, 2),
            "sex": self.sex,
            "height_cm": round(self.height_cm, 1),
            "weight_kg": round(self.weight_kg, 2),
            "bmi": round(self.bmi, 1),
            "expected_liver_ml": round(self.expected_liver_ml, 1),
        }


def draw_person(
    seed: int, *, age_years: float | None = None, sex: str | None = None, bmi: float | None = None
) -> Person:
    """Person number `seed`; what is given is kept, the rest is drawn, the same for the same seed.

    Height and, unless given, BMI are those of the growth references with their spread.
    Raises PersonError for an age, sex or BMI that the phantom cannot have.
    """
    rng = np.random.default_rng((seed, 4))
    child, where, which = rng.random(3)
    height_z, bmi_z = rng.standard_normal(2).clip(-WITHIN, WITHIN)
    if age_years is None:
        youngest, oldest = CHILDREN_YEARS if child < CHILDREN_SHARE else ADULT_YEARS
        age_years = float(youngest + where * (oldest - youngest))
    if sex is None:
        sex = SEXES[int(which * len(SEXES))]
    _check_age_and_sex(age_years, sex)
    height, variation, skew, median, spread = _reference(age_years, sex)
    if bmi is None:
        bmi = median * (1 + skew * spread * float(bmi_z)) ** (1 / skew)
    _check_bmi(bmi, age_years, sex)
    height_cm = height * (1 + variation * float(height_z))
    return Person(float(age_years), sex, height_cm, bmi * (height_cm / 100) ** 2)


def draw_adult(seed: int, *, sex: str | None = None, bmi: float | None = None) -> Person:
    """Adult number `seed`, 20 to 50 years; otherwise as `draw_person`."""
    where = np.random.default_rng((seed, 5)).random()
    age_years = float(ADULT_YEARS[0] + where * (ADULT_YEARS[1] - ADULT_YEARS[0]))
    return draw_person(seed, age_years=age_years, sex=sex, bmi=bmi)


def median_bmi(age_years: float, sex: str) -> float:
    """The middle of a healthy population, kg/m2."""
    return _reference(age_years, sex)[3]


def bmi_limits(age_years: float, sex: str) -> tuple[float, float]:
    """What the phantom can draw, kg/m2: infants vary less than adults."""
    median = median_bmi(age_years, sex)
    most = float(np.interp(age_years, (2, 12, 20), (1.35, 1.8, 2.0)))
    return 0.72 * median, most * median


def _reference(age_years: float, sex: str) -> tuple[float, ...]:
    """Height in cm with its coefficient of variation; L, M and S of the BMI."""
    table = np.array(GROWTH[sex])
    return tuple(float(np.interp(age_years, table[:, 0], column)) for column in table.T[1:])


def _check_age_and_sex(age_years: float, sex: str) -> None:
    if not 0 <= age_years <= OLDEST_YEARS:
        raise PersonError(
            f"The phantom can be 0 to {OLDEST_YEARS:.0f} years old, not {age_years:g}.", age_years=age_years
        )
    if sex not in SEXES:
        raise PersonError(f"The phantom's sex can be {' or '.join(SEXES)}, not {sex!r}.", sex=sex)


def _check_bmi(bmi: float, age_years: float, sex: str) -> None:
    lowest, highest = bmi_limits(age_years, sex)
    if not lowest <= bmi <= highest:
        raise PersonError(
            f"At {age_years:g} years the phantom's BMI can be {lowest:.1f} to {highest:.1f} kg/m2, "
            f"not {bmi:g}.",
            bmi=bmi,
        )
