"""The brief table of the panel: rounded numbers, definitions in tooltips."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from LiverMetricsLib.cohort.table import Column, Table

_MOST_ROWS_SHOWN = 8


class BriefTable:
    """A QTableWidget that shows a table as a reader wants it: rounded, columns that say the same left out."""

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        widget.verticalHeader().setVisible(False)
        widget.setWordWrap(False)

    def show(self, table: Table) -> None:
        """Show a table in the place of what is there."""
        widget, rows = self._widget, table.formatted()
        places = [place for place in range(len(table.columns)) if not _says_nothing(table, place)]
        widget.clear()
        widget.setRowCount(len(rows))
        widget.setColumnCount(len(places))
        for number, place in enumerate(places):
            column = table.columns[place]
            header = qt.QTableWidgetItem(f"{column.title} ({column.unit})" if column.unit else column.title)
            header.setToolTip(_tip(column))
            widget.setHorizontalHeaderItem(number, header)
            for row, texts in enumerate(rows):
                item = qt.QTableWidgetItem(texts[place])
                item.setToolTip(_exact(table.rows[row][place], column))
                if column.kind != "text":
                    item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                widget.setItem(row, number, item)
        widget.resizeColumnsToContents()
        widget.resizeRowsToContents()
        self._fit_height(len(rows))

    def _fit_height(self, n_rows: int) -> None:
        """High enough for a few rows and the scroll bar; more are scrolled to."""
        widget = self._widget
        shown = range(min(n_rows, _MOST_ROWS_SHOWN))
        rows_px = sum(widget.rowHeight(row) for row in shown)
        bar_px = widget.horizontalScrollBar().sizeHint.height()
        widget.setFixedHeight(widget.horizontalHeader().sizeHint.height() + rows_px + bar_px + 4)


def _says_nothing(table: Table, place: int) -> bool:
    """Whether all cells of a column but the first are empty or 0; the table view has them all."""
    values = {row[place] for row in table.rows}
    return place > 0 and values <= {None, "", 0}


def _tip(column: Column) -> str:
    parts = [column.definition or column.title]
    if column.unit:
        parts.append(_("Unit: {unit}").format(unit=column.unit))
    return "\n".join(parts)


def _exact(value: object, column: Column) -> str:
    """All digits of a cell; where there is none, why."""
    if value is None:
        return _("Not available; see the notes below.")
    return f"{value!r} {column.unit}".strip() if isinstance(value, float) else str(value)
