"""Figures of a report: something is drawn, nothing overlaps, and what cannot be drawn is counted."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import synthetic_cohort

from LiverMetricsLib.cohort import analyse, cohort_from_rows

matplotlib = pytest.importorskip("matplotlib", reason="figures need the extra 'report'")

from LiverMetricsLib.report.axis_notes import spread  # noqa: E402
from LiverMetricsLib.report.bland_altman_plot import bland_altman_plot  # noqa: E402
from LiverMetricsLib.report.box_plot import box_plot  # noqa: E402
from LiverMetricsLib.report.drawing import Panel, file_stem  # noqa: E402
from LiverMetricsLib.report.drawings import planned_drawings  # noqa: E402
from LiverMetricsLib.report.identity_plot import identity_plot  # noqa: E402
from LiverMetricsLib.report.region_bars import MOST_REGIONS, Corrections, region_bars  # noqa: E402
from LiverMetricsLib.report.samples import corrections_of, panels_of, scores_of  # noqa: E402
from LiverMetricsLib.report.saving import FORMATS, figure_bytes, inline_svg, save_figure  # noqa: E402
from LiverMetricsLib.report.score_bars import Scores, score_bars  # noqa: E402
from LiverMetricsLib.report.style import fitted  # noqa: E402
from LiverMetricsLib.report.time_pairs import time_pairs  # noqa: E402

LONG = "a network with a very long name, trained on everything, with augmentation, version 12"


def shown_texts(figure):
    """Bounding boxes of all words that can be seen, with the words."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    ticks = {}
    for axes in figure.axes:
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                inside = min(low, high) <= tick.get_loc() <= max(low, high)
                ticks[id(tick.label1)] = inside and tick.label1.get_visible()
                ticks[id(tick.label2)] = inside and tick.label2.get_visible()
    texts = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible())
    shown = [text for text in texts if text.get_text().strip() and ticks.get(id(text), True)]
    return [(text.get_text(), text.get_window_extent()) for text in shown]


def overlapping(figure):
    return [
        (one, other)
        for (one, a), (other, b) in combinations(shown_texts(figure), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5
    ]


def outside(figure):
    width, height = figure.bbox.size
    return [
        words
        for words, box in shown_texts(figure)
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > width + 0.5 or box.y1 > height + 0.5
    ]


def check(drawing):
    """What holds for every figure."""
    assert drawing.figure.axes
    for axes in drawing.figure.axes:
        assert axes.lines or axes.patches or axes.texts, f"{drawing.id} has an empty panel"
    assert not overlapping(drawing.figure)
    assert not outside(drawing.figure)
    words = " ".join([drawing.caption, drawing.alt, *(text for text, _ in shown_texts(drawing.figure))])
    assert "nan" not in words.lower().split()
    assert "inf" not in words.lower().split()
    assert drawing.title and drawing.caption and drawing.alt
    assert drawing.id == file_stem(drawing.id)


def broken(rows):
    """Some masks empty, in some cases both of them."""
    for number, row in enumerate(rows):
        if number in (4, 10, 50):
            row.update(dice=0.0, msd_mm=math.inf, hd_mm=math.inf, hd95_mm=math.inf, volume_test_ml=0.0)
            row.update(volume_ratio=0.0, volume_difference_percent=-100.0)
            row["volume_difference_ml"] = -row["volume_reference_ml"]
        if number in (7, 8):
            row.update(dict.fromkeys(("dice", "msd_mm", "hd_mm", "hd95_mm"), math.nan))
    return rows


def with_long_names(rows):
    for row in rows:
        row["case"] = f"{row['case']} of the hospital information system, examination of the upper abdomen"
        row["method"] = f"{LONG} {row['method']}"
        row["observer"] = f"Professor Doctor Extraordinarily Long-Name {row['observer']}"
        row["regions"] = row["regions"].replace("heart", "where the heart lies on the diaphragm above") if (
            row.get("regions")
        ) else ""
    return rows


def doubled(rows):
    """Six methods."""
    return [
        {**row, "method": f"{row['method']}{suffix}"} for row in rows for suffix in ("", " with corrections")
    ]


COHORTS = {
    "readers": lambda: synthetic_cohort.readers(cases=12),
    "one case": lambda: synthetic_cohort.readers(cases=1),
    "two cases": lambda: synthetic_cohort.readers(cases=2),
    "not finite": lambda: broken(synthetic_cohort.readers(cases=12)),
    "long names": lambda: with_long_names(synthetic_cohort.readers(cases=6)),
    "six methods": lambda: doubled(synthetic_cohort.readers(cases=6)),
    "protocols": lambda: synthetic_cohort.protocols(cases=6),
    "200 cases": lambda: synthetic_cohort.readers(cases=200),
}


@pytest.fixture(scope="module", params=COHORTS)
def kinds(request):
    """Of one cohort: a figure of each kind, by the beginning of its name."""
    cohort = cohort_from_rows(COHORTS[request.param]())
    analysis = analyse(cohort)
    found = {}
    for draw in planned_drawings(cohort, analysis):
        # Each kind once, but box plots of the measures that can be infinite, too.
        key = draw.func.__name__ if draw.func is not box_plot else draw.keywords["key"]
        if key in ("box_plot", "dice", "hd_mm") or draw.func is not box_plot:
            found.setdefault(key, draw)
    return {key: draw() for key, draw in found.items()}


def test_nothing_is_empty_overlaps_or_is_cut_off(kinds):
    assert {"dice", "hd_mm", "bland_altman_plot", "identity_plot"} <= set(kinds)
    for drawing in kinds.values():
        check(drawing)


def test_every_measure_has_its_figure():
    cohort = cohort_from_rows(synthetic_cohort.readers(cases=3))
    plans = planned_drawings(cohort, analyse(cohort))
    names = [plan.func.__name__ for plan in plans]
    assert names.count("box_plot") == 8
    assert names.count("bland_altman_plot") == names.count("identity_plot") == 3
    assert [names.count(name) for name in ("score_bars", "time_pairs", "region_bars")] == [1, 1, 1]


def panel(values, missing=None, **names):
    values = np.asarray(values, float)
    groups = tuple(f"method {number}" for number in range(values.shape[1]))
    cases = tuple(f"case {number}" for number in range(values.shape[0]))
    absent = np.zeros(values.shape, bool) if missing is None else np.asarray(missing)
    return replace(Panel("", groups, cases, values, absent), **names)


def test_values_that_cannot_be_drawn_are_counted():
    values = [[0.9, math.nan], [math.inf, 0.8], [math.inf, math.nan]]
    drawing = box_plot("HD", [panel(values, missing=[[0, 0], [0, 0], [0, 1]])], key="hd")
    assert "Not shown: 2 infinite, 1 undefined" in drawing.caption
    assert any("2 infinite" in text for text, _ in shown_texts(drawing.figure))
    assert any("n = 1" in text for text, _ in shown_texts(drawing.figure))


def test_a_group_without_any_number_says_so():
    drawing = box_plot("HD", [panel([[math.inf], [math.nan]])], key="hd")
    assert "no finite value" in [text for text, _ in shown_texts(drawing.figure)]
    check(drawing)


def test_boxes_show_the_quartiles():
    values = np.arange(1.0, 10.0).reshape(-1, 1)
    axes = box_plot("x", [panel(values)], key="x").figure.axes[0]
    box = axes.patches[0].get_path().vertices
    assert (box[:, 1].min(), box[:, 1].max()) == (3.0, 7.0)  # R type 7 quartiles of 1 to 9
    median = [line for line in axes.lines if set(line.get_ydata()) == {5.0}]
    assert median


def test_long_names_are_in_the_caption_in_full():
    drawing = box_plot("x", [panel([[1.0], [2.0]], groups=(LONG,))], key="x")
    assert LONG in drawing.caption


def test_dollars_in_names_are_no_formula():
    drawing = box_plot("x", [panel([[1.0], [2.0]], groups=("$\\frac{a}{$",))], key="x")
    check(drawing)
    assert figure_bytes(drawing, "svg")


@pytest.fixture(scope="module")
def pairs():
    """Volumes of the network in the synthetic cohort."""
    cohort = cohort_from_rows(synthetic_cohort.readers(cases=20))
    return next(pair for pair in analyse(cohort).pairs if pair.test_name == "cnn")


def test_bland_altman_lines_are_the_limits(pairs):
    left, right = bland_altman_plot(pairs).figure.axes
    for axes, limits in ((left, pairs.limits_ml), (right, pairs.limits_percent)):
        level = [line.get_ydata()[0] for line in axes.lines if len(set(line.get_ydata())) == 1]
        for wanted in (limits.bias, limits.lower_limit, limits.upper_limit):
            assert any(value == pytest.approx(wanted) for value in level)
    points = left.lines[0]
    np.testing.assert_allclose(points.get_ydata(), pairs.test_ml - pairs.reference_ml)
    np.testing.assert_allclose(points.get_xdata(), (pairs.test_ml + pairs.reference_ml) / 2)
    np.testing.assert_allclose(
        right.lines[0].get_ydata(), 100 * (pairs.test_ml / pairs.reference_ml - 1), rtol=1e-9
    )


def test_identity_has_equal_axes_and_the_regression(pairs):
    drawing = identity_plot(pairs)
    axes = drawing.figure.axes[0]
    assert axes.get_xlim() == axes.get_ylim()
    x, y = axes.lines[1].get_data()
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(pairs.regression.slope)
    assert f"CCC {pairs.concordance.ccc:.3f}" in drawing.caption


def test_equal_volumes_have_no_limits_to_draw():
    rows = [{"case": f"c{n}", "volume_test_ml": 1500.0, "volume_reference_ml": 1500.0} for n in range(5)]
    for pair in analyse(cohort_from_rows(rows)).pairs:
        check(bland_altman_plot(pair))
        check(identity_plot(pair))


def test_score_bars_add_up():
    scores = [Scores("A", np.array([1.0, 2.0, 2.0, 5.0])), Scores("B", np.array([2.0, math.nan]))]
    drawing = score_bars(scores)
    widths = sorted(patch.get_width() for patch in drawing.figure.axes[0].patches)
    assert widths == pytest.approx([0.25, 0.25, 0.5, 1.0])
    assert "B: Not shown: 1 undefined" in drawing.caption
    check(drawing)


def test_many_different_scores_are_put_into_classes():
    drawing = score_bars([Scores("A", np.arange(0.0, 101.0))])
    patches = drawing.figure.axes[0].patches
    assert len(patches) == 10
    assert sum(patch.get_width() for patch in patches) == pytest.approx(1.0)
    assert "10 classes" in drawing.caption
    check(drawing)


def test_times_are_minutes_with_the_median():
    drawing = time_pairs([panel([[60.0, 120.0], [180.0, 240.0], [300.0, 360.0]])])
    assert "method 0 median 3.0 min" in drawing.alt
    assert drawing.figure.axes[0].get_ylim()[0] <= 0
    check(drawing)


def test_only_the_most_frequent_regions_are_shown_and_the_rest_is_counted():
    names = tuple(f"region {number}" for number in range(MOST_REGIONS + 3))
    drawing = region_bars([Corrections("A", (names, names[:2], ()))])
    assert "3 rarer regions not shown" in drawing.caption
    bars = drawing.figure.axes[0].patches
    assert bars[0].get_width() == pytest.approx(2 / 3)
    check(drawing)


def test_samples_keep_cases_together():
    cohort = cohort_from_rows(synthetic_cohort.readers(cases=3))
    panels = panels_of(cohort, "dice")
    assert [one.title for one in panels] == ["observer synthetic A", "observer synthetic B"]
    assert panels[0].groups == ("manual", "cnn", "corrected")
    row = next(row for row in cohort.rows if row.method == "cnn")
    assert panels[0].values[panels[0].cases.index(row.case), 1] == row.values["dice"]
    assert [scores.group for scores in scores_of(cohort)] == ["observer synthetic A", "observer synthetic B"]
    assert len(corrections_of(cohort)) == 2


def test_one_method_alone_is_compared_by_observer():
    rows = [{"case": f"c{n}", "observer": who, "dice": 0.9} for n in range(3) for who in "AB"]
    (found,) = panels_of(cohort_from_rows(rows), "dice")
    assert found.groups == ("observer A", "observer B")


def test_files_of_all_formats_and_nothing_else(tmp_path):
    drawing = box_plot("x", [panel([[1.0], [2.0]])], key="x")
    names = save_figure(drawing, tmp_path, FORMATS)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    starts = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
    for name in names:
        assert (tmp_path / name).read_bytes().startswith(starts[name.rpartition(".")[2]])
    assert figure_bytes(drawing, "svg") == (tmp_path / "box-x.svg").read_bytes()  # no dates, no random ids


def test_png_has_200_dots_an_inch(tmp_path):
    picture = pytest.importorskip("PIL.Image")
    save_figure(box_plot("x", [panel([[1.0], [2.0]])], key="x"), tmp_path, ["png"])
    with picture.open(tmp_path / "box-x.png") as image:
        assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)
        assert image.width == 1400


def test_inline_svg_keeps_to_itself():
    text = inline_svg("one", figure_bytes(box_plot("x", [panel([[1.0], [2.0]])], key="x"), "svg"))
    assert "http" not in text
    assert "<?xml" not in text and "<metadata" not in text
    ids = [part.split('"')[0] for part in text.split(' id="')[1:]]
    assert ids and all(name.startswith("one--") for name in ids)
    assert "<text" not in text  # letters are paths


def test_the_settings_of_the_caller_stay_as_they_are():
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "svg.fonttype": "none"}):
        mine = dict(matplotlib.rcParams)
        drawing = box_plot("x", [panel([[1.0], [2.0]])], key="x")
        assert b"<text" not in figure_bytes(drawing, "svg")
        assert dict(matplotlib.rcParams) == mine
        assert drawing.figure.axes[0].get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    assert dict(matplotlib.rcParams) == before


def test_no_window_system_is_touched():
    import subprocess
    import sys

    program = (
        "import sys, numpy\n"
        "from LiverMetricsLib.report.score_bars import Scores, score_bars\n"
        "from LiverMetricsLib.report.saving import figure_bytes\n"
        "drawing = score_bars([Scores('A', numpy.array([1.0, 2.0]))])\n"
        "[figure_bytes(drawing, name) for name in ('png', 'svg', 'pdf')]\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


def test_places_are_spread_as_little_as_needed():
    assert spread([0.0, 10.0], 3.0) == [0.0, 10.0]
    assert spread([5.0, 5.0, 5.0], 2.0) == [3.0, 5.0, 7.0]
    assert spread([1.0, 0.0], 2.0) == [1.5, -0.5]
    moved = spread([0.0, 1.0, 1.5, 9.0], 1.0)
    assert all(b - a >= 1.0 - 1e-12 for a, b in zip(moved, moved[1:]))


def test_names_are_fitted_into_lines():
    assert fitted("cnn", 10) == "cnn"
    assert fitted("histogram", 8) == "histogram"  # no single letter on a line of its own
    assert fitted("standardizer-m80", 8) == "standard\nizer-m80"
    text = fitted(LONG, 12, 3)
    assert len(text.split("\n")) <= 3 and max(map(len, text.split("\n"))) <= 12 * 9 / 8
    assert text.replace("\n", " ").endswith("12") and "\N{HORIZONTAL ELLIPSIS}" in text
