"""Figures of a protocol study, in the style of LiverMetricsLib's reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .exam_measures import TARGET_MASK
from .exams import LESIONS
from .kind_results import CHANGED, KindResults, stage_name
from .standardizers import ORIGINAL, stage_of

if TYPE_CHECKING:
    from LiverMetricsLib.cohort import VolumePairs
    from LiverMetricsLib.report import Drawing
    from LiverMetricsLib.report.drawing import Panel

ENERGIES, MIXTURES = ("M40", "M60"), ("FBP", "IR", "OPT")
"""Figures 4 and 5 of Lee et al. 2023."""


def figures_of(results: KindResults) -> tuple[Callable[[], Drawing], ...]:
    """Functions that draw a figure each."""
    from LiverMetricsLib.report.box_plot import box_plot

    if results.kind == LESIONS:
        return ()
    plans: list[Callable[[], Drawing]] = []
    for reference in results.references:
        for segmenter in results.segmenters:
            panels = _dice_panels(results, segmenter.name, reference)
            if panels:
                name = f"{results.id} {segmenter.name} dice {reference}"
                plans.append(partial(box_plot, f"Dice with the {reference}", panels, key=name))
    for segmenter in results.segmenters:
        plans += _agreement_figures(results, segmenter.name)
    for measure, words in (("bias_hu", "Liver HU beside M80 (HU)"), ("noise_ratio", "Noise / noise of M80")):
        panels = _image_panels(results, measure)
        if panels:
            plans.append(partial(box_plot, words, panels, key=f"{results.id} {measure}"))
    return tuple(plans)


def _dice_panels(results: KindResults, method: str, reference: str) -> list[Panel]:
    """A panel a protocol; its groups are the original and the standardized images."""
    stages = [stage_of(one) for one in (None, *results.standardizers)]
    found = {p: [results.values("dice", method, p, stage, reference) for stage in stages] for p in CHANGED}
    names = [stage_name(stage) for stage in stages]
    return [panel_of(p, names, columns) for p, columns in found.items() if any(columns)]


def _image_panels(results: KindResults, measure: str) -> list[Panel]:
    names = [ORIGINAL, *(one.name for one in results.standardizers)]
    found = {
        p: [results.image_values(measure, p, "" if name == ORIGINAL else name) for name in names]
        for p in CHANGED
    }
    return [panel_of(p, names, columns) for p, columns in found.items() if any(columns)]


def panel_of(title: str, groups: Sequence[str], columns: Sequence[dict[str, float]]) -> Panel:
    """A panel of paired values: a column (case to value) for each group."""
    from LiverMetricsLib.report.drawing import Panel

    cases = sorted(set().union(*columns))
    values = np.array([[column.get(case, np.nan) for column in columns] for case in cases])
    missing = np.array([[case not in column for column in columns] for case in cases])
    return Panel(title, tuple(groups), tuple(cases), values, missing)


def _agreement_figures(results: KindResults, method: str) -> list[Callable[[], Drawing]]:
    """Figures 4 and 5: the volume before and after each standardizer against the mask of the target."""
    if TARGET_MASK not in results.references:
        return []
    pairs = _pairs(results, method)
    from LiverMetricsLib.report.bland_altman_grid import bland_altman_grid

    plans: list[Callable[[], Drawing]] = []
    for one in results.standardizers:
        for words, protocols in (("monoenergetic images", ENERGIES), ("mixed images", MIXTURES)):
            rows = [
                (p, [pairs[p, stage_of(None)], pairs[p, stage_of(one)]])
                for p in protocols
                if (p, stage_of(None)) in pairs and (p, stage_of(one)) in pairs
            ]
            if rows:
                title = f"Liver volume and {TARGET_MASK}, {words}: {method}, {one.name}"
                columns = ("original", one.name)
                plans.append(partial(bland_altman_grid, rows, columns, key=results.id, title=title))
    return plans


def _pairs(results: KindResults, method: str) -> dict[tuple[str, str], VolumePairs]:
    """Protocol and stage to the pairs of volumes that the analysis found."""
    found = {}
    for protocol in CHANGED:
        for stage in (stage_of(one) for one in (None, *results.standardizers)):
            title = f"{method} ({protocol}, {stage}) against "
            for pairs in results.analyses[TARGET_MASK].pairs:
                if pairs.title.startswith(title):
                    found[protocol, stage] = pairs
    return found
