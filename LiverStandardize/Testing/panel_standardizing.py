"""Volumes and a model for tests of the panel, and what they do with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from standardizer_bundles import write_shift_bundle

MODULE = Path(__file__).resolve().parents[1] / "LiverStandardize.py"
WITHIN_S = 200.0  # a busy machine is no failure
SHIFT_HU = 20  # by which the model of the tests changes what lies in its window
MODEL = "standardizer-shift"


def install_model(folder: Path) -> None:
    """A model that adds a known number of HU, as the default one to standardize CT with."""
    write_shift_bundle(folder / MODEL, model_id=MODEL, shift_hu=SHIFT_HU)
    (folder / "defaults.json").write_text(json.dumps({"standardize": {"CT": MODEL}}))


def small_ct(seed: int = 0, size: tuple = (64, 64, 20)) -> sitk.Image:
    """A body of 80 HU with a rim of fat, in air, with noise: what checks take for a CT."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    radius = np.hypot(x / 0.9, y / 0.7)
    plane = np.where(radius < 0.8, 80.0, np.where(radius < 1.0, -95.0, -1000.0))
    values = plane + rng.normal(0, 8, (size[2], *plane.shape))
    image = sitk.GetImageFromArray(np.rint(values).astype(np.int16))
    image.SetSpacing((5.0, 5.0, 5.0))
    return image


def add_volume(image: sitk.Image, name: str = "CT", **attributes: str) -> Any:
    """A volume node with a display. attributes: DICOM keywords, as Slicer's NRRD reader leaves them."""
    import sitkUtils

    node = sitkUtils.PushVolumeToSlicer(image, name=name)
    node.CreateDefaultDisplayNodes()
    for keyword, value in attributes.items():
        node.SetAttribute(f"DICOM.{keyword}", value)
    return node


def choose(host: Any, module: Any, volume: Any) -> None:
    """Choose an input, and wait until it was looked at."""
    ui = module.widget.ui
    ui.inputSelector.setCurrentNode(volume)
    host.process_events(lambda: "Looking" not in ui.reasonLabel.text, WITHIN_S)


def start(module: Any) -> None:
    """Click Apply."""
    ui = module.widget.ui
    assert ui.applyButton.enabled, ui.reasonLabel.text
    ui.applyButton.click()
    assert ui.applyButton.text == "Cancel", ui.statusLabel.text or ui.reasonLabel.text


def wait(host: Any, module: Any) -> None:
    """Wait until the button says Apply again."""
    ui = module.widget.ui
    host.process_events(lambda: ui.applyButton.text == "Apply", WITHIN_S)


def volumes() -> set[str]:
    """Names of the scalar volumes of the scene."""
    import slicer

    return {node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")}
