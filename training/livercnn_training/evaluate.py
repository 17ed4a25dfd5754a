"""Measure a model on labelled scans: the full pipeline at native resolution, case by case."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.cases import Case, DataError

METRICS = (
    "dice",
    "msd_mm",
    "hd95_mm",
    "hd_mm",
    "volume_test_ml",
    "volume_reference_ml",
    "volume_difference_ml",
    "volume_difference_percent",
    "time_s",
)
SUMMARISED = ("dice", "msd_mm", "hd95_mm", "volume_difference_ml", "volume_difference_percent", "time_s")


@dataclass(frozen=True)
class CaseResult:
    """One case's figures (lengths mm, volumes mL, time s) and the warnings of its segmentation."""

    case: str
    data_set: str
    values: dict[str, float]
    warnings: Sequence[str]

    def row(self) -> dict[str, Any]:
        """Return a flat row for a table."""
        return {"case": self.case, **self.values, "warnings": " | ".join(self.warnings)}


def read_reference(case: Case) -> sitk.Image:
    """Return the reference mask (uint8, 0 or 1). Raises DataError where none of the liver's values occurs."""
    labels = sitk.ReadImage(str(case.labels))
    liver = np.isin(sitk.GetArrayViewFromImage(labels), case.liver_values).astype(np.uint8)
    if not liver.any():
        raise DataError(f"{case.name}: the reference holds no liver ({case.liver_values}).")
    mask = sitk.GetImageFromArray(liver)
    mask.CopyInformation(labels)
    return mask


def evaluate_case(
    case: Case, model: Any, options: dict[str, Any], masks_folder: Path | None = None
) -> CaseResult:
    """Segment one scan and compare with its reference."""
    from LiverCoreLib.images import read_volume
    from LiverMetricsLib import compare
    from LiverSegmentCNNLib import segment_liver

    image = read_volume(case.image).image
    began = time.perf_counter()
    result = segment_liver(image, model, **options)
    seconds = time.perf_counter() - began
    comparison = compare(read_reference(case), result.mask)
    values = {name: float(getattr(comparison, name)) for name in METRICS if name != "time_s"}
    values["time_s"] = round(seconds, 3)
    if masks_folder is not None:
        from LiverCoreLib.masks import write_mask

        masks_folder.mkdir(parents=True, exist_ok=True)
        write_mask(result.mask, masks_folder / f"{case.name.replace('/', '-')}.seg.nrrd")
    return CaseResult(case.name, case.data_set, values, tuple(result.warnings))


def evaluate(
    cases: Sequence[Case],
    model: Any,
    options: dict[str, Any],
    masks_folder: Path | None = None,
    progress: Callable[[float, str], Any] | None = None,
) -> list[CaseResult]:
    """Return a result a case, in the given order."""
    results = []
    for number, case in enumerate(cases):
        if progress is not None:
            progress(number / len(cases), case.name)
        results.append(evaluate_case(case, model, options, masks_folder))
    return results


def summarise(values: Sequence[float], measure: str) -> dict[str, Any]:
    """Return mean, standard deviation (n - 1), median, extremes and the mean's 95 % interval.

    The interval is Student's t, within what the measure can be (``mean_interval``).
    Infinite distances (an empty mask) stay in the median and extremes; a mean over them is not finite and
    is None, as JSON has no infinity.
    """
    from LiverMetricsLib.cohort.mean_interval import mean_interval

    array = np.asarray(values, float)
    n = len(array)
    mean, median = float(array.mean()), float(np.median(array))
    summary: dict[str, Any] = {
        "mean": mean,
        "median": median,
        "min": float(array.min()),
        "max": float(array.max()),
    }
    if n > 1 and np.isfinite(array).all():
        interval = mean_interval(values, measure, 0.95)
        summary.update(sd=float(array.std(ddof=1)), ci95=[interval.low, interval.high])
    return {key: finite_or_none(value) for key, value in summary.items()}


def finite_or_none(value: Any) -> Any:
    """Return a number, or a list of them, rounded; None for what JSON lacks, infinity and NaN."""
    if isinstance(value, list):
        return [finite_or_none(part) for part in value]
    return round(value, 4) if math.isfinite(value) else None


def evaluation_entries(results: Sequence[CaseResult], command: str) -> list[dict[str, Any]]:
    """Return the card's evaluation: an entry a data set, and one for all together where there are several."""
    sets = list(dict.fromkeys(result.data_set for result in results))
    groups = [(name, [result for result in results if result.data_set == name]) for name in sets]
    if len(groups) > 1:
        groups.append((" + ".join(sets), list(results)))
    entries = []
    for name, group in groups:
        entry: dict[str, Any] = {
            "data_set": f"{name} (validation cases, never trained on)",
            "kind": "real",
            "n": len(group),
            "command": command,
            "metrics": {
                metric: summarise([r.values[metric] for r in group], metric) for metric in SUMMARISED
            },
        }
        if len(groups) == 1 or name in sets:
            entry["cases"] = [
                {"case": r.case, **{key: finite_or_none(value) for key, value in r.values.items()}}
                for r in group
            ]
        entries.append(entry)
    return entries


def write_table(results: Sequence[CaseResult], path: Path) -> None:
    """Write a row a case as CSV."""
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ["case", *METRICS, "warnings"])
        writer.writeheader()
        writer.writerows(result.row() for result in results)


def table_lines(results: Sequence[CaseResult], entries: Sequence[dict[str, Any]]) -> list[str]:
    """Return a Markdown table of the cases, and one of the sets."""
    lines = [
        "| case | Dice | MSD mm | HD95 mm | volume mL (reference) | difference % | time s |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        v = result.values
        volumes = f"{v['volume_test_ml']:.0f} ({v['volume_reference_ml']:.0f})"
        lines.append(
            f"| {result.case} | {v['dice']:.4f} | {v['msd_mm']:.2f} | {v['hd95_mm']:.1f} | {volumes} "
            f"| {v['volume_difference_percent']:+.1f} | {v['time_s']:.1f} |"
        )
    lines += [
        "",
        "| set | n | Dice mean ± SD | worst | MSD mm | HD95 mm | volume difference % |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in entries:
        m = entry["metrics"]
        dice = m["dice"]
        name = entry["data_set"].split(" (")[0]
        spread = "" if dice.get("sd") is None else f" ± {dice['sd']:.4f}"
        lines.append(
            f"| {name} | {entry['n']} | {dice['mean']:.4f}{spread} | {dice['min']:.4f} "
            f"| {_shown(m['msd_mm']['mean'], 2)} | {_shown(m['hd95_mm']['mean'], 1)} "
            f"| {_shown(m['volume_difference_percent']['mean'], 1)} |"
        )
    return lines


def _shown(value: float | None, digits: int) -> str:
    return "not finite" if value is None else f"{value:.{digits}f}"
