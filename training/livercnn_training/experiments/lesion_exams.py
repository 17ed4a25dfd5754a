"""Phantoms with known lesions of 5 to 30 mm: does standardization keep them, and make up none?"""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from .exams import LESIONS, PROTOCOLS, Exam, ExamPlan, Progress
from .phantom_exams import FIRST_TEST_SEED, PhantomSize, liver_of

FIRST_LESION_SEED = FIRST_TEST_SEED + 500_000
DIAMETERS_MM = (5.0, 10.0, 20.0, 30.0)
AGE_YEARS = 30.0
"""An adult's liver has room for all of them."""


def lesion_plans(count: int, size: PhantomSize) -> list[ExamPlan]:
    """Plans of `count` adults with one lesion of each diameter."""
    return [_plan(FIRST_LESION_SEED + number, size) for number in range(count)]


def _plan(seed: int, size: PhantomSize) -> ExamPlan:
    recipe = {
        "phantom": seed,
        "age_years": AGE_YEARS,
        "size": list(size.voxels),
        "lesions_mm": list(DIAMETERS_MM),
    }
    return ExamPlan(f"lesions-{seed}", LESIONS, recipe, lambda progress: _make(seed, size, progress))


def _make(seed: int, size: PhantomSize, progress: Progress) -> Exam:
    from LiverStandardizeLib.simulation import draw_person, make_six
    from LiverStandardizeLib.simulation.challenges import Challenges, Lesion
    from LiverStandardizeLib.simulation.tissues import FIRST_LESION

    person = draw_person(seed, age_years=AGE_YEARS)
    challenges = Challenges(lesions=tuple(Lesion(diameter) for diameter in DIAMETERS_MM))
    scan = make_six(
        seed,
        size=size.voxels,
        person=person,
        challenges=challenges,
        protocols=PROTOCOLS,
        progress=progress,
    )
    details = sitk.GetArrayFromImage(scan.details).astype(np.int16)
    lesions = sitk.GetImageFromArray(np.clip(details - FIRST_LESION + 1, 0, 255).astype(np.uint8))
    lesions.CopyInformation(scan.labels)
    return Exam(f"lesions-{seed}", scan.images, liver_of(scan.labels), lesions, DIAMETERS_MM, {"seed": seed})
