"""Measure a standardizer: how near each protocol comes to the target's image, before and after, exam by exam.

Phantoms with seeds that no training uses, and CTs of the validation split turned into the six protocols; the
two are never pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.cases import Case
from livercnn_training.evaluate import finite_or_none, read_reference, summarise
from livercnn_training.experiments.exam_measures import part
from livercnn_training.experiments.exams import CT, PHANTOM, PROTOCOLS, TARGET, Exam, ExamPlan, Progress
from livercnn_training.experiments.image_measures import bias_hu, inner_liver, noise_hu
from livercnn_training.experiments.phantom_exams import PhantomSize, phantom_plans
from livercnn_training.experiments.standardizers import NetworkStandardizer
from livercnn_training.image_similarity import psnr_db, ssim

FIRST_SEED = 9_500_000
"""Of the phantoms; training draws its own far below."""

SOURCES = tuple(name for name in PROTOCOLS if name != TARGET)
MEASURES = ("psnr_db", "ssim", "mae_hu", "liver_bias_hu", "liver_noise_ratio")
_BODY_ABOVE_HU = -150.0
"""What is darker in the target, air and lung, is alike in all protocols and would flatter every figure."""


@dataclass(frozen=True)
class ExamFigures:
    """Figures of one exam by name, such as ``M40_psnr_db`` and ``M40_original_psnr_db``. kind: as Exam's."""

    name: str
    kind: str
    values: dict[str, float]


def evaluation_plans(phantoms: int, slices: int, cases: Sequence[Case]) -> list[ExamPlan]:
    """Return plans of phantoms, and of `slices` slices through the liver of each CT."""
    return phantom_plans(phantoms, PhantomSize(slices=slices), FIRST_SEED) + [
        _ct_plan(case, slices) for case in cases
    ]


def evaluate_exams(
    plans: Sequence[ExamPlan],
    standardizer: NetworkStandardizer,
    hu_window: tuple[float, float],
    progress: Progress,
) -> list[ExamFigures]:
    """Return the figures of each exam, in the given order."""
    figures = []
    for number, plan in enumerate(plans):
        here = part(progress, number, len(plans), plan.name)
        exam = plan.make(part(here, 0, 2, "making the exam"))
        figures.append(
            measure_exam(exam, plan.kind, standardizer, hu_window, part(here, 1, 2, "standardizing"))
        )
    return figures


def measure_exam(
    exam: Exam,
    kind: str,
    standardizer: NetworkStandardizer,
    hu_window: tuple[float, float],
    progress: Progress,
) -> ExamFigures:
    """Return likeness in the body (HU limited to the window), bias and noise of the liver."""
    values: dict[str, float] = {}
    liver = inner_liver(exam)
    for number, protocol in enumerate(SOURCES):
        step = part(progress, number, len(SOURCES), protocol)
        made = standardizer.standardize(exam.images[protocol], protocol, step)
        for prefix, image in ((f"{protocol}_original", exam.images[protocol]), (protocol, made)):
            found = _figures(image, exam.images[TARGET], liver, hu_window)
            values.update({f"{prefix}_{name}": value for name, value in found.items()})
    return ExamFigures(exam.name, kind, values)


def _figures(
    image: sitk.Image, target: sitk.Image, liver: np.ndarray | None, hu_window: tuple[float, float]
) -> dict[str, float]:
    low, high = hu_window
    first, second = (
        sitk.GetArrayFromImage(one).clip(low, high).astype(np.float32) for one in (image, target)
    )
    body = second > _BODY_ABOVE_HU
    figures = {
        "psnr_db": psnr_db(first, second, high - low, body),
        "ssim": ssim(first, second, high - low, body),
        "mae_hu": float(np.abs(first - second)[body].mean()),
    }
    if liver is not None:
        figures["liver_bias_hu"] = bias_hu(image, target, liver)
        figures["liver_noise_ratio"] = noise_hu(image, liver) / noise_hu(target, liver)
    return figures


def _ct_plan(case: Case, slices: int) -> ExamPlan:
    return ExamPlan(
        case.name, CT, {"ct": case.name, "slices": slices}, lambda progress: _ct_exam(case, slices, progress)
    )


def _ct_exam(case: Case, slices: int, progress: Progress) -> Exam:
    from LiverCoreLib.images import read_volume
    from LiverStandardizeLib.simulation.real_ct import simulate_protocols

    liver = read_reference(case)
    areas = (sitk.GetArrayViewFromImage(liver) > 0).sum(axis=(1, 2))
    middle = int(round(float(np.average(np.arange(len(areas)), weights=areas))))
    start = max(0, min(middle - slices // 2, len(areas) - slices))

    def slab(image: sitk.Image) -> sitk.Image:
        return image[:, :, start : start + slices]

    image, labels = read_volume(case.image).image, sitk.ReadImage(str(case.labels))
    made = simulate_protocols(slab(image), slab(labels), protocols=PROTOCOLS, progress=progress)
    return Exam(case.name, made.images, slab(liver))


def evaluation_entries(figures: Sequence[ExamFigures], command: str) -> list[dict[str, Any]]:
    """Return the card's evaluation: an entry for the phantoms, and one for the CTs."""
    kinds = {
        PHANTOM: ("phantom", "phantoms in six protocols (image engine, seeds not trained on)"),
        CT: ("real", "validation CTs turned into six protocols (never trained on)"),
    }
    entries = []
    for kind, (named, data_set) in kinds.items():
        group = [one for one in figures if one.kind == kind]
        if not group:
            continue
        names = [name for name in group[0].values if all(name in one.values for one in group)]
        entries.append(
            {
                "data_set": data_set,
                "kind": named,
                "n": len(group),
                "command": command,
                "metrics": {name: summarise([one.values[name] for one in group], name) for name in names},
                "cases": [
                    {"case": one.name, **{key: finite_or_none(value) for key, value in one.values.items()}}
                    for one in group
                ],
            }
        )
    return entries


def table_lines(entries: Sequence[dict[str, Any]]) -> list[str]:
    """Return a Markdown table a data set: means before and after standardization by protocol."""
    lines: list[str] = []
    for entry in entries:
        lines += [
            f"{entry['data_set']}, n = {entry['n']}, mean before -> after:",
            "",
            "| protocol | PSNR dB | SSIM | MAE HU | liver bias HU | liver noise / target's |",
            "|---|---|---|---|---|---|",
        ]
        for protocol in SOURCES:
            cells = [_cell(entry["metrics"], protocol, name) for name in MEASURES]
            lines.append(f"| {protocol} | " + " | ".join(cells) + " |")
        lines.append("")
    return lines


def _cell(metrics: dict[str, Any], protocol: str, name: str) -> str:
    digits = {"ssim": 3, "liver_noise_ratio": 2}.get(name, 1)
    means = [metrics.get(f"{prefix}_{name}", {}).get("mean") for prefix in (f"{protocol}_original", protocol)]
    return " -> ".join("none" if mean is None else f"{mean:.{digits}f}" for mean in means)
