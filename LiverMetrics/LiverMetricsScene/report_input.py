"""What Report reads: rows of a table node or a CSV file, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from LiverCoreLib.errors import LiverCNNError


class TableRows:
    """The rows of a table node as they were when this was made; to be asked for in any thread."""

    def __init__(self, node: Any) -> None:
        self.source = node.GetName()
        self._table = vtk.vtkTable()
        self._table.DeepCopy(node.GetTable())

    def __call__(self) -> list:
        """One mapping of column to value a row.

        Raises:
            CohortError: If the names of the columns are not such that each row is a mapping.
        """
        from LiverMetricsLib.cohort.header import read_header

        columns = [self._table.GetColumn(place) for place in range(self._table.GetNumberOfColumns())]
        names = [column.GetName() or "" for column in columns]
        if columns:
            read_header(self.source, tuple(names))
        values = [_values(column) for column in columns]
        return [dict(zip(names, row)) for row in zip(*values)]


@dataclass(frozen=True)
class Found:
    """What a table holds. reason: why it cannot be analysed; empty if it can."""

    reason: str
    n_rows: int = 0
    n_cases: int = 0
    methods: tuple = ()


def why_no_input(table: Any, path: str) -> str:
    """Why there is nothing to analyse, as far as one sees without reading; empty if there is something."""
    if table is not None:
        empty = table.GetNumberOfColumns() == 0 or table.GetNumberOfRows() == 0
        return (
            _("{name} is empty; choose a table with one row a mask.").format(name=table.GetName())
            if empty
            else ""
        )
    if not path:
        return _("Choose a table of measured masks, or a CSV file.")
    if not Path(path).is_file():
        return _("There is no file {path}; choose another one.").format(path=path)
    return ""


def look_into(rows: TableRows | None, path: str) -> Found:
    """Read a table as the analysis will, and say what is in it. It may take a while."""
    from LiverMetricsLib.cohort.reading import cohort_from_rows, read_cohort

    try:
        cohort = read_cohort(path) if rows is None else cohort_from_rows(rows(), rows.source)
    except LiverCNNError as error:
        return Found(str(error))
    methods = tuple(sorted({row.method for row in cohort.rows} - {""}))
    return Found("", len(cohort.rows), len(cohort.cases), methods)


class Reader:
    """Looks into tables in a thread, one after the other; the last one asked for counts."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="livercnn-table")
        self._future: Future | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._future is not None

    def ask(self, look: Callable[[], Found]) -> None:
        """Ask, in the place of what was asked before."""
        self.forget()
        self._future = self._thread.submit(look)

    def forget(self) -> None:
        """Await nothing more."""
        if self._future is not None:
            self._future.cancel()
            self._future = None

    def answer(self) -> Found | None:
        """The answer, once; None as long as there is none."""
        if self._future is None or not self._future.done():
            return None
        future, self._future = self._future, None
        return future.result()

    def end(self) -> None:
        """For a panel that goes: nothing is waited for."""
        self.forget()
        self._thread.shutdown(wait=False)


def _values(column: Any) -> list:
    """The cells of a column as Python's values; words as they stand."""
    if isinstance(column, vtk.vtkDataArray) and not isinstance(column, vtk.vtkBitArray):
        return vtk_to_numpy(column).tolist()
    return [column.GetVariantValue(row).ToString() for row in range(column.GetNumberOfValues())]
