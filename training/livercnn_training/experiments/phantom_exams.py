"""Phantoms as exams: ages as in Lee et al. 2023, seeds that no training uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk
from scipy import stats

from .exams import PHANTOM, PROTOCOLS, Exam, ExamPlan, Progress

FIRST_TEST_SEED = 9_000_000
FIRST_FIT_SEED = 8_000_000
"""Seeds of this study. Training draws its phantoms below `TRAINING_BELOW`: nothing here was ever learned."""
TRAINING_BELOW = 8_000_000

MEAN_AGE_YEARS, SD_AGE_YEARS = 10.1, 8.7
YOUNGEST_YEARS, OLDEST_YEARS = 7 / 12, 49.0
"""The test set of Lee et al. 2023, table 1."""


@dataclass(frozen=True)
class PhantomSize:
    """Voxels of a phantom: `pixels` along x and y, `slices` along z; the field fits the person."""

    pixels: int = 256
    slices: int = 80

    @property
    def voxels(self) -> tuple[int, int, int]:
        """Along x, y, z."""
        return self.pixels, self.pixels, self.slices


def ages_years(count: int) -> list[float]:
    """Ages of `count` people, distributed as those of Lee 2023's test set: the same for the same number.

    Quantiles of a gamma distribution with its mean and standard deviation, cut at its youngest and oldest;
    with twenty people or more the two extremes are among them.
    """
    shape = (MEAN_AGE_YEARS / SD_AGE_YEARS) ** 2
    places = (np.arange(count) + 0.5) / count
    ages = stats.gamma.ppf(places, shape, scale=MEAN_AGE_YEARS / shape)
    if count >= 20:
        ages[0], ages[-1] = YOUNGEST_YEARS, OLDEST_YEARS
    return [round(float(age), 2) for age in ages.clip(YOUNGEST_YEARS, OLDEST_YEARS)]


def phantom_plans(count: int, size: PhantomSize, first_seed: int = FIRST_TEST_SEED) -> list[ExamPlan]:
    """Plans of `count` phantoms without lesions, young and old in turn, so that a run cut short is mixed."""
    ages = _shuffled(ages_years(count))
    return [phantom_plan(first_seed + number, age, size) for number, age in enumerate(ages)]


def phantom_plan(seed: int, age_years: float, size: PhantomSize) -> ExamPlan:
    """The plan of one phantom."""
    recipe = {"phantom": seed, "age_years": age_years, "size": list(size.voxels)}
    return ExamPlan(
        f"phantom-{seed}", PHANTOM, recipe, lambda progress: _make(seed, age_years, size, progress)
    )


def _make(seed: int, age_years: float, size: PhantomSize, progress: Progress) -> Exam:
    from LiverStandardizeLib.simulation import draw_person, make_six

    person = draw_person(seed, age_years=age_years)
    scan = make_six(seed, size=size.voxels, person=person, protocols=PROTOCOLS, progress=progress)
    about: dict[str, Any] = {"seed": seed, **person.to_dict(), **scan.contrast.to_dict()}
    return Exam(f"phantom-{seed}", scan.images, liver_of(scan.labels), about=about)


def liver_of(labels: sitk.Image) -> sitk.Image:
    """The liver of the phantom's organ labels, uint8, 0 and 1."""
    from LiverStandardizeLib.simulation.tissues import LABELS

    return sitk.Cast(labels == LABELS["liver"], sitk.sitkUInt8)


def _shuffled(ages: list[float]) -> list[float]:
    order = np.random.default_rng(0).permutation(len(ages))
    return [ages[place] for place in order]
