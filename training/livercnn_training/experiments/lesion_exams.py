"""Phantoms with known lesions of 5 to 30 mm: does standardization keep them, and make up none?"""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from .exams import LESIONS, PROTOCOLS, Exam, ExamPlan, Progress
from .phantom_exams import FIRST_TEST_SEED, PhantomSize, liver_of

FIRST_LESION_SEED = FIRST_TEST_SEED + 500_000
DIAMETERS_MM = (5.0, 10.0, 20.0, 30.0)
KINDS = ("metastasis", "cyst", "hypervascular")
"""By turns: less contrast than the liver with a rim, none at all, and more."""
AGE_YEARS = 30.0
"""An adult's liver has room for all of them."""


def lesion_plans(count: int, size: PhantomSize) -> list[ExamPlan]:
    """Plans of `count` adults with one lesion of each diameter, all of them of one kind."""
    return [
        lesion_plan(FIRST_LESION_SEED + number, KINDS[number % len(KINDS)], size) for number in range(count)
    ]


def lesion_plan(seed: int, kind: str, size: PhantomSize) -> ExamPlan:
    """The plan of one adult; kind: one of KINDS."""
    recipe = {
        "phantom": seed,
        "age_years": AGE_YEARS,
        "size": list(size.voxels),
        "lesions_mm": list(DIAMETERS_MM),
        "lesion_kind": kind,
    }
    return ExamPlan(f"lesions-{seed}", LESIONS, recipe, lambda progress: _make(seed, kind, size, progress))


def _make(seed: int, kind: str, size: PhantomSize, progress: Progress) -> Exam:
    from LiverStandardizeLib.simulation import draw_person, make_six
    from LiverStandardizeLib.simulation.challenges import CONTRASTS, Challenges, Lesion
    from LiverStandardizeLib.simulation.tissues import FIRST_LESION

    person = draw_person(seed, age_years=AGE_YEARS)
    challenges = Challenges(lesions=tuple(Lesion(diameter, CONTRASTS[kind]) for diameter in DIAMETERS_MM))
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
    about = {"seed": seed, "lesion_kind": kind}
    return Exam(f"lesions-{seed}", scan.images, liver_of(scan.labels), lesions, DIAMETERS_MM, about)
