"""The list of a batch: the volumes of the scene to tick, each with its protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreScene.key_box import fill_box

from . import panel_texts
from .stated import is_left_out, leave_out, state_protocol, stated_protocol

_ROW_PX, _MOST_ROWS_SHOWN = 26, 8


class VolumeList:
    """A row a volume. What is ticked and stated is kept with the volumes."""

    def __init__(self, table: Any, changed: Callable[[], None]) -> None:
        """changed: called when the user has ticked or stated something."""
        self._table, self._changed = table, changed
        self._rows: tuple = ()
        self._boxes: list = []
        self._filling = False
        table.setColumnCount(2)
        table.setHorizontalHeaderLabels([_("Volume"), _("Protocol")])
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        table.horizontalHeader().setFixedHeight(_ROW_PX)
        for column in range(2):
            table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Stretch)
        table.connect("itemChanged(QTableWidgetItem*)", self._on_item)

    def show(self, volumes: list) -> None:
        """Bring the list in step with the scene."""
        rows = tuple((volume.GetID(), volume.GetName()) for volume in volumes)
        self._filling = True
        if rows != self._rows:
            self._fill(rows)
        for row, volume in enumerate(volumes):
            state = qt.Qt.Unchecked if is_left_out(volume) else qt.Qt.Checked
            if self._table.item(row, 0).checkState() != state:
                self._table.item(row, 0).setCheckState(state)
            fill_box(self._boxes[row], panel_texts.protocols(None), stated_protocol(volume))
        self._filling = False

    def _fill(self, rows: tuple) -> None:
        self._rows, self._boxes = rows, []
        self._table.setRowCount(0)  # with what was in it
        self._table.setRowCount(len(rows))
        for row, (volume_id, name) in enumerate(rows):
            item = qt.QTableWidgetItem(name)
            item.setFlags(qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable)
            item.setToolTip(name)
            item.setCheckState(qt.Qt.Checked)
            self._table.setItem(row, 0, item)
            self._boxes.append(self._box(volume_id))
            self._table.setCellWidget(row, 1, self._boxes[row])
        shown = min(max(1, len(rows)), _MOST_ROWS_SHOWN)
        self._table.setFixedHeight((1 + shown) * _ROW_PX + 2 * self._table.frameWidth)

    def _box(self, volume_id: str) -> Any:
        box = qt.QComboBox()
        box.setToolTip(_("How this CT was reconstructed: as detected, or as you state it"))
        box.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)

        def state(index: int) -> None:
            volume = slicer.mrmlScene.GetNodeByID(volume_id)
            if not self._filling and volume is not None and index >= 0:
                state_protocol(volume, box.itemData(index))
                self._changed()

        box.connect("currentIndexChanged(int)", state)
        return box

    def _on_item(self, item: Any) -> None:
        if self._filling or item.column() != 0:
            return
        volume = slicer.mrmlScene.GetNodeByID(self._rows[item.row()][0])
        if volume is not None:
            leave_out(volume, item.checkState() == qt.Qt.Unchecked)
            self._changed()
