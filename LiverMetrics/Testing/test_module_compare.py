"""Compare's panel, driven from ticking to numbers with the real worker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from compare_driving import (
    MODULE,
    add_segments,
    add_volume,
    ball,
    press,
    put_under,
    two_observers,
    until,
)

BUSY_S = 0.1


@pytest.fixture
def module(host: Any) -> Any:
    return host.load(MODULE)


def table_cell(node: Any, row: int, column: str) -> str:
    return node.GetTable().GetColumnByName(column).GetValue(row)


def test_numbers_are_those_of_the_library_and_land_in_a_table_node(host: Any, module: Any) -> None:
    from event_loop import EventLoopWatch

    from LiverCoreScene.masks import mask_image
    from LiverMetricsLib import compare

    _volume, manual, cnn = two_observers()
    ui = module.widget.compare.ui
    until(host, lambda: ui.testsTable.rowCount == 4)
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (False, "Choose the reference segment.")
    ui.referenceBox.setCurrentIndex(ui.referenceBox.findText("liver (manual)"))
    assert ui.reasonLabel.text == "Tick the segments to compare with the reference."
    module.widget.compare_with(manual, "liver", [(cnn, "liver"), (cnn, "raw"), (manual, "empty")])
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (True, "")
    assert ui.testsTable.item(0, 1).text() == "reference"
    assert [ui.testsTable.item(row, 1).text() for row in (2, 3)] == ["CNN, post-processed", "CNN"]
    watch = EventLoopWatch()
    press(host, module, ui.applyButton)
    assert watch.stop() < BUSY_S
    assert ui.statusLabel.text == "Done: table liver (manual): agreement."

    outcome = module.widget.compare._outcome
    reference = mask_image(manual, "liver")
    for number, key in enumerate(("liver", "raw")):
        expected = compare(reference, mask_image(cnn, key), tolerance_mm=2.0)
        assert outcome.comparisons[number] == expected
        assert table_cell(outcome.table, number, "dice") == expected.dice
        assert table_cell(outcome.table, number, "hd95_mm") == expected.hd95_mm
    assert outcome.comparisons[2].status == "test-empty"
    assert outcome.comparisons[2].dice == 0
    assert "empty (manual) is empty" in ui.notesLabel.text
    assert [table_cell(outcome.table, row, "method") for row in range(3)] == [
        "cnn-postprocessed",
        "cnn-raw",
        "empty",
    ]
    assert table_cell(outcome.table, 0, "case") == "CT"
    assert outcome.table.GetColumnUnitLabel("hd95_mm") == "mm"
    assert "directed 95th percentiles" in outcome.table.GetColumnDescription("hd95_mm")

    shown = {
        ui.resultTable.horizontalHeaderItem(column).text(): ui.resultTable.item(0, column).text()
        for column in range(ui.resultTable.columnCount)
    }
    assert shown["Dice"] == f"{outcome.comparisons[0].dice:.3f}"
    assert "2 |A and B|" in ui.resultTable.horizontalHeaderItem(0).toolTip()


def test_two_parent_transforms_bring_masks_together_exactly(host: Any, module: Any) -> None:
    """The same ball, drawn on one grid shifted by whole voxels and moved back by a transform."""
    import slicer
    import vtk

    volume = add_volume()
    shape = (20, 36, 40)
    manual = add_segments(volume, "manual", {"liver": ball(shape, (10, 18, 18), 8)})
    moved = add_segments(volume, "moved", {"liver": ball(shape, (10, 18, 21), 8)})
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    ijk_to_ras = slicer.util.arrayFromVTKMatrix(matrix)
    common = np.array([[0, -1, 0, 5.0], [1, 0, 0, -8.0], [0, 0, 1, 3.0], [0, 0, 0, 1]])
    back = np.eye(4)
    back[:3, 3] = -3 * ijk_to_ras[:3, 0]  # three columns back
    put_under(manual, common)
    put_under(moved, common @ back)
    outcome = module.logic.compareSegments(manual, "liver", [(moved, "liver")])
    assert outcome.comparisons[0].dice == 1.0
    assert outcome.comparisons[0].hd_mm == 0.0
    assert outcome.comparisons[0].geometry in ("same-grid", "same-lattice")


def test_a_labelmap_volume_is_a_reference_too(host: Any, module: Any) -> None:
    import slicer

    volume, manual, cnn = two_observers()
    labelmap = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    values = np.zeros((20, 36, 40), dtype=np.uint8)
    values[ball(values.shape, (10, 18, 18), 8)] = 6
    slicer.util.updateVolumeFromArray(labelmap, values)
    labelmap.CopyOrientation(volume)
    ui = module.widget.compare.ui
    module.widget.compare_with(labelmap, "6", [(manual, "liver"), (cnn, "liver")])
    assert (ui.labelBox.value, ui.referenceBox.currentText) == (6, "labels")
    press(host, module, ui.applyButton)
    same, other = module.widget.compare._outcome.comparisons
    assert same.dice == 1.0
    expected = module.logic.compareSegments(manual, "liver", [(cnn, "liver")]).comparisons[0]
    assert (other.dice, other.hd_mm, other.msd_mm) == (expected.dice, expected.hd_mm, expected.msd_mm)
    assert 0.5 < other.dice < 1.0


def test_each_refusal_is_a_sentence(host: Any, module: Any, tmp_path: Path) -> None:
    import slicer

    volume, manual, cnn = two_observers()
    ui, widget = module.widget.compare.ui, module.widget
    widget.compare_with(manual, "liver", [(manual, "liver")])
    assert ui.reasonLabel.text == "liver (manual) is the reference and a test; choose another reference."
    assert not ui.applyButton.enabled

    shear = np.eye(4)
    shear[0, 1] = 0.3
    transform = put_under(cnn, shear)
    widget.compare_with(manual, "liver", [(cnn, "liver")])
    assert "harden the transform" in ui.reasonLabel.text
    cnn.SetAndObserveTransformNodeID(None)
    slicer.mrmlScene.RemoveNode(transform)

    fine = add_volume((20, 36, 40), "fine")
    fine.SetSpacing(1.0, 1.0, 3.0)
    other = add_segments(fine, "other", {"liver": ball((20, 36, 40), (10, 18, 18), 8)})
    widget.compare_with(manual, "liver", [(other, "liver")])
    assert "lies on another grid than the reference: its spacing is 1 x 1 x 3 mm" in ui.reasonLabel.text
    ui.resampleBox.checked = True
    assert (ui.reasonLabel.text, ui.applyButton.enabled) == ("", True)
    press(host, module, ui.applyButton)
    assert widget.compare._outcome.comparisons[0].geometry == "resampled"
    assert "nearest neighbour" in ui.notesLabel.text

    manual.GetSegmentation().RemoveSegment("liver")
    until(host, lambda: ui.reasonLabel.text != "")
    assert ui.reasonLabel.text == "The reference is gone; choose another one."
    widget.compare.export(str(tmp_path / "no such folder" / "x.csv"))
    assert "no such folder" in ui.statusLabel.text
    assert ui.statusLabel.text.endswith(".")


def test_two_empty_segments_give_a_defined_result(host: Any, module: Any) -> None:
    _volume, manual, cnn = two_observers()
    cnn.GetSegmentation().AddEmptySegment("nothing", "nothing")
    outcome = module.logic.compareSegments(manual, "empty", [(cnn, "liver"), (cnn, "nothing")])
    assert [one.status for one in outcome.comparisons] == ["reference-empty", "both-empty"]
    assert outcome.comparisons[0].dice == 0
    assert np.isnan(outcome.comparisons[1].dice)


def test_result_settings_and_links_survive_in_the_scene(host: Any, module: Any, tmp_path: Path) -> None:
    _volume, manual, cnn = two_observers()
    ui = module.widget.compare.ui
    module.widget.compare_with(manual, "liver", [(cnn, "liver"), (cnn, "raw")])
    ui.familyBox.setCurrentIndex(ui.familyBox.findData("surfel"))
    ui.toleranceBox.value = 3.0
    press(host, module, ui.applyButton)
    before = module.widget.compare._outcome.comparisons
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    assert not ui.resultButton.visible
    assert ui.familyBox.currentData == "voxel"
    host.open_scene(tmp_path / "scene.mrb")
    assert ui.referenceBox.currentText == "liver (manual)"
    assert (ui.familyBox.currentData, ui.toleranceBox.value) == ("surfel", 3.0)
    outcome = module.widget.compare._outcome
    assert outcome.comparisons == before
    assert [test.name for test in outcome.tests] == ["liver (CT liver)", "raw (CT liver)"]
    assert ui.resultTable.rowCount == 2
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (True, "")
    assert outcome.table.GetColumnUnitLabel("hd_mm") == "mm"


def test_copy_and_export(host: Any, module: Any, tmp_path: Path) -> None:
    import qt

    from LiverMetricsLib import read_cohort

    _volume, manual, cnn = two_observers()
    ui = module.widget.compare.ui
    module.widget.compare_with(manual, "liver", [(cnn, "liver"), (cnn, "raw")])
    press(host, module, ui.applyButton)
    outcome = module.widget.compare._outcome
    ui.copyButton.click()
    lines = [line.split("\t") for line in qt.QApplication.clipboard().text().splitlines()]
    assert float(lines[1][lines[0].index("Dice")]) == outcome.comparisons[0].dice
    assert "Hausdorff distance (mm)" in lines[0]

    module.widget.compare.export(str(tmp_path / "c.csv"))
    assert ui.statusLabel.text == f"Saved: {tmp_path / 'c.csv'}"
    cohort = read_cohort(tmp_path / "c.csv")
    assert cohort.cases == ("CT",)
    assert cohort.rows[0].values["dice"] == outcome.comparisons[0].dice
    module.widget.compare.export(str(tmp_path / "c.html"))
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page
    assert f'value="{outcome.comparisons[0].dice!r}"' in page
    assert "the larger of the two directed 95th percentiles" in page


def test_the_same_again_fills_the_same_table_and_others_get_their_own(host: Any, module: Any) -> None:
    import slicer

    _volume, manual, cnn = two_observers()
    ui = module.widget.compare.ui
    module.widget.compare_with(manual, "liver", [(cnn, "liver")])
    press(host, module, ui.applyButton)
    ui.familyBox.setCurrentIndex(ui.familyBox.findData("surfel"))
    press(host, module, ui.applyButton)
    (table,) = slicer.util.getNodesByClass("vtkMRMLTableNode")
    assert table_cell(table, 0, "family") == "surfel"
    slicer.mrmlScene.RemoveNode(table)
    press(host, module, ui.applyButton)
    module.widget.compare_with(manual, "liver", [(cnn, "raw")])
    press(host, module, ui.applyButton)
    assert len(slicer.util.getNodesByClass("vtkMRMLTableNode")) == 2


def test_a_scene_edited_by_hand_shows_no_result_and_no_error(host: Any, module: Any) -> None:
    import slicer

    from LiverMetricsScene.compare_table import RESULT_ATTRIBUTE, read_outcome

    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    for text in ("", "{", "[]", "{}", '{"reference": 1, "tests": [], "case": ""}', '{"tests": [{}]}'):
        table.SetAttribute(RESULT_ATTRIBUTE, text)
        assert read_outcome(table) is None


def test_the_file_dialog_is_asked_and_may_be_left(host: Any, module: Any, tmp_path: Path) -> None:
    from slicerhost.dialogs import ANSWERS

    _volume, manual, cnn = two_observers()
    ui = module.widget.compare.ui
    module.widget.compare_with(manual, "liver", [(cnn, "liver")])
    press(host, module, ui.applyButton)
    said = ui.statusLabel.text
    ANSWERS.append("")  # Cancel
    ui.csvButton.click()
    assert ui.statusLabel.text == said
    ANSWERS.extend([str(tmp_path / "numbers"), str(tmp_path / "page.html"), str(tmp_path)])
    ui.csvButton.click()
    ui.htmlButton.click()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["numbers.csv", "page.html"]
    (tmp_path.parent / f"{tmp_path.name}.html").mkdir()
    ui.htmlButton.click()  # the name of a folder
    assert "is a folder" in ui.statusLabel.text


def test_masks_on_an_oblique_left_handed_grid_are_measured_in_millimetres(host: Any, module: Any) -> None:
    """Against the same arrays on an upright grid, where axes are those of the array."""
    from LiverMetricsLib import compare

    _volume, manual, cnn = two_observers()
    outcome = module.logic.compareSegments(manual, "liver", [(cnn, "liver")])
    images = []
    for centre in ((10, 18, 18), (10, 18, 20)):
        image = sitk.GetImageFromArray(ball((20, 36, 40), centre, 8).astype(np.uint8))
        image.SetSpacing((2.0, 1.5, 3.0))
        images.append(image)
    upright = compare(*images)
    found = outcome.comparisons[0]
    for name in ("dice", "volume_test_ml", "msd_mm", "hd_mm", "hd95_mm"):
        assert getattr(found, name) == pytest.approx(getattr(upright, name), rel=1e-9)


def test_every_stage_has_words_in_the_users_language(host: Any, module: Any) -> None:
    from LiverMetricsScene import compare_texts

    root = MODULE.parents[1]
    files = (
        "LiverMetrics/LiverMetricsLib/compare_job.py",
        "LiverMetrics/LiverMetricsScene/mask_run.py",
        "LiverCore/LiverCoreLib/background_work.py",
    )
    text = "".join((root / name).read_text(encoding="utf-8") for name in files)
    said = re.findall(r'(?:progress\([^,"]+, |message = [0-9._A-Z]+, |else |_STARTING = )"([^"]+)"', text)
    assert set(said) == set(compare_texts.known_stages())


def test_the_self_test_passes(host: Any, module: Any) -> None:
    import slicer

    slicer.selfTests["LiverMetrics"]()
