"""Walk through the panels as a user does, and take the pictures of the documentation on the way.

``PYTHONPATH=Testing python Testing/take_screenshots.py`` makes the synthetic abdomen, segments, corrects,
compares, reports, measures and standardizes, and writes docs/images again. ``--ct FILE --out FOLDER`` takes a
scan as far as the comparison. It needs a model and what the tests of the panels need (``make test-panels``).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from panel_pictures import Album

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "docs" / "images"
PANEL_WIDTH = 420
WINDOW_HU, LEVEL_HU = 350, 40
WIDE_WINDOW_HU, BRIGHT_LEVEL_HU = 700, 120  # at 40 keV iodine is bright
ERASER_MM, BRUSH_MM = 25.0, 12.0
SMALL = {"size": (96, 96, 50), "spacing_mm": (4.0, 4.0, 6.0)}  # of the scans of the batch
PHANTOM = {"size": (256, 256, 40), "spacing_mm": (1.6, 1.6, 5.0)}
FAT_PERCENT, LIVER_FAT_PERCENT, NOISE_PERCENT, FAT_BELOW_HU = 92.0, 8.0, 1.5, -50
CLOSER = 1.7  # the liver fills less of the scene than the body does
WITHIN_S = 1200.0


@dataclass(frozen=True)
class Tour:
    """What came of it. corrected, network: (node, segment ID)."""

    volume: Any
    network: tuple
    corrected: tuple


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ct", type=Path, help="image file (the synthetic abdomen)")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help="receives the pictures")
    parser.add_argument("--width", type=int, default=PANEL_WIDTH, metavar="PIXELS", help="of the panel")
    arguments = parser.parse_args()
    from slicerhost.availability import reason_to_skip

    reason = reason_to_skip()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    sys.path[:0] = [str(folder) for folder in REPOSITORY.glob("Liver*") if folder.is_dir()]
    from slicerhost.host import Host, start

    host, album = Host(), Album(arguments.out, arguments.width)
    if arguments.ct is not None:
        walk(host, album, loaded(host, arguments.ct))
    else:
        tour = walk(host, album, made_in_set_up(host, album))
        report(host, album)
        fat_fraction(host, album, tour)
        batch(host, album)
        standardize(host, album)
    for picture in album.pictures:
        print(picture)
    incidents = host.finish()
    for incident in incidents:
        print(incident, file=sys.stderr)
    start().host_close()
    return 1 if incidents else 0


def loaded(host: Any, path: Path) -> Any:
    """A scan from a file."""
    import slicer

    volume = slicer.util.loadVolume(str(path), {"name": "CT"})
    _show(host, volume)
    return volume


def made_in_set_up(host: Any, album: Album) -> Any:
    """Liver Set-up, which makes the synthetic abdomen."""
    module = _load(host, "LiverCore")
    module.widget.sample.ui.abdomenButton.click()
    host.process_events(lambda: module.widget.sample.work is None, WITHIN_S)
    volume = module.widget.sample.parameters.sample_volume
    _show(host, volume)
    for section in (module.widget.models, module.widget.device):
        section.ui.sectionButton.collapsed = True
    album.take("set-up", module.panel, [[host.slice_view("Red")], [host.slice_view("Green")]], 1)
    return volume


def walk(host: Any, album: Album, volume: Any) -> Tour:
    """Segment, correct, compare."""
    metrics, module = _load(host, "LiverMetrics"), _load(host, "LiverSegmentCNN")
    network = _segment(host, album, module, volume)
    corrected = _correct(host, album, module, volume, network)
    module.widget.ui.surfaceButton.checked = False
    module.widget.ui.correctCompareButton.click()
    host.process_events()
    _compare(host, album, metrics, _world(volume, _ends(network, volume)[0]))
    return Tour(volume, network, corrected)


def _segment(host: Any, album: Album, module: Any, volume: Any) -> tuple:
    """The section that segments, before and after; gives the mask."""
    ui = module.widget.ui
    ui.inputSelector.setCurrentNode(volume)
    ui.keepRawBox.checked = True
    ui.correctButton.collapsed = True
    _look_at_3d(host)
    album.take("segment-before", module.panel, _four_up(host))
    ui.applyButton.click()
    host.process_events(lambda: ui.applyButton.text == "Apply", WITHIN_S)
    parameters = module.logic.getParameterNode()
    network = parameters.result_segmentation, parameters.result_segment_id
    _jump(_world(volume, _middle(network, volume)))
    ui.surfaceButton.click()
    _look_at_3d(host)
    album.take("segment", module.panel, _four_up(host))
    return network


def _correct(host: Any, album: Album, module: Any, volume: Any, network: tuple) -> tuple:
    """Paint beside the liver and erase in it; gives the corrected mask."""
    from slicerhost import strokes

    ui = module.widget.ui
    for button in (ui.inputsButton, ui.outputsButton, ui.resultButton):
        button.collapsed = True
    ui.correctButton.collapsed = False
    ui.correctStartButton.click()
    editor = module.widget.sections[1].editor.widget
    inside, outside = _ends(network, volume)
    editor.setActiveEffectByName("Erase")
    strokes.erase(editor, [_world(volume, inside)], ERASER_MM)
    editor.setActiveEffectByName("Paint")
    strokes.paint(editor, [_world(volume, outside)], BRUSH_MM)
    host.process_events(lambda: " 0.0 mL" not in ui.correctChangedValue.text, WITHIN_S)
    for _once in range(2):  # hidden and shown again: that of the copy
        ui.surfaceButton.click()
    _jump(_world(volume, inside))
    _look_at_3d(host)
    album.take("correct", module.panel, _four_up(host))
    corrected = editor.segmentationNode(), editor.currentSegmentID()
    ui.correctStartButton.click()
    return corrected


def _compare(host: Any, album: Album, module: Any, place: list) -> None:
    """The numbers, the differences in the slices, and the surface coloured by distance."""
    ui = module.widget.ui
    ui.reportButton.collapsed = True
    for button in (ui.applyButton, ui.overlayButton):
        button.click()
        host.process_events(lambda: ui.applyButton.text == "Compare", WITHIN_S)
    _hide_segmentations_but(module.widget.compare.parameters.compare_overlay)
    _jump(place)
    red, yellow, green = (host.slice_view(name) for name in ("Red", "Yellow", "Green"))
    album.take("compare", module.panel, [[red], [yellow]], 1)
    ui.surfaceButton.click()
    host.process_events(lambda: ui.applyButton.text == "Compare", WITHIN_S)
    ui.jumpButton.click()
    _look_at_3d(host)
    album.take("surface", module.panel, [[host.view_3d()], [red, green]])
    ui.compareButton.collapsed = True
    ui.reportButton.collapsed = False


def report(host: Any, album: Album) -> None:
    """The section Report with a synthetic cohort, and its plot."""
    import slicer
    from synthetic_cohort import readers

    from LiverMetricsScene.table_nodes import column_array

    rows = readers()
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "synthetic cohort")
    for name in rows[0]:
        values = [row[name] for row in rows]
        table.AddColumn(column_array(name, values, text=any(isinstance(one, str) for one in values)))
    host.select_module("LiverMetrics")
    ui = slicer.modules.livermetrics.widgetRepresentation().self().ui
    ui.reportTableSelector.setCurrentNode(table)
    host.process_events(lambda: ui.reportApplyButton.enabled, WITHIN_S)
    ui.reportApplyButton.click()
    host.process_events(lambda: ui.reportApplyButton.text == "Analyse", WITHIN_S)
    panel = slicer.modules.livermetrics.widgetRepresentation()
    album.take("report", panel, [[host.plot_view()]])


def fat_fraction(host: Any, album: Album, tour: Tour) -> None:
    """The section Fat fraction with a map made up from the CT."""
    import slicer

    from LiverCoreScene.volumes import fill_like

    hu = slicer.util.arrayFromVolume(tour.volume)
    liver = slicer.util.arrayFromSegmentBinaryLabelmap(*tour.network, tour.volume) != 0
    fat = np.where(hu < FAT_BELOW_HU, FAT_PERCENT, 2.0)
    fat[hu < -300] = 0.0  # air
    fat[liver] = LIVER_FAT_PERCENT
    fat += np.random.default_rng(0).normal(0, NOISE_PERCENT, fat.shape)
    pdff = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "synthetic PDFF")
    fill_like(pdff, tour.volume, fat.astype(np.float32))
    host.select_module("LiverSegmentCNN")
    ui = slicer.modules.liversegmentcnn.widgetRepresentation().self().ui
    ui.correctButton.collapsed = True
    ui.pdffButton.collapsed = False
    ui.pdffMapSelector.setCurrentNode(pdff)
    ui.pdffErosionBox.setValue(5.0)
    ui.pdffMeasureButton.click()
    host.process_events(lambda: ui.pdffMeasureButton.text == "Measure", WITHIN_S)
    ui.pdffPlotButton.click()
    host.show_volume(pdff)
    pdff.GetDisplayNode().AutoWindowLevelOff()
    pdff.GetDisplayNode().SetWindowLevel(40, 15)
    _hide_segmentations_but(tour.network[0])
    for point in slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode"):
        point.GetDisplayNode().SetVisibility(False)
    _jump(_world(tour.volume, _middle(tour.network, tour.volume)))
    panel = slicer.modules.liversegmentcnn.widgetRepresentation()
    album.take("fat-fraction", panel, [[host.slice_view("Red")], [host.plot_view()]], 1)
    ui.pdffButton.collapsed = True


def batch(host: Any, album: Album) -> None:
    """The section Batch on two more scans; the first one has its mask."""
    import sitkUtils
    import slicer

    from LiverStandardizeLib.simulation import make_abdomen

    for seed in (1, 2):
        image = make_abdomen(seed, **SMALL).image
        last = sitkUtils.PushVolumeToSlicer(image, name=f"Synthetic abdomen {seed + 1}")
        last.CreateDefaultDisplayNodes()
    slicer.mrmlScene.RemoveNode(slicer.util.getNode("synthetic PDFF"))
    widget = slicer.modules.liversegmentcnn.widgetRepresentation().self()
    ui = widget.ui
    ui.batchButton.collapsed = False
    host.process_events(lambda: ui.batchStartButton.enabled, WITHIN_S)
    ui.batchStartButton.click()
    host.process_events(lambda: ui.batchStartButton.text == "Segment all", WITHIN_S)
    _show(host, last)
    _hide_segmentations_but(slicer.util.getNode(f"{last.GetName()} liver"))
    panel = slicer.modules.liversegmentcnn.widgetRepresentation()
    album.take("batch", panel, [[host.slice_view("Red")], [host.slice_view("Green")]], 1)


def standardize(host: Any, album: Album) -> None:
    """Liver CT Standardization on a phantom at 40 keV: its result; without a model, what is before."""
    import sitkUtils
    import slicer

    from LiverStandardizeLib.simulation.phantom_scan import make_six

    for masks in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        masks.SetDisplayVisibility(False)  # of other scans, not of this one
    module = _load(host, "LiverStandardize")
    ui = module.widget.ui
    image = make_six(0, protocols=("M40",), **PHANTOM).images["M40"]
    volume = sitkUtils.PushVolumeToSlicer(image, name="Phantom at 40 keV")
    volume.CreateDefaultDisplayNodes()
    volume.SetAttribute("DICOM.SeriesDescription", "Monoenergetic Plus 40 keV")
    _show(host, volume)
    volume.GetDisplayNode().SetWindowLevel(WIDE_WINDOW_HU, BRIGHT_LEVEL_HU)
    ui.inputSelector.setCurrentNode(volume)
    host.process_events(lambda: bool(ui.evidenceValue.text), WITHIN_S)
    views = [[host.slice_view("Red")], [host.slice_view("Green")]]
    if ui.applyButton.enabled:
        ui.applyButton.click()
        host.process_events(lambda: ui.applyButton.text == "Apply", WITHIN_S)
        host.process_events(lambda: ui.tissueTable.rowCount > 0, WITHIN_S)
        ui.outputsButton.collapsed = True
        ui.sideBySideButton.click()
        views = [[host.slice_view("Red")], [host.slice_view("Yellow")]]
    album.take("standardize", module.panel, views, 1)


def _load(host: Any, name: str) -> Any:
    return host.load(REPOSITORY / name / f"{name}.py")


def _show(host: Any, volume: Any) -> None:
    volume.GetDisplayNode().AutoWindowLevelOff()
    volume.GetDisplayNode().SetWindowLevel(WINDOW_HU, LEVEL_HU)
    host.show_volume(volume)


def _four_up(host: Any) -> list:
    """The views as Slicer's layout Four-Up has them."""
    red, yellow, green = (host.slice_view(name) for name in ("Red", "Yellow", "Green"))
    return [[red, host.view_3d()], [yellow, green]]


def _look_at_3d(host: Any) -> None:
    view = host.view_3d()
    view.fit()
    view.renderer.GetActiveCamera().Zoom(CLOSER)


def _hide_segmentations_but(shown: Any) -> None:
    """What the eyes in the module Data do."""
    import slicer

    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        node.GetDisplayNode().SetVisibility(node.GetID() == shown.GetID())


def _middle(mask: tuple, volume: Any) -> tuple:
    """Voxel x, y, z in the middle of a mask."""
    import slicer

    array = slicer.util.arrayFromSegmentBinaryLabelmap(*mask, volume)
    z, y, _x = (int(round(axis.mean())) for axis in np.nonzero(array))
    row = np.flatnonzero(array[z, y])
    return int(row[len(row) // 2]), y, z


def _ends(mask: tuple, volume: Any) -> tuple:
    """Voxels x, y, z in a slice through a liver: its left tip, and beside it at the back."""
    import slicer

    array = slicer.util.arrayFromSegmentBinaryLabelmap(*mask, volume)
    z = _middle(mask, volume)[2]
    y, x = np.nonzero(array[z])
    left, back = np.argmax(x), np.argmax(y)
    return (int(x[left]), int(y[left]), z), (int(x[back]), int(y[back]) + 3, z)


def _jump(world: list) -> None:
    import slicer

    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *world)


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
