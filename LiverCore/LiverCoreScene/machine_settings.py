"""Device and threads, which belong to the computer: QSettings keeps them, and all panels share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import qt
from slicer.i18n import tr as _

DEVICE_SETTING, THREADS_SETTING = "LiverCNN/Device", "LiverCNN/Threads"


@dataclass(frozen=True)
class Machine:
    """What networks run on. device: "auto", "cpu" or "cuda". threads: of the processor; None is automatic."""

    device: str
    threads: int | None


def machine() -> Machine:
    """What the user has set."""
    settings = qt.QSettings()
    return Machine(settings.value(DEVICE_SETTING, "auto"), int(settings.value(THREADS_SETTING, 0)) or None)


def devices() -> list:
    """Keys and texts of the devices."""
    return [("auto", _("Automatic")), ("cpu", _("Processor (CPU)")), ("cuda", _("Graphics card (CUDA)"))]


class MachineBoxes:
    """A panel's boxes for device and threads."""

    def __init__(self, device_box: Any, threads_box: Any) -> None:
        """device_box: an empty combo box. threads_box: a spin box in which 0 is automatic."""
        self._device_box, self._threads_box = device_box, threads_box
        for key, text in devices():
            device_box.addItem(text, key)
        self.show()
        device_box.connect("currentIndexChanged(int)", self._keep_device)
        threads_box.connect("valueChanged(int)", self._keep_threads)

    def show(self) -> None:
        """Show what is set now, perhaps by another panel."""
        chosen = machine()
        self._device_box.setCurrentIndex(max(0, self._device_box.findData(chosen.device)))
        self._threads_box.setValue(chosen.threads or 0)

    def _keep_device(self, index: int) -> None:
        qt.QSettings().setValue(DEVICE_SETTING, self._device_box.currentData)

    def _keep_threads(self, threads: int) -> None:
        qt.QSettings().setValue(THREADS_SETTING, threads)
