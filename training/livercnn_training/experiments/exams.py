"""Exams: one scan in several protocols, all on one grid, with the true liver where it is known.

On disk an exam is a folder: ``FBP.nii.gz`` and so on, ``liver.nii.gz`` (0 and 1) where the truth is known,
``lesions.nii.gz`` (0, and 1, 2, ... for each lesion) where lesions are known, ``exam.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import SimpleITK as sitk

from .experiment_error import ExperimentError

PROTOCOLS = ("FBP", "IR", "OPT", "M40", "M60", "M80")
TARGET = "M80"

PHANTOM, LESIONS, CT, OWN = "phantom", "phantom with lesions", "CT", "own"
"""Kinds of exams. They are never pooled: a phantom is no patient."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Exam:
    """One exam in memory.

    images: protocol to HU, on one grid. liver: the true mask (uint8, 0 and 1), or None. lesions: labels 1, 2,
    ... of known lesions, or None. lesions_mm: their diameters in that order. about: what else is known, as
    plain data (age, source, warnings).
    """

    name: str
    images: Mapping[str, sitk.Image]
    liver: sitk.Image | None = None
    lesions: sitk.Image | None = None
    lesions_mm: tuple[float, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse parts on different grids. Raises ExperimentError."""
        parts = [*self.images.items(), ("liver", self.liver), ("lesions", self.lesions)]
        grids = {name: _grid(image) for name, image in parts if image is not None}
        first = next(iter(grids), "")
        for name, grid in grids.items():
            if not _same(grid, grids[first]):
                raise ExperimentError(
                    f"Exam {self.name}: {name} and {first} lie on different grids; an exam's images are "
                    "reconstructions of one scan on one grid.",
                    exam=self.name,
                )


@dataclass(frozen=True)
class ExamPlan:
    """How to come by an exam.

    name: Unique in a study, and the name of a folder. kind: see above. recipe: Everything that decides its
    voxels, as plain data. make: Gives it. folder: Where it lies already, None for one that has to be made.
    """

    name: str
    kind: str
    recipe: Mapping[str, Any]
    make: Callable[[Progress], Exam]
    folder: Path | None = None


def _grid(image: sitk.Image) -> tuple[float, ...]:
    return (*image.GetSize(), *image.GetSpacing(), *image.GetOrigin(), *image.GetDirection())


def _same(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    # NIfTI keeps positions in single precision.
    return all(abs(a - b) <= 1e-3 for a, b in zip(first, second))
