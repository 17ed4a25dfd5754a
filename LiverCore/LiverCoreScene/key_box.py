"""Boxes whose entries have a key that the program knows them by, and a text for people."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _


def fill_box(box: Any, entries: list, wanted: str) -> None:
    """Put key and text pairs into a box and choose one; a key that is not there gets an entry."""
    if wanted not in [key for key, _text in entries]:
        entries = [*entries, (wanted, _("{name} (not there)").format(name=wanted))]
    if entries != [(box.itemData(index), box.itemText(index)) for index in range(box.count)]:
        box.clear()
        for key, text in entries:
            box.addItem(text, key)
    box.setCurrentIndex(box.findData(wanted))
