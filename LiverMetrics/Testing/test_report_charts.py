"""Charts in plain numbers are the figures of the report, and come back from their text as they were."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import synthetic_cohort

from LiverMetricsLib import CohortRequest, CohortRequestError, CohortResults, analyse, cohort_from_rows
from LiverMetricsLib.cohort_job import analyse_table, run
from LiverMetricsLib.report.chart import Series
from LiverMetricsLib.report.charts import planned_charts
from LiverMetricsLib.report.drawing import Panel
from LiverMetricsLib.report.group_charts import group_chart
from LiverMetricsLib.report.samples import panels_of


@pytest.fixture(scope="module")
def cohort():
    return cohort_from_rows(synthetic_cohort.readers(cases=8), "readers")


@pytest.fixture(scope="module")
def results(cohort):
    return CohortResults.of(analyse(cohort))


def panel(values, groups=("manual", "cnn")):
    array = np.array(values, dtype=float)
    cases = tuple(f"case {number}" for number in range(len(array)))
    return Panel("", groups, cases, array, np.zeros(array.shape, dtype=bool))


def series_of(chart):
    return {series.name: series for series in chart.series}


def strokes(series):
    """The parts of an interrupted line."""
    found, part = [], []
    for point in zip(series.x, series.y):
        if math.isnan(point[0]):
            found.append(part)
            part = []
        else:
            part.append(point)
    return [*found, part]


def test_results_come_back_from_their_text(results):
    text = results.to_json()
    assert json.loads(text, parse_constant=pytest.fail)["format"] == 1
    back = CohortResults.from_json(text)
    assert back.tables == results.tables
    assert back.warnings == results.warnings
    assert [repr(chart) for chart in back.charts] == [repr(chart) for chart in results.charts]


def test_infinite_and_missing_cells_come_back():
    rows = [{"case": name, "hd_mm": value} for name, value in (("a", math.inf), ("b", 3.5), ("c", math.nan))]
    analysis = analyse(cohort_from_rows(rows))
    back = CohortResults.from_json(CohortResults.of(analysis).to_json())
    assert back.tables == analysis.tables
    assert back.tables[0].column("maximum") == (math.inf,)


@pytest.mark.parametrize("text", ["[]", '{"format": 2}', '{"tables": []}', "no JSON"])
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="format|Expecting"):
        CohortResults.from_json(text)


def test_ids_are_unique_and_axes_hold_the_points(results):
    ids = [chart.id for chart in results.charts]
    assert len(set(ids)) == len(ids)
    for chart in results.charts:
        for series in chart.series:
            for values, (low, high) in ((series.x, chart.x_range), (series.y, chart.y_range)):
                shown = [value for value in values if math.isfinite(value)]
                assert shown, chart.id
                if series.cases or "SD" in series.name:
                    assert low <= min(shown), chart.id
                    assert max(shown) <= high, chart.id


def test_there_is_a_chart_for_each_figure_of_agreement(cohort, results):
    analysis = analyse(cohort)
    agreement = [chart for chart in results.charts if chart.id.startswith(("bland-altman", "identity"))]
    assert len(agreement) == 3 * len(analysis.pairs)
    limits = analysis.pairs[0].limits_percent
    lines = {series.name.rsplit(" ", 1)[0]: series for series in agreement[1].series}
    assert lines["Bias"].y == (limits.bias, limits.bias)
    assert lines["+1.96 SD"].y == (limits.upper_limit, limits.upper_limit)
    ends = sorted({y for stroke in strokes(lines["95 %"]) for _, y in stroke})
    assert ends == sorted(
        end
        for interval in (limits.bias_interval, limits.lower_limit_interval, limits.upper_limit_interval)
        for end in (interval.low, interval.high)
    )


def test_the_regression_is_that_of_the_library(cohort, results):
    pairs = analyse(cohort).pairs[1]
    chart = next(chart for chart in results.charts if chart.id.startswith("identity-cnn"))
    identity, line, points = chart.series
    assert identity.x == identity.y
    for x, y in zip(line.x, line.y):
        assert y == pytest.approx(pairs.regression.intercept + pairs.regression.slope * x)
    assert points.x == tuple(pairs.reference_ml)
    assert points.cases == pairs.cases
    assert chart.note.startswith(f"CCC {pairs.concordance.ccc:.3f}")


def test_boxes_are_those_of_the_figures(cohort):
    cbook = pytest.importorskip("matplotlib.cbook")
    for shown in panels_of(cohort, "dice"):
        chart = group_chart("Dice", shown, key="dice")
        boxes = strokes(series_of(chart)["Quartiles, median"])
        for number in range(len(shown.groups)):
            box, median, *_, high_cap = boxes[6 * number : 6 * number + 6]
            low_cap = boxes[6 * number + 3]
            (wanted,) = cbook.boxplot_stats(shown.values[:, number])
            found = (box[0][1], median[0][1], box[2][1], low_cap[0][1], high_cap[0][1])
            keys = ("q1", "med", "q3", "whislo", "whishi")
            assert found == pytest.approx(tuple(wanted[key] for key in keys))


def test_what_cannot_be_drawn_is_said():
    chart = group_chart("HD (mm)", panel([[math.inf, 3.0], [math.nan, 4.0], [2.0, 5.0]]), key="hd")
    assert chart.note.endswith("Not shown: 1 infinite, 1 undefined.")
    assert series_of(chart)["manual: median 2, n = 1"].cases == ("case 2",)
    joined = strokes(series_of(chart)["Lines: same case"])
    assert [(2.0, 5.0)] in [[tuple(y for _, y in part)] for part in joined]


def test_nothing_finite_is_an_empty_chart_with_a_sentence():
    chart = group_chart("HD (mm)", panel([[math.inf, math.nan]]), key="hd")
    assert chart.series == ()
    assert chart.note.startswith("There is no finite value to draw.")


def test_one_case_has_a_bias_and_no_limits():
    rows = [{"case": "a", "method": "cnn", "volume_test_ml": 1500.0, "volume_reference_ml": 1490.0}]
    cohort = cohort_from_rows(rows)
    charts = planned_charts(cohort, analyse(cohort))
    chart = next(chart for chart in charts if chart.id.startswith("bland-altman-absolute"))
    assert [series.name for series in chart.series] == ["Bias 10.0", "1 case"]
    assert "Limits need two pairs or more." in chart.note
    assert chart.x_range[0] < 1495.0 < chart.x_range[1]


@pytest.mark.parametrize(
    "fields",
    [
        {"x": (1.0,), "y": ()},
        {"x": (), "y": (), "line": "wavy"},
        {"x": (1.0,), "y": (1.0,), "cases": ("a", "b")},
    ],
)
def test_a_series_has_a_place_for_each_point(fields):
    with pytest.raises(ValueError, match="Series 'bad'"):
        Series("bad", **fields)


def test_the_job_takes_rows_or_a_table_and_nothing_unknown(tmp_path):
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps({"source": "mine", "rows": [{"case": "a", "dice": 0.9}]}), encoding="ascii")
    written = run({"rows": str(rows), "results": str(tmp_path / "results.json")}, tmp_path, lambda *_: None)
    assert written == {"tables": None, "page": None}
    back = CohortResults.from_json((tmp_path / "results.json").read_text(encoding="ascii"))
    assert (back.source, back.n_rows, back.n_cases) == ("mine", 1, 1)
    for arguments in ({}, {"rows": "a", "table": "b"}, {"table": "a", "colour": "red"}):
        with pytest.raises(CohortRequestError):
            CohortRequest.from_dict(arguments)


def test_progress_goes_up_and_can_stop_the_work(tmp_path):
    from LiverCoreLib.errors import Cancelled

    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps({"source": "mine", "rows": [{"case": "a", "dice": 0.9}]}), encoding="ascii")
    shares = []
    request = CohortRequest(rows=str(rows), folder=str(tmp_path / "out"))
    analyse_table(request, lambda share, message: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(share, message):
        raise Cancelled()

    with pytest.raises(Cancelled):
        analyse_table(CohortRequest(rows=str(rows), folder=str(tmp_path / "never")), stop)
    assert not (tmp_path / "never").exists()
