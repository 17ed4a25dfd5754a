"""Which charts a cohort has data for: the figures of the report in plain numbers, one chart an axis."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..cohort.measures import measure_of, sorted_measures
from .chart import Chart
from .drawings import NO_BOX_PLOT
from .group_charts import group_chart
from .pair_charts import bland_altman_chart, identity_chart
from .samples import panels_of

if TYPE_CHECKING:
    from ..cohort.results import Analysis
    from ..cohort.rows import Cohort


def planned_charts(cohort: Cohort, analysis: Analysis) -> tuple[Chart, ...]:
    """Every measure by group, then agreement of volumes; needs neither matplotlib nor a window."""
    charts = [chart for name in sorted_measures(cohort.measures) for chart in _of_measure(cohort, name)]
    for pairs in analysis.pairs:
        charts.append(bland_altman_chart(pairs, pairs.limits_ml))
        charts.append(bland_altman_chart(pairs, pairs.limits_percent))
        charts.append(identity_chart(pairs))
    return _with_own_ids(charts)


def _of_measure(cohort: Cohort, name: str) -> list[Chart]:
    if name in NO_BOX_PLOT:
        return []
    measure = measure_of(name)
    label = f"{measure.title} ({measure.unit})" if measure.unit else measure.title
    return [group_chart(label, panel, key=name) for panel in panels_of(cohort, name)]


def _with_own_ids(charts: list[Chart]) -> tuple[Chart, ...]:
    """Long or foreign names may become the same id: the later ones are numbered."""
    taken: dict[str, int] = {}
    named = []
    for chart in charts:
        taken[chart.id] = taken.get(chart.id, 0) + 1
        named.append(replace(chart, id=f"{chart.id}-{taken[chart.id]}") if taken[chart.id] > 1 else chart)
    return tuple(named)
