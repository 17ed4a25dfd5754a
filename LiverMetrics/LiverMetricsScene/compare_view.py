"""The tables of Compare's panel: segments to tick, and results."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from LiverMetricsLib.comparison_table import comparison_table

from . import compare_texts
from .compare_masks import Mask, role_text

_ROW_PX, _TWO_LINES_PX, _SCROLL_BAR_PX = 24, 40, 16
_MOST_ROWS_SHOWN = 6

# The first columns of the panel's table, which need no scrolling; the others follow.
_FIRST = ("dice", "volume_difference_percent", "msd_mm", "hd95_mm", "hd_mm", "surface_dice")


class TestsTable:
    """The list of segments, each with a box to tick."""

    __test__ = False  # not a test of pytest's

    def __init__(self, table: Any) -> None:
        self._table, self._entries, self.masks = table, None, ()
        table.setColumnCount(2)
        table.setHorizontalHeaderLabels([_("Segment"), _("Made by")])
        table.verticalHeader().setVisible(False)
        table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
        table.horizontalHeader().setSectionResizeMode(1, qt.QHeaderView.ResizeToContents)
        table.horizontalHeader().setFixedHeight(_ROW_PX)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        table.setWordWrap(False)

    def show(self, masks: list, reference: Mask | None, ticked: list) -> None:
        """Bring the list in step with the scene. The caller leaves its signals unheard meanwhile."""
        entries = [
            (mask, mask.name, _("reference") if mask == reference else role_text(mask.role)) for mask in masks
        ]
        if entries != self._entries:
            self._fill(entries)
        for number, mask in enumerate(self.masks):
            state = qt.Qt.Checked if mask in ticked else qt.Qt.Unchecked
            if self._table.item(number, 0).checkState() != state:
                self._table.item(number, 0).setCheckState(state)

    def ticked(self) -> list:
        """The masks that are ticked."""
        return [
            mask
            for number, mask in enumerate(self.masks)
            if self._table.item(number, 0).checkState() == qt.Qt.Checked
        ]

    def _fill(self, entries: list) -> None:
        self._entries, self.masks = entries, tuple(mask for mask, _name, _role in entries)
        self._table.setRowCount(len(entries))
        for number, (_mask, name, role) in enumerate(entries):
            segment = _item(name, name)
            segment.setCheckState(qt.Qt.Unchecked)
            segment.setFlags(qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable)
            self._table.setItem(number, 0, segment)
            self._table.setItem(number, 1, _item(role, role))
        _fit_height(self._table, _ROW_PX)


class ResultTable:
    """Numbers with titles that tell their definitions; a row a test."""

    def __init__(self, table: Any) -> None:
        self._table = table
        table.horizontalHeader().setFixedHeight(_TWO_LINES_PX)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.keys: tuple = ()
        self._pairs: tuple | None = None

    def show(self, pairs: tuple) -> None:
        """Show comparisons; none empties it."""
        if pairs == self._pairs:
            return
        self._pairs = pairs
        self._table.clear()
        self._table.setRowCount(len(pairs))
        self._table.setColumnCount(0)
        if pairs:
            self._fill(pairs)

    @property
    def row(self) -> int:
        """The chosen test; the first if none is."""
        return max(0, self._table.currentRow())

    def _fill(self, pairs: tuple) -> None:
        table, shown = comparison_table(pairs), comparison_table(pairs).formatted()
        places = {column.key: place for place, column in enumerate(table.columns)}
        titles = compare_texts.short_titles()
        in_order = (*_FIRST, *(key for key in titles if key not in _FIRST))
        self.keys = tuple(key for key in in_order if key in places)
        self._table.setColumnCount(len(self.keys))
        for number, key in enumerate(self.keys):
            column = table.columns[places[key]]
            unit = _(" ({unit})").format(unit=column.unit) if column.unit else ""
            title = _item(titles[key], f"{column.title}{unit}: {column.definition}")
            self._table.setHorizontalHeaderItem(number, title)
            for row, texts in enumerate(shown):
                cell = _item(texts[places[key]], self._tip(key, pairs[row]))
                cell.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                self._table.setItem(row, number, cell)
        for row, pair in enumerate(pairs):
            self._table.setVerticalHeaderItem(row, _item(_elided(pair.mask), pair.mask))
        self._table.resizeColumnsToContents()
        _fit_height(self._table, _TWO_LINES_PX + _SCROLL_BAR_PX)
        self._table.setCurrentCell(0, 0)

    def _tip(self, key: str, pair: Any) -> str:
        if key == "hd_mm" and pair.comparison.hd_point_lps is not None:
            return _("Click to go to the place of this distance")
        return pair.mask


def _fit_height(table: Any, beside_rows_px: int) -> None:
    """As high as its rows, up to some."""
    rows = min(max(table.rowCount, 1), _MOST_ROWS_SHOWN)
    table.setFixedHeight(beside_rows_px + rows * _ROW_PX + 2 * table.frameWidth)


def _item(text: str, tip: str) -> Any:
    item = qt.QTableWidgetItem(text)
    item.setToolTip(tip)
    return item


def _elided(name: str, most: int = 14) -> str:
    """A name for a narrow place; the whole one is in its tooltip."""
    return name if len(name) <= most else f"{name[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
