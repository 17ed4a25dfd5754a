"""The panel end to end on a phantom in each protocol and on a real CT, with pictures to look at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_standardizing import SHIFT_HU, add_volume, choose, start, wait
from realdata import data_folder, requires_data

from LiverStandardizeLib.protocol.names import PROTOCOLS

pytestmark = pytest.mark.slow

BUSY_S = 0.1
CASE = "ct-tcia-ccby/C3N-00249"
PICTURES = "LIVERCNN_PICTURES"
"""Environment variable: a folder that receives the pictures; else they go with the test's own."""
TAGS = {
    "FBP": {"ConvolutionKernel": "B30f"},
    "IR": {"ConvolutionKernel": "I30f\\3"},
    "OPT": {"SeriesDescription": "DE_Abd Optimum Contrast"},
    "M40": {"SeriesDescription": "Monoenergetic Plus 40 keV"},
    "M60": {"SeriesDescription": "Monoenergetic Plus 60 keV"},
    "M80": {"SeriesDescription": "Monoenergetic Plus 80 keV"},
}


@pytest.fixture(scope="module")
def phantom() -> Any:
    """One person, scanned once, in six protocols."""
    from LiverStandardizeLib.simulation.phantom_scan import make_six

    return make_six(0, size=(96, 96, 24), spacing_mm=(4.0, 4.0, 8.0))


def standardize(host: Any, module: Any, volume: Any) -> Any:
    """Apply, and what landed; forced where it is of the target protocol."""
    ui = module.widget.ui
    choose(host, module, volume)
    if not ui.applyButton.enabled:
        assert "needs no standardization" in ui.reasonLabel.text
        ui.forceBox.click()
        host.process_events(lambda: ui.applyButton.enabled, 30)
    start(module)
    wait(host, module)
    host.process_events(lambda: "Measuring" not in ui.tissueLabel.text, 60)
    return module.logic.getParameterNode().result_volume


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_phantom_of_each_protocol(host: Any, module: Any, phantom: Any, protocol: str) -> None:
    import slicer

    ui = module.widget.ui
    volume = add_volume(phantom.images[protocol], protocol, **TAGS[protocol])
    watch = EventLoopWatch()
    result = standardize(host, module, volume)
    ui.sideBySideButton.click()
    ui.fadeSlider.setValue(50)
    assert watch.stop() < BUSY_S
    assert ui.protocolBox.currentText.startswith(f"As detected: {protocol}")
    assert ui.resultProtocolValue.text.startswith(protocol)
    before, after = (slicer.util.arrayFromVolume(one).astype(int) for one in (volume, result))
    inside = (before > -150) & (before < 550)
    assert set(np.unique((after - before)[inside])) == {SHIFT_HU}
    assert ui.tissueTable.rowCount >= 2


@requires_data
def test_a_real_ct(host: Any, module: Any, tmp_path: Path) -> None:
    import slicer
    from slicerhost.screenshot import overflow, save_panel

    ui = module.widget.ui
    volume = slicer.util.loadVolume(str(data_folder() / CASE / "ct.nii.gz"), {"name": "CT"})
    watch = EventLoopWatch()
    result = standardize(host, module, volume)
    ui.differenceButton.click()
    parameters = module.logic.getParameterNode()
    host.process_events(lambda: parameters.difference_volume is not None, 60)
    assert watch.stop() < BUSY_S
    assert slicer.util.arrayFromVolume(result).shape == slicer.util.arrayFromVolume(volume).shape
    assert "Which protocol this is, is not certain" in ui.warningsValue.text
    assert ui.tissueTable.rowCount == 3  # fat, muscle, blood
    folder = Path(os.environ.get(PICTURES) or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    for width in (400, 600):
        save_panel(module.panel, folder / f"standardize-real-{width}.png", width)
        assert overflow(module.panel, width) <= 0
    for name, shown in (("input", volume), ("difference", parameters.difference_volume)):
        host.show_volume(shown)
        host.slice_view("Red").save(folder / f"standardize-real-{name}.png")
    assert isinstance(sitk.ReadImage(str(folder / "standardize-real-input.png")), sitk.Image)
