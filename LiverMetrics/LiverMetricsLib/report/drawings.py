"""Which figures a cohort has data for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Callable

from ..cohort.measures import measure_of, sorted_measures
from .bland_altman_plot import bland_altman_plot
from .box_plot import box_plot, panels_in_a_figure
from .drawing import Drawing, Panel
from .identity_plot import identity_plot
from .region_bars import region_bars
from .samples import corrections_of, panels_of, scores_of
from .score_bars import score_bars
from .time_pairs import time_pairs

if TYPE_CHECKING:
    from ..cohort.results import Analysis
    from ..cohort.rows import Cohort

# Drawn in figures of their own, or the same for every method.
NO_BOX_PLOT = {"time_s", "score", "volume_reference_ml"}

Draw = Callable[[], Drawing]


def planned_drawings(cohort: Cohort, analysis: Analysis) -> list[Draw]:
    """Functions that draw one figure each, in the order of the report.

    Functions, so that many figures are never in memory at once.
    """
    plans: list[Draw] = []
    for name in sorted_measures(cohort.measures):
        if name not in NO_BOX_PLOT:
            plans.extend(_box_plots(cohort, name))
    for pairs in analysis.pairs:
        plans.append(partial(bland_altman_plot, pairs))
        plans.append(partial(identity_plot, pairs))
    if "score" in cohort.measures:
        plans.append(partial(score_bars, scores_of(cohort)))
    if "time_s" in cohort.measures:
        plans.extend(partial(time_pairs, part) for part in _parts(panels_of(cohort, "time_s")))
    corrections = corrections_of(cohort)
    if corrections:
        plans.append(partial(region_bars, corrections))
    return plans


def _box_plots(cohort: Cohort, name: str) -> Iterator[Draw]:
    measure = measure_of(name)
    label = f"{measure.title} ({measure.unit})" if measure.unit else measure.title
    for part in _parts(panels_of(cohort, name)):
        yield partial(box_plot, label, part, key=name)


def _parts(panels: Sequence[Panel]) -> Iterator[Sequence[Panel]]:
    """As many panels at a time as fit one page."""
    most = panels_in_a_figure(panels)
    for start in range(0, len(panels), most):
        yield panels[start : start + most]
