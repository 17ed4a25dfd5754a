"""A hospital's own exams: a folder an exam, a file a protocol, reconstructions of one scan."""

from __future__ import annotations

from pathlib import Path

from .exam_store import SUFFIX, read_exam
from .exams import OWN, PROTOCOLS, TARGET, Exam, ExamPlan, Progress
from .experiment_error import ExperimentError


def own_plans(folder: Path, *, needs_target: bool) -> list[ExamPlan]:
    """Plans of the exams of a folder: ``EXAM/M40.nii.gz`` and so on, ``EXAM/liver.nii.gz`` if there is one.

    Raises ExperimentError for a folder without exams; an exam without the target protocol is one where
    `needs_target`.
    """
    if not folder.is_dir():
        raise ExperimentError(f"{folder} is no folder; give one that holds a folder for each exam.")
    plans = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        protocols = tuple(name for name in PROTOCOLS if (place / f"{name}{SUFFIX}").is_file())
        if len(protocols) < 2:
            continue
        if needs_target and TARGET not in protocols:
            raise ExperimentError(
                f"{place} lacks {TARGET}{SUFFIX}, with which all other protocols are compared.",
                exam=place.name,
            )
        plans.append(_plan(place, protocols))
    if not plans:
        raise ExperimentError(
            f"{folder} holds no exam: expected EXAM/FBP{SUFFIX}, EXAM/M80{SUFFIX} and so on, two or more of "
            f"{', '.join(PROTOCOLS)} in each."
        )
    return plans


def _plan(place: Path, protocols: tuple[str, ...]) -> ExamPlan:
    files = sorted(place.glob(f"*{SUFFIX}"))
    stamps = {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in files}
    recipe = {"own": place.name, "files": stamps}

    def read(progress: Progress) -> Exam:
        progress(0.0, f"reading {place.name}")
        return read_exam(place, place.name, protocols, {})

    return ExamPlan(place.name, OWN, recipe, read, place)
