"""The section with what belongs to the computer."""

from __future__ import annotations

from typing import Any

from LiverCoreScene.machine_settings import MachineBoxes
from LiverCoreScene.section import PanelSection

from .parameters import StandardizeParameters


class AdvancedSection(PanelSection):
    """Device and threads, which all panels share."""

    UI_FILE = "LiverStandardizeAdvanced.ui"
    PARAMETERS = StandardizeParameters

    _machine: Any = None

    def setup(self) -> None:
        """Fill and connect the boxes."""
        self._machine = MachineBoxes(self.ui.deviceBox, self.ui.threadsBox)

    def enter(self) -> None:
        """Another panel may have set them."""
        self._machine.show()
