"""A result of Compare says of which masks it is, and whether they are still what was compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compare_driving import MODULE, add_segments, add_volume, ball, press, put_under, two_observers, until

SHAPE = (20, 36, 40)
CHANGED = "Changed or moved since it was compared"


@pytest.fixture
def module(host: Any) -> Any:
    return host.load(MODULE)


def compared(host: Any, module: Any) -> tuple[Any, Any, Any]:
    volume, manual, cnn = two_observers()
    module.widget.compare_with(manual, "liver", [(cnn, "liver"), (cnn, "raw")])
    press(host, module, module.widget.compare.ui.applyButton)
    assert CHANGED not in module.widget.compare.ui.notesLabel.text
    return volume, manual, cnn


def draw(node: Any, segment_id: str, mask: np.ndarray, volume: Any) -> None:
    import slicer

    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), node, segment_id, volume)


def test_a_mask_that_was_edited_is_named_beside_the_numbers(host: Any, module: Any) -> None:
    volume, _manual, cnn = compared(host, module)
    notes = module.widget.compare.ui.notesLabel
    draw(cnn, "liver", ball(SHAPE, (10, 18, 20), 7), volume)
    until(host, lambda: f"{CHANGED}: liver (CT liver)" in notes.text)
    assert "raw" not in notes.text
    draw(cnn, "liver", ball(SHAPE, (10, 18, 20), 8), volume)  # undone
    until(host, lambda: CHANGED not in notes.text)


def test_a_reference_that_was_moved_is_named(host: Any, module: Any) -> None:
    _volume, manual, _cnn = compared(host, module)
    notes = module.widget.compare.ui.notesLabel
    shift = np.eye(4)
    shift[0, 3] = 5.0
    put_under(manual, shift)
    until(host, lambda: f"{CHANGED}: liver (manual)" in notes.text)


def test_a_mask_that_was_edited_may_go(host: Any, module: Any) -> None:
    import slicer

    volume, _manual, cnn = compared(host, module)
    ui = module.widget.compare.ui
    draw(cnn, "liver", ball(SHAPE, (10, 18, 20), 7), volume)
    until(host, lambda: CHANGED in ui.notesLabel.text)
    slicer.mrmlScene.RemoveNode(cnn)
    until(host, lambda: CHANGED not in ui.notesLabel.text)
    assert not ui.overlayButton.enabled
    host.close_scene()
    assert ui.resultButton.isHidden()


def test_an_edit_before_the_scene_was_saved_is_seen_after_it_was_read(
    host: Any, module: Any, tmp_path: Path
) -> None:
    volume, _manual, cnn = compared(host, module)
    draw(cnn, "raw", ball(SHAPE, (10, 18, 20), 7), volume)
    host.save_scene(tmp_path / "scene.mrb")
    host.open_scene(tmp_path / "scene.mrb")
    notes = module.widget.compare.ui.notesLabel
    until(host, lambda: f"{CHANGED}: raw (CT liver)" in notes.text)
    assert "liver (CT liver)" not in notes.text


def test_a_scene_read_before_the_panel_was_opened_shows_its_result(
    host: Any, module: Any, tmp_path: Path
) -> None:
    compared(host, module)
    module.widget.onReload()  # a panel that saw nothing of it
    ui = module.widget.compare.ui
    assert ui.resultTable.rowCount == 2
    assert not ui.resultButton.isHidden()


def test_a_network_mask_edited_by_hand_is_no_longer_called_the_networks(host: Any, module: Any) -> None:
    import json

    from LiverCoreScene import fingerprints, roles

    volume, manual, cnn = two_observers()
    mark = json.dumps(fingerprints.of_segment(cnn, "liver"))
    cnn.SetAttribute(f"{roles.FINGERPRINT}.liver", mark)
    tests = [(cnn, "liver"), (cnn, "raw")]
    methods = [pair.method for pair in module.logic.compareSegments(manual, "liver", tests).pairs]
    assert methods == ["cnn-postprocessed", "cnn-raw"]
    draw(cnn, "liver", ball(SHAPE, (10, 18, 20), 7), volume)
    methods = [pair.method for pair in module.logic.compareSegments(manual, "liver", tests).pairs]
    assert methods == ["cnn-postprocessed-edited", "cnn-raw"]


def test_patients_whose_volumes_have_one_name_stay_two_cases(host: Any, module: Any) -> None:
    """Slicer lets two volumes be called CT; in a cohort they would be one patient measured twice."""
    for radius in (6.0, 7.0):
        volume = add_volume(SHAPE, "CT")
        volume.SetName("CT")
        manual = add_segments(volume, "manual", {"liver": ball(SHAPE, (10, 18, 18), 8)})
        cnn = add_segments(volume, "cnn", {"liver": ball(SHAPE, (10, 18, 19), radius)})
        module.logic.compareSegments(manual, "liver", [(cnn, "liver")])
    results = module.logic.analyseTable(module.logic.collectComparisons()).results
    assert (results.n_rows, results.n_cases) == (2, 2)


def test_a_mask_compared_twice_is_one_row_of_the_cohort(host: Any, module: Any) -> None:
    """First with another, then alone: there are two tables, and one measured mask in both."""
    _volume, manual, cnn = two_observers()
    module.logic.compareSegments(manual, "liver", [(cnn, "liver"), (cnn, "raw")])
    module.logic.compareSegments(manual, "liver", [(cnn, "liver")])
    table = module.logic.collectComparisons()
    assert table.GetNumberOfRows() == 2
