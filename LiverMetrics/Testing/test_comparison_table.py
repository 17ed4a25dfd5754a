"""Comparisons as a table, for the clipboard and as a page."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from LiverMetricsLib import compare, read_cohort
from LiverMetricsLib.comparison_table import ComparedPair, comparison_table, tab_separated
from LiverMetricsLib.definitions import definitions_of
from LiverMetricsLib.report.comparison_page import comparison_page, write_comparison_page


@pytest.fixture
def pairs(as_image, ball):
    """A shifted ball, one with a hostile name, and an empty mask, against a ball."""
    shape = (16, 24, 24)
    reference = as_image(ball(shape, (12, 12, 8), 5))
    tests = {
        "shifted": ball(shape, (14, 12, 8), 5),
        "<script>alert(1)</script>\t& \"more\"": ball(shape, (12, 12, 8), 6),
        "empty": np.zeros(shape, dtype=bool),
    }
    return [
        ComparedPair(compare(reference, as_image(mask), tolerance_mm=1.5), name, "by hand", "CT", name[:5])
        for name, mask in tests.items()
    ]


def test_the_csv_is_a_cohort_with_every_digit(pairs, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(comparison_table(pairs).to_csv(), encoding="utf-8")
    cohort = read_cohort(path)
    assert cohort.cases == ("CT",)
    for row, pair in zip(cohort.rows, pairs):
        assert row.values["dice"] == pair.comparison.dice
        assert row.values["hd95_mm"] == pair.comparison.hd95_mm
        assert row.values["surface_dice"] == pair.comparison.surface_dice
    assert "family: voxel" in cohort.measured_by


def test_each_measure_has_a_unit_or_none_and_the_definition_of_its_family(pairs):
    columns = {column.key: column for column in comparison_table(pairs).columns}
    for name, definition in definitions_of("voxel").items():
        if name in columns and columns[name].kind == "number":
            assert columns[name].definition.startswith(definition)
    assert columns["surface_dice"].title == "Surface Dice at 1.5 mm"
    for name, unit in (("_mm", "mm"), ("_ml", "mL"), ("_percent", "%")):
        for column in columns.values():
            assert column.unit == unit or not column.key.endswith(name)


def test_without_a_tolerance_there_is_no_surface_dice(pairs, as_image, ball):
    mask = as_image(ball((16, 24, 24), (12, 12, 8), 5))
    table = comparison_table([ComparedPair(compare(mask, mask), "same", "by hand")])
    assert not {"surface_dice", "tolerance_mm"} & {column.key for column in table.columns}


def test_what_is_not_defined_is_an_empty_cell_and_the_status_says_why(as_image):
    nothing = as_image(np.zeros((4, 4, 4), dtype=np.uint8))
    table = comparison_table([ComparedPair(compare(nothing, nothing), "nothing", "nothing")])
    assert table.column("dice") == (None,)
    assert table.column("status") == ("both-empty",)


def test_the_clipboard_text_has_one_cell_for_each_column(pairs):
    text = tab_separated(comparison_table(pairs))
    lines = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(lines) == 1 + len(pairs)
    assert {len(line) for line in lines} == {len(lines[0])}
    assert float(lines[1][lines[0].index("Hausdorff distance (mm)")]) == pairs[0].comparison.hd_mm


class Tags(HTMLParser):
    """Tags that are open, and whether they close in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_names_are_only_text(pairs, tmp_path):
    write_comparison_page(tmp_path / "c.html", pairs)
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "link", "img"} & tags.seen
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "&lt;script&gt;alert(1)" in page
    assert "The test has no voxel of label 1" in page
    for pair in pairs:
        assert f'<data value="{pair.comparison.volume_test_ml!r}">' in page


def test_the_page_of_one_pair_with_itself(as_image, ball):
    mask = as_image(ball((16, 24, 24), (12, 12, 8), 5))
    page = comparison_page([ComparedPair(compare(mask, mask), "same", "by hand")])
    assert '<section class="warnings">' not in page
    assert '<data value="1.0">1.000</data>' in page
