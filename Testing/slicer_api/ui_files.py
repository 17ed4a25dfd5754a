"""What our .ui files name."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple


class UiFile(NamedTuple):
    """widgets: object name to class. properties: (class, property). wires: (class, signal or slot)."""

    widgets: dict[str, str]
    properties: set[tuple[str, str]]
    wires: set[tuple[str, str]]


def read(path: Path) -> UiFile:
    """One .ui file. Dynamic properties (``stdset="0"``) and names of objects are no API."""
    root = ET.parse(path).getroot()
    widgets = {one.get("name", ""): one.get("class", "") for one in root.iter("widget")}
    properties = {
        (one.get("class", ""), entry.get("name", ""))
        for one in root.iter("widget")
        for entry in one.findall("property")
        if entry.get("stdset") != "0"
    }
    wires = {
        (widgets[wire.findtext(end, "")], wire.findtext(name, ""))
        for wire in root.iter("connection")
        for end, name in (("sender", "signal"), ("receiver", "slot"))
    }
    return UiFile(widgets, properties, wires)
