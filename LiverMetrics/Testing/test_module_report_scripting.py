"""Cohorts from a script: every documented example runs, and errors name row and column."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_driving import MODULE, add_table, tiny_cohort
from synthetic_cohort import write_csv

METHODS = ("analyseTable", "showCohortTable", "showCohortChart", "collectComparisons")


@pytest.fixture
def module(host: Any) -> Any:
    """The module LiverMetrics with its panel, loaded in the host."""
    return host.load(MODULE)


def example_in(documented: Any) -> str:
    """The code behind "Example::" in a docstring."""
    _before, marker, after = inspect.getdoc(documented).partition("Example::\n")
    assert marker, f"{documented.__name__} has no example"
    return textwrap.dedent("\n".join(line for line in after.splitlines() if line[:4].strip() == ""))


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_the_example_of_each_method_runs(host: Any, module: Any, name: str) -> None:
    import slicer

    from LiverMetricsLib import analyse, cohort_from_rows

    add_table(tiny_cohort())
    names = {"slicer": slicer, "LiverMetricsLogic": module.source.LiverMetricsLogic}
    if name == "collectComparisons":
        add_comparisons()
    exec(compile(example_in(getattr(module.source.LiverMetricsLogic, name)), name, "exec"), names)
    if "outcome" in names and name != "collectComparisons":
        analysis = analyse(cohort_from_rows(tiny_cohort(), "cohort"))
        assert names["outcome"].results.tables == analysis.tables
        assert (
            names.get("bias_ml", analysis.table("bland-altman").column("bias")[0])
            == (analysis.table("bland-altman").column("bias")[0])
        )


def add_comparisons() -> None:
    """Tables as Compare writes them, of two patients."""
    import slicer

    from LiverMetricsScene.compare_table import RESULT_ATTRIBUTE

    for case, dice in (("CT 1", 0.9), ("CT 2", 0.8)):
        rows = [{"case": case, "mask": "cnn", "reference": "manual", "dice": dice, "status": "ok"}]
        add_table(rows, f"{case}: agreement").SetAttribute(RESULT_ATTRIBUTE, "{}")
    assert len(slicer.util.getNodesByClass("vtkMRMLTableNode")) >= 2


def test_comparisons_are_collected_into_one_table(host: Any, module: Any) -> None:
    add_comparisons()
    add_table([{"case": "not of Compare", "dice": 0.1}])
    node = module.logic.collectComparisons()
    table = node.GetTable()
    assert [node.GetColumnName(place) for place in range(node.GetNumberOfColumns())] == [
        "case", "mask", "reference", "dice", "status",
    ]  # fmt: skip
    assert [table.GetValueByName(row, "case").ToString() for row in range(2)] == ["CT 1", "CT 2"]
    assert [table.GetValueByName(row, "dice").ToDouble() for row in range(2)] == [0.9, 0.8]
    again = module.logic.collectComparisons(node)
    assert again is node
    assert node.GetNumberOfRows() == 2


@pytest.mark.slow
def test_what_compare_writes_is_a_cohort(host: Any, module: Any) -> None:
    """Two patients compared; an empty mask gives an infinite distance, which is counted and not drawn."""
    from compare_driving import add_segments, add_volume, ball

    shape, dice = (20, 36, 40), []
    for number, radius in enumerate((6.0, 7.0, None)):
        volume = add_volume(shape, f"CT {number}")
        manual = add_segments(volume, f"manual {number}", {"liver": ball(shape, (10, 18, 18), 8)})
        mask = None if radius is None else ball(shape, (10, 18, 19), radius)
        test = add_segments(volume, f"test {number}", {"liver": mask})
        outcome = module.logic.compareSegments(manual, "liver", [(test, "liver")])
        dice.append(outcome.comparisons[0].dice)
    results = module.logic.analyseTable(module.logic.collectComparisons()).results
    assert (results.n_rows, results.n_cases) == (3, 3)
    described = next(table for table in results.tables if table.id == "descriptives")
    row = described.column("measure").index("Dice")
    assert described.column("mean")[row] == pytest.approx(np.mean(dice))
    assert described.column("maximum")[row] == max(dice)
    distances = next(chart for chart in results.charts if chart.id.startswith("hd-mm"))
    assert distances.note.endswith("Not shown: 1 infinite.")


def test_without_comparisons_there_is_nothing_to_collect(host: Any, module: Any) -> None:
    from LiverCoreLib.errors import LiverCNNError

    with pytest.raises(LiverCNNError, match="There is no comparison in the scene"):
        module.logic.collectComparisons()


@pytest.mark.slow
def test_a_file_gives_what_its_rows_give(host: Any, module: Any, tmp_path: Path) -> None:
    from LiverMetricsLib import analyse, read_cohort

    write_csv(tiny_cohort(), tmp_path / "cohort.csv")
    outcome = module.logic.analyseTable(
        str(tmp_path / "cohort.csv"), confidence=0.9, correction="bonferroni", folder=str(tmp_path / "out")
    )
    analysis = analyse(read_cohort(tmp_path / "cohort.csv"), confidence=0.9, correction="bonferroni")
    assert outcome.results.tables == analysis.tables
    assert len(list(outcome.tables.glob("*.csv"))) == len(analysis.tables)
    assert outcome.page is None


@pytest.mark.slow
def test_errors_name_row_and_column_and_leave_nothing(host: Any, module: Any) -> None:
    import slicer

    from LiverCoreLib.errors import LiverCNNError

    table = add_table([{"case": "a", "dice": "good"}, {"case": "b", "dice": 0.9}])
    with host.no_new_nodes(), pytest.raises(LiverCNNError, match="cohort, row 2, column 'dice'") as refusal:
        module.logic.analyseTable(table)
    assert refusal.value.id == "text-in-number-column"
    with pytest.raises(LiverCNNError, match="Choose a table") as refusal:
        module.logic.analyseTable(None)
    assert refusal.value.id == "not-ready"
    assert slicer.util.getNodesByClass("vtkMRMLTextNode") == []


def test_cells_keep_their_digits_and_what_is_not_there(host: Any, module: Any) -> None:
    import vtk

    from LiverMetricsScene.report_input import TableRows

    table = add_table([{"case": "a", "dice": 0.1 + 0.2}, {"case": "b", "dice": float("nan")}])
    whole = vtk.vtkIntArray()
    whole.SetName("score")
    for value in (4, 5):
        whole.InsertNextValue(value)
    table.AddColumn(whole)
    rows = TableRows(table)
    table.RemoveAllColumns()  # what the user does meanwhile does not matter
    assert [row["score"] for row in rows()] == [4, 5]
    assert rows()[0]["dice"] == 0.1 + 0.2
    assert np.isnan(rows()[1]["dice"])
