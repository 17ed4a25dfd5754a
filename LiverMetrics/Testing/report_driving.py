"""Cohorts for tests of the section Report, and what they do with the panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthetic_cohort import readers

MODULE = Path(__file__).resolve().parents[1] / "LiverMetrics.py"
WITHIN_S = 120.0  # a busy machine is no failure


def add_table(rows: list, name: str = "cohort") -> Any:
    """A table node with these rows, numbers as numbers."""
    import slicer

    from LiverMetricsScene.table_nodes import column_array

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    for column in dict.fromkeys(key for row in rows for key in row):
        values = [row.get(column) for row in rows]
        text = any(isinstance(value, str) for value in values)
        if not text and None in values:  # empty cells, which a column of numbers has not
            text, values = True, ["" if value is None else repr(value) for value in values]
        node.AddColumn(column_array(column, values, text=text))
    return node


def small_cohort() -> list:
    """Rows of eight cases, three methods and two observers; nothing in them was measured."""
    return readers(cases=8)


def tiny_cohort() -> list:
    """Two methods, one observer and few measures: a report that is soon drawn."""
    few = ("case", "method", "reference", "dice", "volume_test_ml", "volume_reference_ml")
    return [
        {name: row[name] for name in few}
        for row in small_cohort()
        if row["observer"] == "synthetic A" and row["method"] != "manual"
    ]


def wait_for_reading(host: Any, module: Any) -> None:
    """Wait until the panel knows what is in its table."""
    ui = module.widget.ui
    host.process_events(lambda: ui.reportReasonLabel.text != "Reading the table ...", WITHIN_S)


def start(host: Any, module: Any) -> None:
    """Click Analyse."""
    wait_for_reading(host, module)
    ui = module.widget.ui
    ui.reportApplyButton.click()
    assert ui.reportApplyButton.text == "Cancel", ui.reportStatusLabel.text or ui.reportReasonLabel.text


def wait(host: Any, module: Any) -> None:
    """Wait until the button says Analyse again."""
    host.process_events(lambda: module.widget.ui.reportApplyButton.text == "Analyse", WITHIN_S)
