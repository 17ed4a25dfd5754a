"""The section Report, driven from a table or a file to nodes, views and files with the real worker."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from event_loop import EventLoopWatch
from report_driving import MODULE, add_table, small_cohort, start, tiny_cohort, wait, wait_for_reading
from synthetic_cohort import write_csv

from LiverMetricsLib import analyse, cohort_from_rows, read_cohort

BUSY_S = 0.1
FOUR_UP, FOUR_UP_PLOT_TABLE = 3, 38


@pytest.fixture
def module(host: Any) -> Any:
    """The module LiverMetrics with its panel, loaded in the host."""
    import slicer

    slicer.app.layoutManager().setLayout(FOUR_UP)
    return host.load(MODULE)


def column(node: Any, name: str) -> list:
    """The cells of a column of a table node."""
    array = node.GetTable().GetColumnByName(name)
    return [array.GetValue(row) for row in range(array.GetNumberOfValues())]


def assert_same(node: Any, table: Any) -> None:
    """A table node has a table's numbers to the last digit."""
    assert [node.GetColumnName(place) for place in range(node.GetNumberOfColumns())] == [
        one.key for one in table.columns
    ]
    for one in table.columns:
        cells = column(node, one.key)
        if one.kind == "text":
            assert cells == list(table.column(one.key))
        else:
            wanted = [math.nan if value is None else float(value) for value in table.column(one.key)]
            np.testing.assert_array_equal(cells, wanted)


def choose(box: Any, key: str) -> None:
    assert box.findData(key) >= 0, key
    box.setCurrentIndex(box.findData(key))


@pytest.mark.slow
def test_from_a_table_to_tables_and_plots_and_back_from_a_scene(
    host: Any, module: Any, tmp_path: Path
) -> None:
    import slicer

    ui = module.widget.ui
    assert (ui.reportApplyButton.enabled, ui.reportReasonLabel.text) == (
        False,
        "Choose a table of measured masks, or a CSV file.",
    )
    rows = small_cohort()
    ui.reportTableSelector.setCurrentNode(add_table(rows, "readers"))
    wait_for_reading(host, module)
    assert ui.reportFoundLabel.text == "48 rows, 8 cases; methods: cnn, corrected, manual"
    watch = EventLoopWatch()
    start(host, module)
    wait(host, module)
    longest_s = watch.stop()
    analysis = analyse(cohort_from_rows(rows, "readers"))

    assert ui.reportStatusLabel.text.startswith(f"Done: {len(analysis.tables)} tables and ")
    assert [ui.reportTableBox.itemData(index) for index in range(ui.reportTableBox.count)] == [
        table.id for table in analysis.tables
    ]
    manager = slicer.app.layoutManager()
    assert manager.layout == FOUR_UP_PLOT_TABLE
    parameters = module.widget.sections[-1].parameters
    table_node, chart = parameters.report_shown_table, parameters.report_shown_chart
    assert manager.tableWidget(0).mrmlTableViewNode().GetTableNodeID() == table_node.GetID()
    assert manager.plotWidget(0).mrmlPlotViewNode().GetPlotChartNodeID() == chart.GetID()
    for table in analysis.tables:
        choose(ui.reportTableBox, table.id)
        assert parameters.report_shown_table is table_node
        assert_same(table_node, table)
    choose(ui.reportTableBox, "bland-altman")
    header = manager.tableWidget(0).tableView().horizontalHeaderItem(0).text()
    assert header == table_node.GetColumnTitle("method") == "Method"
    assert longest_s < BUSY_S

    choose(ui.reportPlotBox, next(key for key in keys(ui.reportPlotBox) if "absolute-cnn" in key))
    pairs = next(one for one in analysis.pairs if one.test_name == "cnn")
    assert_bland_altman(chart, pairs)
    drawn = host.plot_view().pixels()
    choose(ui.reportPlotBox, next(key for key in keys(ui.reportPlotBox) if key.startswith("dice")))
    assert (drawn != host.plot_view().pixels()).any()
    assert "1: manual     2: cnn     3: corrected" in chart.GetXAxisTitle()

    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    assert not ui.reportResultButton.visible
    host.open_scene(tmp_path / "scene.mrb")
    wait_for_reading(host, module)
    assert ui.reportTableSelector.currentNode().GetName() == "readers"
    assert ui.reportTableBox.currentData == "bland-altman"
    assert ui.reportPlotBox.currentData.startswith("dice")
    restored = module.widget.sections[-1].parameters
    assert_same(restored.report_shown_table, analysis.table("bland-altman"))
    assert restored.report_shown_chart.GetXAxisTitle() == "1: manual     2: cnn     3: corrected"
    choose(ui.reportTableBox, "concordance")
    assert_same(restored.report_shown_table, analysis.table("concordance"))


def test_results_say_that_their_table_was_changed(host: Any, module: Any) -> None:
    ui, rows = module.widget.ui, tiny_cohort()
    table = add_table(rows, "readers")
    ui.reportTableSelector.setCurrentNode(table)
    start(host, module)
    wait(host, module)
    table.SetName("renamed")
    assert "analyse again" not in ui.reportSummaryLabel.text
    table.RemoveRow(0)
    host.process_events(lambda: "analyse again" in ui.reportSummaryLabel.text)
    wait_for_reading(host, module)
    start(host, module)
    wait(host, module)
    assert "analyse again" not in ui.reportSummaryLabel.text
    ui.reportTableSelector.setCurrentNode(add_table(rows, "others"))
    assert "analyse again" in ui.reportSummaryLabel.text


def keys(box: Any) -> list:
    return [box.itemData(index) for index in range(box.count)]


def assert_bland_altman(chart: Any, pairs: Any) -> None:
    """A chart node has the differences, the bias and the limits of pairs of volumes, in words and numbers."""
    nodes = [chart.GetNthPlotSeriesNode(number) for number in range(chart.GetNumberOfPlotSeriesNodes())]
    lines = {node.GetName().rsplit(" ", 1)[0]: values(node) for node in nodes}
    limits = pairs.limits_ml
    for name, wanted in (
        ("Bias", limits.bias),
        ("+1.96 SD", limits.upper_limit),
        ("\N{MINUS SIGN}1.96 SD", limits.lower_limit),
    ):
        np.testing.assert_array_equal(lines[name][1], [wanted, wanted])
    mean, difference = values(nodes[-1])
    np.testing.assert_array_equal(difference, pairs.test_ml - pairs.reference_ml)
    np.testing.assert_array_equal(mean, (pairs.test_ml + pairs.reference_ml) / 2)
    cases = nodes[-1].GetTableNode().GetTable().GetColumnByName(nodes[-1].GetLabelColumnName())
    assert [cases.GetValue(row) for row in range(len(pairs.cases))] == list(pairs.cases)
    assert (chart.GetXAxisTitle(), chart.GetYAxisTitle()) == (
        "Mean of both (mL)",
        "cnn \N{MINUS SIGN} consensus (mL)",
    )


def values(series: Any) -> tuple:
    """Numbers of a series node, without what only fills the table's columns."""
    table = series.GetTableNode()
    x, y = (np.array(column(table, name)) for name in (series.GetXColumnName(), series.GetYColumnName()))
    drawn = np.isfinite(x)
    return x[drawn], y[drawn]


@pytest.mark.slow
def test_from_a_file_to_tables_and_a_report_in_the_browser(host: Any, module: Any, tmp_path: Path) -> None:
    import slicer

    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")
    ui, path = module.widget.ui, tmp_path / "readers.csv"
    write_csv(tiny_cohort(), path)
    ui.reportFileEdit.currentPath = str(path)
    folder = tmp_path / "new" / "results"
    ui.reportFolderEdit.currentPath = str(folder)
    wait_for_reading(host, module)
    ui.reportExportButton.click()
    wait(host, module)
    analysis = analyse(read_cohort(path))
    assert ui.reportStatusLabel.text == f"Written: {len(analysis.tables)} tables in {folder / 'tables'}."
    assert {one.stem for one in (folder / "tables").glob("*.csv")} == {one.id for one in analysis.tables}
    with open(folder / "tables" / "concordance.csv", encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [float(row["ccc"]) for row in written] == list(analysis.table("concordance").column("ccc"))
    assert not (folder / "report.html").exists()

    slicer.app.host_opened_urls.clear()
    ui.reportOpenButton.click()
    wait(host, module)
    page = folder / "report.html"
    assert ui.reportStatusLabel.text == f"Written: {page}, with tables and figures beside it."
    assert slicer.app.host_opened_urls == [page.as_uri()]
    assert "Bland-Altman" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_settings_are_used_and_kept_and_results_outlive_a_reload(
    host: Any, module: Any, tmp_path: Path
) -> None:
    ui, rows = module.widget.ui, small_cohort()
    ui.reportTableSelector.setCurrentNode(add_table(rows, "readers"))
    wait_for_reading(host, module)
    choose(ui.reportMethodBox, "manual")
    choose(ui.reportCorrectionBox, "bonferroni")
    ui.reportConfidenceBox.setValue(90.0)
    start(host, module)
    wait(host, module)
    analysis = analyse(
        cohort_from_rows(rows, "readers"), reference_method="manual", confidence=0.9, correction="bonferroni"
    )
    choose(ui.reportTableBox, "comparisons-methods")
    section = module.widget.sections[-1]
    assert_same(section.parameters.report_shown_table, analysis.table("comparisons-methods"))
    choose(ui.reportTableBox, "concordance")
    assert_same(section.parameters.report_shown_table, analysis.table("concordance"))
    headers = [
        ui.reportTable.horizontalHeaderItem(place).text() for place in range(ui.reportTable.columnCount)
    ]
    assert "CCC 90 % CI low" in headers

    module.widget.onReload()
    host.process_events()
    ui = module.widget.ui
    assert ui.reportResultButton.visible
    assert ui.reportTableBox.currentData == "concordance"
    host.save_scene(tmp_path / "scene.mrb")
    host.open_scene(tmp_path / "scene.mrb")
    wait_for_reading(host, module)
    assert (
        ui.reportMethodBox.currentData,
        ui.reportCorrectionBox.currentData,
        ui.reportConfidenceBox.value,
    ) == (
        "manual",
        "bonferroni",
        90.0,
    )


BAD = {
    "no case": ([{"patient": "a", "dice": 0.9}], "row 1: there is no column 'case'"),
    "a word among numbers": (
        [{"case": "a", "dice": 0.9}, {"case": "b", "dice": "good"}],
        "row 3, column 'dice': 'good' is no number",
    ),
    "impossible": ([{"case": "a", "dice": 94.0}], "row 2, column 'dice': 94 is impossible"),
    "twice": ([{"case": "a", "dice": 0.9}, {"case": "a", "dice": 0.8}], "rows 2 and 3, column 'case'"),
    "no measure": ([{"case": "a", "method": "cnn"}], "no column holds numbers"),
    "no rows": ([], "cohort is empty; choose a table with one row a mask."),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_table_is_said_before_the_work(host: Any, module: Any, name: str) -> None:
    ui = module.widget.ui
    rows, sentence = BAD[name]
    ui.reportTableSelector.setCurrentNode(add_table(rows))
    wait_for_reading(host, module)
    assert sentence in ui.reportReasonLabel.text
    assert ui.reportReasonLabel.text.startswith("cohort")
    assert not ui.reportApplyButton.enabled
    assert not ui.reportResultButton.visible


def test_a_column_that_is_there_twice_is_not_dropped(host: Any, module: Any) -> None:
    from LiverMetricsScene.table_nodes import column_array

    node = add_table([{"case": "a", "dice": 0.9}])
    node.AddColumn(column_array("Dice", [0.1]))
    module.widget.ui.reportTableSelector.setCurrentNode(node)
    wait_for_reading(host, module)
    assert "column 'dice' is there twice, as columns 2 and 3" in module.widget.ui.reportReasonLabel.text


def test_a_table_that_is_mended_can_be_analysed(host: Any, module: Any) -> None:
    ui, node = module.widget.ui, add_table([{"case": "a", "dice": 94.0}, {"case": "b", "dice": 0.9}])
    ui.reportTableSelector.setCurrentNode(node)
    wait_for_reading(host, module)
    assert not ui.reportApplyButton.enabled
    node.GetTable().GetColumnByName("dice").SetValue(0, 0.94)
    node.GetTable().Modified()
    node.Modified()
    wait_for_reading(host, module)
    assert (ui.reportReasonLabel.text, ui.reportApplyButton.enabled) == ("", True)


def test_files_that_are_no_tables(host: Any, module: Any, tmp_path: Path) -> None:
    ui = module.widget.ui
    ui.reportFileEdit.currentPath = str(tmp_path / "nowhere.csv")
    assert ui.reportReasonLabel.text == f"There is no file {tmp_path / 'nowhere.csv'}; choose another one."
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04 and so on")
    ui.reportFileEdit.currentPath = str(tmp_path / "sheet.xlsx")
    wait_for_reading(host, module)
    assert "is a spreadsheet, not a CSV file" in ui.reportReasonLabel.text
    (tmp_path / "good.csv").write_text("case;dice\na;0,9\nb;0,8\n", encoding="utf-8")
    ui.reportFileEdit.currentPath = str(tmp_path / "good.csv")
    wait_for_reading(host, module)
    assert (ui.reportReasonLabel.text, ui.reportFoundLabel.text) == ("", "2 rows, 2 cases")


def test_a_file_loaded_by_slicer_is_a_table(host: Any, module: Any, tmp_path: Path) -> None:
    import slicer

    write_csv(small_cohort(), tmp_path / "loaded.csv")
    module.widget.ui.reportTableSelector.setCurrentNode(slicer.util.loadTable(str(tmp_path / "loaded.csv")))
    wait_for_reading(host, module)
    assert module.widget.ui.reportReasonLabel.text == ""
    assert module.widget.ui.reportFoundLabel.text.startswith("48 rows, 8 cases")


def test_folders_and_packages_that_do_not_allow_a_report(
    host: Any, module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from LiverMetricsScene import report_texts

    monkeypatch.setattr(report_texts, "missing_packages", lambda packages: ())
    ui = module.widget.ui
    ui.reportTableSelector.setCurrentNode(add_table([{"case": "a", "dice": 0.9}, {"case": "b", "dice": 0.8}]))
    wait_for_reading(host, module)
    assert ui.reportOutputReasonLabel.text == "Choose a folder for tables and report."
    (tmp_path / "file").write_text("x", encoding="ascii")
    ui.reportFolderEdit.currentPath = str(tmp_path / "file" / "results")
    assert (
        ui.reportOutputReasonLabel.text
        == f"{tmp_path / 'file'} is a file, not a folder; choose another folder."
    )
    monkeypatch.setattr(report_texts.os, "access", lambda path, mode: False)
    ui.reportFolderEdit.currentPath = str(tmp_path)
    assert (
        ui.reportOutputReasonLabel.text
        == f"The folder {tmp_path} does not allow writing; choose another one."
    )
    assert (ui.reportExportButton.enabled, ui.reportOpenButton.enabled) == (False, False)
    monkeypatch.undo()
    monkeypatch.setattr(report_texts, "missing_packages", lambda packages: ("matplotlib", "jinja2"))
    module.widget.enter()
    wait_for_reading(host, module)
    assert ui.reportOutputReasonLabel.text == (
        "The report needs matplotlib and jinja2; install them in Liver Set-up. Tables and plots work without."
    )
    assert (ui.reportExportButton.enabled, ui.reportOpenButton.enabled) == (True, False)
    assert ui.reportApplyButton.enabled
