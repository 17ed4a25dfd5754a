"""The figure of a quality report: titles stay apart, whatever a protocol is called."""

from __future__ import annotations

import itertools

import pytest

pytest.importorskip("matplotlib")

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from standardizer_scans import scan

from LiverStandardizeLib.quality import figure as quality_figure
from LiverStandardizeLib.quality import measure_quality


@pytest.fixture(scope="module")
def quality():
    """Of a narrow body, whose pictures are the narrowest."""
    return measure_quality(scan(), scan(seed=1), target=scan(seed=2))


@pytest.fixture
def drawn(quality, monkeypatch):
    """Draws with a protocol's name; gives each title's text and place, (x0, y0, x1, y1) in pixels."""
    figures: list[Figure] = []
    monkeypatch.setattr(quality_figure, "_png", lambda figure: figures.append(figure) or b"")

    def titles(protocol: str) -> dict[str, tuple[float, float, float, float]]:
        quality_figure.quality_png(quality, protocol, "M80")
        (figure,) = figures[-1:]
        canvas = figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        canvas.draw()
        axes = [one for part in figure.subfigs for one in part.axes]
        shown = [one._left_title for one in axes if one._left_title.get_text()]
        return {one.get_text(): one.get_window_extent(canvas.get_renderer()).extents for one in shown}

    return titles


LONGEST_SHOWN = "uncertain: FBP or IR"
LONG = "uncertain: FBP or IR strength 3 or virtual monoenergetic at 70 keV"


@pytest.mark.parametrize("protocol", ["FBP", LONGEST_SHOWN, LONG])
def test_titles_do_not_overlap(drawn, protocol) -> None:
    titles = drawn(protocol)
    assert len(titles) == 7  # three pictures, the change, three charts
    for (name, one), (other, two) in itertools.combinations(titles.items(), 2):
        apart = one[2] < two[0] or two[2] < one[0] or one[3] < two[1] or two[3] < one[1]
        assert apart, (name, other)


def test_a_name_that_fits_is_shown_and_a_longer_one_left_to_the_report(drawn) -> None:
    assert len(LONGEST_SHOWN) == quality_figure.LONGEST_NAME
    assert f"Before: {LONGEST_SHOWN}" in drawn(LONGEST_SHOWN)
    assert "Before" in drawn(LONG)
    assert LONG not in " ".join(drawn(LONG))
