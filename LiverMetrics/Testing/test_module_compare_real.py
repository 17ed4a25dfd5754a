"""Compare's panel on a real CT: numbers, maps, export; the window answers all the time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from compare_driving import MODULE, add_segments, press
from event_loop import EventLoopWatch
from realdata import data_folder, requires_data
from scipy import ndimage

pytestmark = [requires_data, pytest.mark.slow]

CASE, LIVER = "ct-btcv/05", 6
BUSY_S = 0.1


def test_compare_look_and_export(host: Any, tmp_path: Path) -> None:
    import sitkUtils
    import slicer

    folder = data_folder() / CASE
    volume = sitkUtils.PushVolumeToSlicer(sitk.ReadImage(str(folder / "ct.nii.gz")), name="CT")
    liver = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "organs.nii.gz"))) == LIVER
    near = ndimage.binary_opening(liver, iterations=3)
    near[:, :, 1:] |= near[:, :, :-1]
    manual = add_segments(volume, "manual", {"liver": liver})
    cnn = add_segments(volume, "CNN", {"liver": near})
    host.show_volume(volume)
    module = host.load(MODULE)
    ui = module.widget.compare.ui
    module.widget.compare_with(manual, "liver", [(cnn, "liver")])
    watch = EventLoopWatch()
    for button in (ui.applyButton, ui.overlayButton, ui.surfaceButton):
        press(host, module, button)
    ui.jumpButton.click()
    assert watch.stop() < BUSY_S

    comparison = module.widget.compare._outcome.comparisons[0]
    overlap = 2 * np.count_nonzero(liver & near) / (np.count_nonzero(liver) + np.count_nonzero(near))
    assert comparison.dice == pytest.approx(overlap, rel=1e-12)
    parameters = module.widget.compare.parameters
    too_much = slicer.util.arrayFromSegmentBinaryLabelmap(
        parameters.compare_overlay, "false-positive", volume
    )
    assert ((too_much != 0) == (near & ~liver)).all()
    distances = slicer.util.arrayFromModelPointData(parameters.compare_surface, "Signed distance (mm)")
    mean_mm = np.abs(distances).mean()  # over vertices of the mesh, where the other is over surface voxels
    assert mean_mm == pytest.approx(comparison.msd_test_to_reference_mm, abs=1.0)
    module.widget.compare.export(str(tmp_path / "c.html"))
    assert ui.statusLabel.text.startswith("Saved")
