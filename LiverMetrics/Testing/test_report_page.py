"""The report: stands alone, says the numbers of the tables, and hides nothing."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import math
import re
from html.parser import HTMLParser
from importlib import resources

import pytest
import synthetic_cohort

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.output import OutputError
from LiverMetricsLib.cohort import analyse, cohort_from_rows, read_cohort
from LiverMetricsLib.report import UnknownFigureFormat, write_report
from LiverMetricsLib.report.checklists import TO_BE_FILLED

pytest.importorskip("matplotlib", reason="a report needs the extra 'report'")
pytest.importorskip("jinja2", reason="a report needs the extra 'report'")

# Attributes by which a page makes a browser fetch something.
FETCHING = {"src", "srcset", "poster", "background", "action", "formaction", "xlink:href", "ping"}
VOID = {"meta", "link", "br", "hr", "img", "input", "base"}


class Page(HTMLParser):
    """What the tests ask of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.words, self.ids, self.cells = [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"elements left open: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)
            if self.open and self.open[-1] in ("td", "th", "data"):
                self.cells.append(data.strip())

    @property
    def text(self):
        return " ".join(self.words)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("cohort") / "synthetic <i>.csv"
    synthetic_cohort.write_csv(synthetic_cohort.readers(cases=8), path)
    return path


@pytest.fixture(scope="module")
def analysis(source):
    return analyse(read_cohort(source))


@pytest.fixture(scope="module")
def report(analysis, tmp_path_factory):
    return write_report(analysis.cohort, analysis, tmp_path_factory.mktemp("report") / "new", formats=["png"])


@pytest.fixture(scope="module")
def page(report):
    return Page(report.read_text(encoding="utf-8"))


def test_nothing_is_fetched(page):
    for tag, attributes in page.elements:
        assert tag not in ("script", "link", "iframe", "object", "embed", "img", "base")
        for name in FETCHING & set(attributes):
            assert attributes[name].startswith("#"), (tag, name, attributes[name])
        if tag == "a":
            href = attributes["href"]
            assert href.startswith(("#", "figures/", "data:text/csv;")), href
        assert "http" not in attributes.get("style", "")
    styles = re.findall(r"<style.*?</style>", page.rawdata + "".join(page.words), re.DOTALL)
    assert not any("url(" in style or "@import" in style for style in styles)


def test_no_address_is_in_the_file_at_all(report):
    assert "http://" not in report.read_text(encoding="utf-8")
    assert "https://" not in report.read_text(encoding="utf-8")


def test_ids_are_unique_and_links_lead_somewhere(page):
    assert len(set(page.ids)) == len(page.ids)
    for _, attributes in page.elements:
        for name in ("href", "xlink:href"):
            target = attributes.get(name, "")
            if target.startswith("#"):
                assert target[1:] in page.ids
    values = [value for _, found in page.elements for value in found.values() if value]
    clipped = {target for value in values for target in re.findall(r"url\(#([^)]+)\)", value)}
    assert clipped <= set(page.ids)


def test_files_beside_it_are_there(report, page):
    links = [found["href"] for tag, found in page.elements if tag == "a"]
    files = [link for link in links if link.startswith("figures/")]
    assert len(files) == len(list((report.parent / "figures").iterdir())) == 17
    assert all((report.parent / file).is_file() for file in files)


def test_every_figure_has_words_for_those_who_cannot_see_it(page):
    pictures = [found for tag, found in page.elements if found.get("role") == "img"]
    assert len(pictures) == sum(tag == "figure" for tag, _ in page.elements) == 17
    assert all(len(found["aria-label"]) > 40 for found in pictures)


def test_tables_are_the_csv_files(analysis, page):
    """The link of each table holds its CSV file; each number of the page carries its exact value."""
    links = [found for tag, found in page.elements if tag == "a" and "download" in found]
    held = {
        found["download"]: base64.b64decode(found["href"].partition("base64,")[2]).decode("utf-8-sig")
        for found in links
    }
    exact = [found["value"] for tag, found in page.elements if tag == "data"]
    for table in analysis.tables:
        text = held.pop(f"{table.id}.csv")
        assert text == table.to_csv()
        rows = list(csv.reader(io.StringIO(text)))[1:]
        for column, cells, shown in zip(table.columns, zip(*rows), zip(*table.formatted())):
            if column.kind == "number" and len(set(cells)) > 1:
                assert set(cells) - {""} <= set(exact)
                assert set(shown) <= set(page.cells)
    assert list(held) == ["data.csv"]


def test_no_cell_and_no_word_is_nan(page):
    assert not re.search(r"\bnan\b", page.text, re.IGNORECASE)
    assert not re.search(r"\bnone\b", " ".join(page.cells), re.IGNORECASE)


def test_the_source_is_named_and_hashed(source, page):
    assert hashlib.sha256(source.read_bytes()).hexdigest() in page.text
    assert source.name in page.text  # and was escaped: it is text, not an element
    assert "i" not in {tag for tag, _ in page.elements}


def test_checklists_say_what_only_authors_know(page):
    rows = [cell for cell in page.cells if cell == TO_BE_FILLED]
    assert len(rows) == 10 + 35
    assert "8 cases, 2 observers, 48 segmentations" in page.text


def test_definitions_name_formula_and_neighbourhood(page):
    assert "2 |A and B| / (|A| + |B|)" in page.text
    assert "(sum d(a, S_B) + sum d(b, S_A)) / (|S_A| + |S_B|)" in page.text
    assert "18-neighbourhood" in page.text
    assert "Definitions 1.0" in page.text


def test_checklists_are_whole():
    """GRRAS has 15 items (Kottner 2011), the 2024 update of CLAIM 44 (Tejani 2024)."""
    file = resources.files("LiverMetricsLib.report").joinpath("checklists.json")
    document = json.loads(file.read_text("utf-8"))
    numbers = [[item["number"] for item in one["items"]] for one in document["checklists"]]
    assert numbers == [list(range(1, 16)), list(range(1, 45))]


def test_it_prints_and_fits_phones(report):
    text = report.read_text(encoding="utf-8")
    assert 'name="viewport"' in text
    for rule in ("@page", "break-inside: avoid", "table-header-group", "prefers-color-scheme: dark"):
        assert rule in text


def small(**changes):
    rows = [
        {"case": f"case {number}", "method": method, "dice": 0.9 + 0.01 * number, "hd_mm": 10.0 + number}
        for number in range(3)
        for method in ("one", "two")
    ]
    rows[0].update(changes)
    return cohort_from_rows(rows)


def test_words_from_the_table_are_escaped(tmp_path):
    cohort = small(method="<script>alert(1)</script>", case='"><img src=x onerror=alert(1)>')
    text = write_report(cohort, analyse(cohort), tmp_path, formats=[], title="<b>T</b>").read_text("utf-8")
    page = Page(text)
    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert "<b>T</b>" in page.text and "<script>alert(1)</script>" in page.text


def test_values_that_are_not_finite_are_counted(tmp_path):
    cohort = small(dice=math.nan, hd_mm=math.inf)
    page = Page(write_report(cohort, analyse(cohort), tmp_path, formats=[]).read_text("utf-8"))
    assert "1 undefined value and 1 infinite value" in page.text
    assert "Not shown: 1 infinite" in page.text
    assert not re.search(r"\bnan\b", page.text, re.IGNORECASE)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]  # no formats, no files


def test_one_case_makes_a_report(tmp_path):
    cohort = cohort_from_rows([{"case": "only", "dice": 0.9}])
    page = Page(write_report(cohort, analyse(cohort), tmp_path, formats=["svg"]).read_text("utf-8"))
    assert "agreement in 1 case" in page.text
    assert "none: the measurements did not come from a file" in page.text


def test_progress_rises_to_one_and_can_stop(tmp_path):
    cohort = small()
    told = []
    write_report(cohort, analyse(cohort), tmp_path, formats=[], progress=lambda *now: told.append(now))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1.0

    def stop(share, message):
        raise Cancelled()

    with pytest.raises(Cancelled):
        write_report(cohort, analyse(cohort), tmp_path / "stopped", formats=[], progress=stop)
    assert not list((tmp_path / "stopped").iterdir())


def test_formats_are_checked_before_anything_is_drawn(tmp_path):
    cohort = small()
    with pytest.raises(UnknownFigureFormat, match="png, svg, pdf; found 'gif'"):
        write_report(cohort, analyse(cohort), tmp_path / "new", formats=["gif"])
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    cohort = small()
    with pytest.raises(OutputError, match="taken") as caught:
        write_report(cohort, analyse(cohort), tmp_path / "taken")
    assert caught.value.id == "not-a-folder"


def test_a_missing_extra_is_named_before_anything_is_written(tmp_path, monkeypatch):
    from LiverCoreLib import extras

    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "jinja2" else object())
    cohort = small()
    words = r'jinja2.*pip install "slicer-livercnn\[report\]"'
    with pytest.raises(extras.MissingPackage, match=words) as caught:
        write_report(cohort, analyse(cohort), tmp_path / "new")
    assert caught.value.id == "missing-package"
    assert not (tmp_path / "new").exists()


def test_names_that_become_the_same_file_name_stay_apart(tmp_path):
    rows = [
        {"case": f"c{n}", "method": name, "volume_test_ml": 1500.0 + n, "volume_reference_ml": 1490.0 + 2 * n}
        for n in range(3)
        for name in ("Leber\N{CJK UNIFIED IDEOGRAPH-809D}", "Leber\N{CJK UNIFIED IDEOGRAPH-813E}")
    ]
    cohort = cohort_from_rows(rows)
    page = Page(write_report(cohort, analyse(cohort), tmp_path, formats=[]).read_text("utf-8"))
    assert len(set(page.ids)) == len(page.ids)
    name = "figure-identity-leber-against-reference"
    assert {name, f"{name}-2"} <= set(page.ids)


def test_letters_that_no_font_has_are_named(tmp_path):
    """Private-use letters: no font of any machine draws them."""
    cohort = small(method="cnn \ue0f3")
    page = Page(write_report(cohort, analyse(cohort), tmp_path, formats=[]).read_text("utf-8"))
    assert "No font of this machine has the letters \ue0f3" in page.text
