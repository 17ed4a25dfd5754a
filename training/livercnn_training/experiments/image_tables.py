"""What standardization did to the images, as tables: HU, noise, crop; and what was asked of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .exam_measures import TARGET_MASK
from .exams import CT, LESIONS
from .kind_results import CHANGED, KindResults, mean
from .lesion_tables import add_lesion_targets

if TYPE_CHECKING:
    from LiverMetricsLib.cohort import Table

LEAST_DICE = {CT: 0.90}
LEAST_DICE_ELSEWHERE = 0.93
MOST_BIAS_HU = 5.0
NOISE_RATIOS = (0.7, 1.3)
MOST_CROP_HU = 0.5


def hu_table(results: KindResults) -> Table:
    """Liver HU and noise beside the target's, by protocol and standardizer, before and after."""
    from LiverMetricsLib.cohort import Column, Table

    columns = (
        Column("protocol", "Protocol", kind="text"),
        Column("standardizer", "Standardizer", kind="text"),
        Column("n", "n", kind="integer", definition="Exams in which the true liver is known"),
        Column("original_bias_hu", "Original bias", "HU", digits=1, definition=_BIAS),
        Column("standardized_bias_hu", "Standardized bias", "HU", digits=1, definition=_BIAS),
        Column("standardized_bias_sd_hu", "its SD", "HU", digits=1, definition="Over the exams"),
        Column("original_noise_ratio", "Original noise ratio", digits=2, definition=_NOISE),
        Column("standardized_noise_ratio", "Standardized noise ratio", digits=2, definition=_NOISE),
        Column("crop_hu", "Largest change by a crop", "HU", digits=2, definition=_CROP),
    )
    rows = []
    for protocol in CHANGED:
        before = results.image_values("bias_hu", protocol)
        noise_before = results.image_values("noise_ratio", protocol)
        for one in results.standardizers:
            after = list(results.image_values("bias_hu", protocol, one.name).values())
            if not after:
                continue
            crops = [abs(v) for v in results.image_values("crop_difference_hu", protocol, one.name).values()]
            rows.append(
                (
                    protocol,
                    one.name,
                    len(after),
                    _cell(mean(before.values())),
                    _cell(mean(after)),
                    _cell(float(np.std(after, ddof=1))) if len(after) > 1 else None,
                    _cell(mean(noise_before.values())),
                    _cell(mean(results.image_values("noise_ratio", protocol, one.name).values())),
                    max(crops) if crops else None,
                )
            )
    return Table(
        f"{results.id}-hu",
        "Liver HU and noise",
        columns,
        tuple(rows),
        caption="Means over the exams, in the true liver 4 mm inside its border, the same voxels throughout.",
    )


_BIAS = "Mean of image - M80 in the same voxels"
_NOISE = "Noise / noise of the M80 image; noise is 1.4826 MAD of what varies over less than 3 mm"
_CROP = "Of the liver's mean HU when the field of view is cropped to the liver (25 mm margin) before"


def targets_table(results: KindResults) -> Table:
    """What was asked of standardization, and what each standardizer reached."""
    from LiverMetricsLib.cohort import Column, Table

    columns = (
        Column("standardizer", "Standardizer", kind="text"),
        Column("target", "Target", kind="text"),
        Column("reached", "Reached", kind="text"),
        Column("met", "Met", kind="text"),
    )
    rows = [row for one in results.standardizers for row in _targets_of(results, one.name)]
    return Table(
        f"{results.id}-targets",
        "Targets",
        columns,
        tuple(rows),
        caption="The worst protocol decides; means are over the exams.",
    )


def _targets_of(results: KindResults, name: str) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = []

    def add(target: str, reached: str, met: bool) -> None:
        rows.append((name, target, reached, "yes" if met else "no"))

    if results.kind == LESIONS:
        add_lesion_targets(results, name, add)
        return rows
    least = LEAST_DICE.get(results.kind, LEAST_DICE_ELSEWHERE)
    for segmenter in results.segmenters:
        stage = f"standardized: {name}"
        dice = {
            p: mean(results.values("dice", segmenter.name, p, stage, TARGET_MASK).values()) for p in CHANGED
        }
        worst = min(dice, key=lambda protocol: _or(dice[protocol], math.inf))
        if not math.isnan(dice[worst]):
            add(
                f"Dice with the {TARGET_MASK} of {segmenter.name} at least {least:.2f} for every protocol",
                f"{dice[worst]:.3f} ({worst})",
                dice[worst] >= least,
            )
    _add_hu_targets(results, name, add)
    return rows


def _add_hu_targets(results: KindResults, name: str, add: Any) -> None:
    bias = {p: mean(results.image_values("bias_hu", p, name).values()) for p in CHANGED}
    noise = {p: mean(results.image_values("noise_ratio", p, name).values()) for p in CHANGED}
    crops = {p: results.image_values("crop_difference_hu", p, name).values() for p in CHANGED}
    if all(map(math.isnan, bias.values())):
        return
    worst = max(bias, key=lambda protocol: _or(abs(bias[protocol]), -1.0))
    add(
        f"liver HU bias at most {MOST_BIAS_HU:g} HU",
        f"{bias[worst]:+.1f} HU ({worst})",
        abs(bias[worst]) <= MOST_BIAS_HU,
    )
    known = {protocol: value for protocol, value in noise.items() if not math.isnan(value)}
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    add(
        f"noise {NOISE_RATIOS[0]:g} to {NOISE_RATIOS[1]:g} of M80",
        f"{known[low]:.2f} ({low}) to {known[high]:.2f} ({high})",
        NOISE_RATIOS[0] <= known[low] and known[high] <= NOISE_RATIOS[1],
    )
    largest = {protocol: max(map(abs, values)) for protocol, values in crops.items() if values}
    if largest:
        worst = max(largest, key=largest.__getitem__)
        add(
            f"liver HU change by a crop below {MOST_CROP_HU:g} HU",
            f"{largest[worst]:.2f} HU ({worst})",
            largest[worst] < MOST_CROP_HU,
        )


def _or(value: float, other: float) -> float:
    return other if math.isnan(value) else value


def _cell(value: float) -> float | None:
    return None if math.isnan(value) else value
