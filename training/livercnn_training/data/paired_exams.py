"""A hospital's own paired reconstructions: a folder an exam, a file a protocol, checked for registration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.cases import DataError
from livercnn_training.data.pairs import PackedPairs
from livercnn_training.data.registration import measured_shift
from livercnn_training.experiments.exams import TARGET, Exam, ExamPlan
from livercnn_training.experiments.own_exams import own_plans

LARGEST_SHIFT_VOXELS = 0.5
"""Beyond that a network would learn to move things, or to blur them."""
LEAST_CLARITY = 80.0
"""Below that the images show different things: see Shift."""
_MARGIN_SLICES = 8


def paired_exams(folder: Path) -> list[ExamPlan]:
    """Return plans of the exams of a folder: ``EXAM/FBP.nii.gz``, ``EXAM/M80.nii.gz`` and so on, all alike.

    Raises ExperimentError where there are none or one lacks the target, DataError where exams differ in their
    protocols: a batch holds the same ones of each.
    """
    plans = own_plans(folder, needs_target=True)
    protocols = {plan.name: _protocols(plan) for plan in plans}
    first = plans[0].name
    for name, found in protocols.items():
        if found != protocols[first]:
            raise DataError(
                f"Exam '{name}' has {', '.join(found)} and '{first}' has {', '.join(protocols[first])}; "
                "training needs the same protocols of every exam."
            )
    return plans


def packed_exam(plan: ExamPlan, split: str) -> PackedPairs:
    """Read an exam and check that its images lie on one another.

    Raises ExperimentError for images on different grids, DataError for images that are shifted, are of
    different scans, or have pixels that are not square.
    """
    exam = plan.make(lambda fraction, message: None)
    check_registration(exam)
    x_mm, y_mm, _ = exam.images[TARGET].GetSpacing()
    if abs(x_mm - y_mm) > 1e-3 * x_mm:
        raise DataError(f"Exam '{exam.name}': pixels of {x_mm:g} x {y_mm:g} mm are not square.")
    protocols = _protocols(plan)
    kept = _slices(exam)
    hu = np.stack([sitk.GetArrayFromImage(exam.images[name])[kept] for name in protocols], axis=1)
    liver = None
    if exam.liver is not None:
        liver = sitk.GetArrayFromImage(exam.liver)[kept] > 0
    return PackedPairs(
        f"own/{exam.name}",
        protocols,
        hu.round().clip(-1024, 3071).astype(np.int16),
        liver,
        float(x_mm),
        split,
    )


def check_registration(exam: Exam) -> None:
    """Raise DataError where an image is shifted against the target, or is of another scan."""
    target = sitk.GetArrayFromImage(exam.images[TARGET])
    for name, image in exam.images.items():
        shift = measured_shift(target, sitk.GetArrayFromImage(image))
        if shift.clarity < LEAST_CLARITY:
            raise DataError(
                f"Exam '{exam.name}': {name} and {TARGET} do not show the same scan; pair reconstructions of "
                "one scan.",
                clarity=shift.clarity,
            )
        if max(abs(one) for one in shift.voxels) > LARGEST_SHIFT_VOXELS:
            z, y, x = shift.voxels
            raise DataError(
                f"Exam '{exam.name}': {name} lies {x:.1f}, {y:.1f}, {z:.1f} voxels (x, y, z) beside "
                f"{TARGET}; export both with the same field of view and slice positions.",
                shift_voxels=shift.voxels,
            )


def _protocols(plan: ExamPlan) -> tuple[str, ...]:
    """Return the exam's protocols by its files, in the order of the six."""
    from livercnn_training.experiments.exams import PROTOCOLS

    assert plan.folder is not None
    names = {path.name.partition(".")[0] for path in plan.folder.iterdir()}
    return tuple(name for name in PROTOCOLS if name in names)


def _slices(exam: Exam) -> slice:
    """Return the liver's slices and some beyond, or all where no liver is marked."""
    if exam.liver is None:
        return slice(None)
    found = np.flatnonzero((sitk.GetArrayViewFromImage(exam.liver) > 0).any(axis=(1, 2)))
    if not len(found):
        return slice(None)
    return slice(max(0, int(found[0]) - _MARGIN_SLICES), int(found[-1]) + 1 + _MARGIN_SLICES)
