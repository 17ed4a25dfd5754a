"""The brief table of the panel: rounded numbers, definitions in tooltips, as in the HTML report."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from LiverMetricsLib.cohort.table import Table
from LiverMetricsLib.report.table_view import Cell, Heading, table_view

_MOST_ROWS_SHOWN = 8


class BriefTable:
    """A QTableWidget that shows tables; columns in which all cells are alike are left to the table view."""

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        widget.verticalHeader().setVisible(False)
        widget.setWordWrap(False)

    def show(self, table: Table) -> None:
        """Show a table in the place of what is there."""
        widget, view = self._widget, table_view(table, 1)
        widget.clear()
        widget.setRowCount(len(view.rows))
        widget.setColumnCount(len(view.headings))
        for place, heading in enumerate(view.headings):
            widget.setHorizontalHeaderItem(place, _header(heading))
        for row, cells in enumerate(view.rows):
            for place, cell in enumerate(cells):
                widget.setItem(row, place, _item(cell, view.headings[place]))
        widget.resizeColumnsToContents()
        widget.resizeRowsToContents()
        self._fit_height(len(view.rows))

    def _fit_height(self, n_rows: int) -> None:
        """High enough for a few rows and the scroll bar; more are scrolled to."""
        widget = self._widget
        rows_px = sum(widget.rowHeight(row) for row in range(min(n_rows, _MOST_ROWS_SHOWN)))
        bar_px = widget.style().pixelMetric(qt.QStyle.PM_ScrollBarExtent)
        header_px = 2 * widget.fontMetrics().height()
        widget.setFixedHeight(header_px + rows_px + bar_px)


def _header(heading: Heading) -> Any:
    item = qt.QTableWidgetItem(heading.title)
    item.setToolTip(heading.definition or heading.title)
    return item


def _item(cell: Cell, heading: Heading) -> Any:
    """A cell; its tooltip has all digits."""
    item = qt.QTableWidgetItem(cell.text)
    item.setToolTip(cell.exact or (_("Not available; see the notes.") if heading.numeric else ""))
    if heading.numeric:
        item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
    return item
