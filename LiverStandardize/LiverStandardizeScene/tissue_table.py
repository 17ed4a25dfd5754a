"""The panel's table of tissues: HU and noise before and after."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from LiverStandardizeLib.quality.regions import RegionMeasure

from .tissue_run import Tissues

_ROW_PX, _TWO_LINES_PX = 24, 40


class TissueTable:
    """A row a tissue that was found."""

    def __init__(self, table: Any) -> None:
        self._table = table
        titles = _columns()
        table.setColumnCount(len(titles))
        for column, (title, meaning) in enumerate(titles):
            table.setHorizontalHeaderItem(column, _item(title, meaning))
        table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.Stretch)
        table.horizontalHeader().setFixedHeight(_TWO_LINES_PX)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)

    def show(self, values: tuple) -> None:
        """Show RegionMeasures; none empties it."""
        names = _tissues()
        self._table.setRowCount(len(values))
        for row, one in enumerate(values):
            name, meaning = names[one.name]
            tip = _("{meaning}. {volume:.0f} mL were measured.").format(meaning=meaning, volume=one.volume_ml)
            self._table.setVerticalHeaderItem(row, _item(name, tip))
            for column, value in enumerate(_cells(one)):
                cell = _item(_("{value:.1f}").format(value=value), tip)
                cell.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                self._table.setItem(row, column, cell)
        rows = max(1, len(values))
        self._table.setFixedHeight(_TWO_LINES_PX + rows * _ROW_PX + 2 * self._table.frameWidth)


def note(tissues: Tissues) -> str:
    """Where it was measured, and what was not found."""
    found = {one.name for one in tissues.values}
    names = _tissues()
    parts = []
    if tissues.liver:
        parts.append(_("Liver in {mask}.").format(mask=tissues.liver))
    elif "liver" not in found:
        parts.append(_("No mask of the liver yet: segment it to have its row."))
    missing = [names[one][0] for one in ("fat", "muscle", "blood") if one not in found]
    if missing:
        parts.append(_("Not found: {tissues}.").format(tissues=", ".join(missing)))
    return " ".join(parts)


def _cells(one: RegionMeasure) -> tuple:
    return one.hu_before, one.hu_after, one.noise_before, one.noise_after


def _columns() -> list:
    """Title and meaning of each column."""
    return [
        (_("HU\nbefore"), _("Of the input, in Hounsfield units: median over even squares of 6 mm")),
        (_("HU\nafter"), _("Of the standardized CT, in Hounsfield units, in the same squares")),
        (_("Noise\nbefore"), _("Standard deviation within the squares of the input, in HU; their median")),
        (_("Noise\nafter"), _("Standard deviation within the same squares of the standardized CT, in HU")),
    ]


def _tissues() -> dict:
    """Name and meaning of each tissue."""
    return {
        "liver": (_("Liver"), _("Even squares inside the mask of the liver")),
        "fat": (_("Fat"), _("Even squares where fat lies most often")),
        "muscle": (_("Muscle"), _("Even squares beside and behind the spine")),
        "blood": (_("Blood"), _("Even bright squares in front of the spine: the aorta with contrast agent")),
    }


def _item(text: str, tip: str) -> Any:
    item = qt.QTableWidgetItem(text)
    item.setToolTip(tip)
    return item
