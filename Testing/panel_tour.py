"""Walk a CT through the panels as a user does, and take pictures on the way.

``PYTHONPATH=Testing python Testing/panel_tour.py --out FOLDER [--ct FILE]``: load, segment, paint, erase,
compare. Without a file it takes the synthetic abdomen. It needs a model, and what `make test-panels` does.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parent.parent
PANEL_WIDTHS = (400, 600)
VIEW_SIZE = (640, 520)
WINDOW_HU, LEVEL_HU = 350, 40
BRUSH_MM = 12.0
WITHIN_S = 1200.0


@dataclass(frozen=True)
class Tour:
    """What came of it. corrected, network: (node, segment ID)."""

    volume: Any
    network: tuple
    corrected: tuple
    pictures: tuple


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ct", type=Path, help="image file (the synthetic abdomen)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="receives the pictures")
    arguments = parser.parse_args()
    from slicerhost.availability import reason_to_skip

    reason = reason_to_skip()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    sys.path[:0] = [str(folder) for folder in REPOSITORY.glob("Liver*") if folder.is_dir()]
    from slicerhost.host import Host, start

    host = Host()
    for picture in walk(host, arguments.out, arguments.ct).pictures:
        print(picture)
    incidents = host.finish()
    for incident in incidents:
        print(incident, file=sys.stderr)
    start().host_close()
    return 1 if incidents else 0


def walk(host: Any, folder: Path, ct: Path | None = None) -> Tour:
    """Load, segment, correct, compare; pictures go to a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    album = _Album(host, folder)
    volume = _load(host, ct)
    metrics = host.load(REPOSITORY / "LiverMetrics" / "LiverMetrics.py")
    module = host.load(REPOSITORY / "LiverSegmentCNN" / "LiverSegmentCNN.py")
    ui = module.widget.ui
    ui.inputSelector.setCurrentNode(volume)
    ui.keepRawBox.checked = True
    album.panel(module, "1-before")
    ui.applyButton.click()
    host.process_events(lambda: ui.progressBar.value >= 20, WITHIN_S)
    album.panel(module, "2-running")
    host.process_events(lambda: ui.applyButton.text == "Apply", WITHIN_S)
    album.panel(module, "3-result")
    album.slices("3-result")
    network = _result(module)
    corrected = _correct(host, module, volume, network)
    album.panel(module, "4-correct")
    album.slices("4-correct")
    ui.islandButton.click()
    album.slices("5-removed")
    ui.surfaceButton.click()
    album.surface("5-surface")
    album.panel(module, "5-surface")
    ui.correctCompareButton.click()
    host.process_events()
    album.panel(metrics, "6-compare")
    return Tour(volume, network, corrected, tuple(album.pictures))


class _Album:
    """Pictures of panels and views, numbered by their names."""

    def __init__(self, host: Any, folder: Path) -> None:
        self.pictures: list[Path] = []
        self._host, self._folder = host, folder

    def panel(self, module: Any, name: str) -> None:
        """The panel at both widths."""
        from slicerhost.screenshot import save_panel

        for width in PANEL_WIDTHS:
            save_panel(module.panel, self._add(f"{name}-panel-{width}"), width)

    def slices(self, name: str) -> None:
        """The three slice views."""
        for view_name in ("Red", "Yellow", "Green"):
            view = self._host.slice_view(view_name)
            view.resize(*VIEW_SIZE)
            view.save(self._add(f"{name}-{view_name.lower()}"))

    def surface(self, name: str) -> None:
        """The 3D view."""
        view = self._host.view_3d()
        view.resize(*VIEW_SIZE)
        view.fit()
        view.save(self._add(f"{name}-3d"))

    def _add(self, name: str) -> Path:
        self.pictures.append(self._folder / f"{name}.png")
        return self.pictures[-1]


def _load(host: Any, ct: Path | None) -> Any:
    import sitkUtils
    import slicer

    if ct is not None:
        volume = slicer.util.loadVolume(str(ct), {"name": "CT"})
    else:
        from LiverStandardizeLib.simulation import make_abdomen

        abdomen = make_abdomen(0, size=(160, 160, 90), spacing_mm=(2.4, 2.4, 3.0))
        volume = sitkUtils.PushVolumeToSlicer(abdomen.image, name="synthetic abdomen")
        volume.CreateDefaultDisplayNodes()
    volume.GetDisplayNode().AutoWindowLevelOff()
    volume.GetDisplayNode().SetWindowLevel(WINDOW_HU, LEVEL_HU)
    host.show_volume(volume)
    return volume


def _result(module: Any) -> tuple:
    parameters = module.logic.getParameterNode()
    return parameters.result_segmentation, parameters.result_segment_id


def _correct(host: Any, module: Any, volume: Any, network: tuple) -> tuple:
    """Paint beside the liver and erase in it; slices show the places."""
    import slicer
    from slicerhost import strokes

    ui = module.widget.ui
    ui.correctStartButton.click()
    editor = module.widget.sections[1].editor.widget
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(*network, volume) != 0
    z, y, x = (int(round(axis.mean())) for axis in np.nonzero(mask))
    row = np.flatnonzero(mask[z, y])
    inside, outside = (int(row[len(row) // 2]), y, z), (int(row[0]) - 4, y, z)
    editor.setActiveEffectByName("Paint")
    strokes.paint(editor, [_world(volume, outside)], BRUSH_MM)
    editor.setActiveEffectByName("Erase")
    strokes.erase(editor, [_world(volume, inside)], BRUSH_MM)
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *_world(volume, inside))
    host.process_events(lambda: " 0.0 mL" not in ui.correctChangedValue.text, 30)
    return editor.segmentationNode(), editor.currentSegmentID()


def _world(volume: Any, ijk: tuple) -> list:
    """Where a voxel is in the patient, RAS."""
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    world = [0.0, 0.0, 0.0]
    volume.TransformPointToWorld(matrix.MultiplyPoint([*map(float, ijk), 1.0])[:3], world)
    return world


if __name__ == "__main__":
    sys.exit(main())
