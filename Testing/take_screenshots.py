"""Take the screenshots of the documentation: real panels, real runs, on the synthetic abdomen.

``PYTHONPATH=Testing python Testing/take_screenshots.py`` writes Resources/Screenshots again. It needs what
the tests of the panels need (``make test-panels``), and a model.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "Resources" / "Screenshots"
PANEL_WIDTH, VIEW_WIDTH, VIEW_HEIGHT = 420, 440, 340
VOXELS, SPACING_MM = (160, 160, 90), (2.4, 2.4, 3.0)
WITHIN_S = 600.0


def main() -> int:
    from slicerhost.availability import reason_to_skip

    reason = reason_to_skip()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    sys.path[:0] = [str(folder) for folder in REPOSITORY.glob("Liver*") if folder.is_dir()]
    from slicerhost.host import Host, start

    host = Host()
    FOLDER.mkdir(exist_ok=True)
    segmented_abdomen(host, FOLDER / "LiverSegmentCNN.png")
    incidents = host.finish()
    for incident in incidents:
        print(incident, file=sys.stderr)
    start().host_close()
    return 1 if incidents else 0


def segmented_abdomen(host: Any, path: Path) -> None:
    """LiverSegmentCNN after Apply, beside the slices and the liver in 3D."""
    import sitkUtils

    from LiverStandardizeLib.simulation import make_abdomen

    abdomen = make_abdomen(0, size=VOXELS, spacing_mm=SPACING_MM)
    volume = sitkUtils.PushVolumeToSlicer(abdomen.image, name="synthetic abdomen")
    volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    display.AutoWindowLevelOff()
    display.SetWindowLevel(350, 40)
    host.show_volume(volume)
    module = host.load(REPOSITORY / "LiverSegmentCNN" / "LiverSegmentCNN.py")
    ui = module.widget.sections[0].ui
    ui.inputSelector.setCurrentNode(volume)
    ui.applyButton.click()
    host.process_events(until=lambda: ui.applyButton.text == "Apply", timeout_s=WITHIN_S)
    show_in_3d(host)
    save(host, module.panel, path)


def show_in_3d(host: Any) -> None:
    """Surfaces of all segmentations."""
    import slicer

    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        node.CreateClosedSurfaceRepresentation()
    view = host.view_3d()
    view.fit()
    view.renderer.GetActiveCamera().Zoom(1.6)  # the liver fills less of the scene than the body does


def save(host: Any, panel: Any, path: Path) -> None:
    """One picture: the panel, and beside it two rows of views."""
    from PySide6 import QtGui
    from slicerhost.screenshot import save_panel

    views = [host.slice_view("Red"), host.view_3d(), host.slice_view("Yellow"), host.slice_view("Green")]
    save_panel(panel, path, PANEL_WIDTH, 2 * VIEW_HEIGHT)
    width, height = PANEL_WIDTH + 2 * VIEW_WIDTH, 2 * VIEW_HEIGHT
    picture = QtGui.QImage(width, height, QtGui.QImage.Format.Format_RGB32)
    picture.fill(QtGui.QColor("white"))
    painter = QtGui.QPainter(picture)
    painter.drawImage(0, 0, QtGui.QImage(str(path)))
    for index, view in enumerate(views):
        view.resize(VIEW_WIDTH, VIEW_HEIGHT)
        pixels = view.pixels()
        height, width = pixels.shape[:2]
        image = QtGui.QImage(pixels.tobytes(), width, height, 3 * width, QtGui.QImage.Format.Format_RGB888)
        row, column = divmod(index, 2)
        painter.drawImage(PANEL_WIDTH + column * VIEW_WIDTH, row * VIEW_HEIGHT, image)
    painter.end()
    picture.save(str(path))


if __name__ == "__main__":
    sys.exit(main())
