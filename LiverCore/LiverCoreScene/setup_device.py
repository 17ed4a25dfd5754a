"""The section Device test: what this computer computes with, and how fast."""

from __future__ import annotations

from html import escape
from typing import Any

from slicer.i18n import tr as _

from .packages import missing_packages
from .setup_section import WorkingSection

SMALL = {"size": (96, 96, 50), "spacing_mm": (4.0, 4.0, 6.0)}  # seconds on any computer


class DeviceSection(WorkingSection):
    """A timed run of the default model on a small synthetic abdomen."""

    UI_FILE = "LiverCoreDevice.ui"

    def setup(self) -> None:
        """Connect the button."""
        super().setup()
        self.ui.testButton.connect("clicked(bool)", self._on_test)
        self.ui.resultLabel.setVisible(False)

    def enter(self) -> None:
        """Something may have been installed meanwhile."""
        self.refresh()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Say why there can be no test."""
        super().refresh()
        missing = missing_packages()
        self.ui.testButton.enabled = not missing
        self.ui.reasonLabel.setVisible(bool(missing))
        if missing:
            self.ui.reasonLabel.text = _("Not installed: {packages}. Install what is missing above.").format(
                packages=", ".join(missing)
            )

    def _on_test(self) -> None:
        self.start(lambda: self.logic.startAbdomen(**SMALL), self._on_abdomen)

    def _on_abdomen(self, ct: Any) -> None:
        self.start(lambda: self.logic.startDeviceTest(ct), self._show)

    def _show(self, outcome: dict) -> None:
        self.ui.resultLabel.text = result_html(outcome)
        self.ui.resultLabel.setVisible(True)


def result_html(outcome: dict) -> str:
    """What came of a device test, in words."""
    devices = "".join(f"<li>{escape(_device(one))}</li>" for one in outcome["devices"])
    size = " x ".join(str(count) for count in outcome["voxels"])
    lines = [
        outcome["chosen"],
        _("{model} segmented a volume of {size} voxels in {seconds:.1f} s.").format(
            model=outcome["model"], size=size, seconds=outcome["segment_s"]
        ),
        _("Loading PyTorch and the model took {seconds:.1f} s; each segmentation begins with that.").format(
            seconds=outcome["load_s"]
        ),
        _("Memory at the most: {memory:.1f} GB.").format(memory=outcome["peak_memory_mb"] / 1000),
    ]
    if outcome["peak_gpu_memory_mb"] is not None:
        lines.append(
            _("Memory of the graphics card at the most: {memory:.1f} GB.").format(
                memory=outcome["peak_gpu_memory_mb"] / 1000
            )
        )
    title, text = escape(_("This computer has:")), "<br/>".join(escape(line) for line in lines)
    devices = f"<ul style='-qt-list-indent: 0; margin-left: 12px'>{devices}</ul>"
    return f"<p>{title}</p>{devices}<p>{text}</p>"


def _device(one: dict) -> str:
    text = f"{one['device']}: {one['name']}"
    if one["memory_gib"] is not None:
        text = _("{device}, {memory:.1f} GiB").format(device=text, memory=one["memory_gib"])
    if one["problem"] is not None:
        text = _("{device} (cannot be used: {problem})").format(device=text, problem=one["problem"])
    return text
