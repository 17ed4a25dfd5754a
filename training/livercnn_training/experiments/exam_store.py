"""Exams on disk: made once, read again by later runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import SimpleITK as sitk

from LiverCoreLib.image_writing import write_image
from LiverCoreLib.images import read_volume
from LiverCoreLib.masks import read_mask
from LiverCoreLib.result_folder import finished_together

from .exams import PROTOCOLS, Exam, ExamPlan, Progress

MARKER = "exam.json"
SUFFIX = ".nii.gz"
_LIVER, _LESIONS = f"liver{SUFFIX}", f"lesions{SUFFIX}"


def obtain(plan: ExamPlan, store: Path, progress: Progress) -> tuple[Exam, bool]:
    """Read the exam if it lies in the store (or has a folder of its own), else make it and keep it there.

    Returns the exam, and whether it was made now. Raises LiverCNNError for one that cannot be made, read or
    kept.
    """
    if plan.folder is not None:
        return plan.make(progress), False
    kept = _read_kept(plan, store / plan.name)
    if kept is not None:
        return kept, False
    exam = plan.make(progress)
    _keep(exam, plan, store / plan.name)
    return exam, True


def read_exam(folder: Path, name: str, protocols: tuple[str, ...], about: Mapping[str, Any]) -> Exam:
    """Read the images of an exam's folder. Raises LiverCNNError."""
    liver, lesions = folder / _LIVER, folder / _LESIONS
    return Exam(
        name,
        {protocol: read_volume(folder / f"{protocol}{SUFFIX}").image for protocol in protocols},
        read_mask(liver) if liver.is_file() else None,
        read_mask(lesions) if lesions.is_file() else None,
        tuple(about.get("lesions_mm", ())),
        about,
    )


def _read_kept(plan: ExamPlan, folder: Path) -> Exam | None:
    """The exam that an earlier run made by the same recipe; None if there is none or it is not whole."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        same = marker["recipe"] == dict(plan.recipe)
        files = [str(name) for name in marker["files"]]
        about = dict(marker["about"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not same or not all((folder / name).is_file() for name in files):
        return None
    protocols = tuple(name for name in PROTOCOLS if f"{name}{SUFFIX}" in files)
    return read_exam(folder, plan.name, protocols, about)


def _keep(exam: Exam, plan: ExamPlan, folder: Path) -> None:
    (folder / MARKER).unlink(missing_ok=True)  # what lies there is of another recipe from here on
    images: dict[str, sitk.Image] = {f"{name}{SUFFIX}": image for name, image in exam.images.items()}
    if exam.liver is not None:
        images[_LIVER] = exam.liver
    if exam.lesions is not None:
        images[_LESIONS] = exam.lesions
    about = {**exam.about, **({"lesions_mm": list(exam.lesions_mm)} if exam.lesions_mm else {})}
    marker = {"recipe": dict(plan.recipe), "files": sorted(images), "about": about}
    with finished_together(folder) as temporary:
        for name, image in images.items():
            write_image(image, temporary / name)
    with finished_together(folder) as temporary:  # last of all: it says that the others are whole
        (temporary / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")
