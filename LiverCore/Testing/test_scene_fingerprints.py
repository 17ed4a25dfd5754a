"""Whether a mask is still the one that a result was made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from test_scene_masks import add_segment, tilted_volume


def test_edits_and_moves_are_seen(host: Any) -> None:
    import slicer

    from LiverCoreScene import fingerprints, masks

    volume, _image = tilted_volume()
    node, mask = add_segment(volume)
    before = fingerprints.of_segment(node, "liver")
    assert before["voxels"] == np.count_nonzero(mask)
    assert fingerprints.same(before, fingerprints.of_copy(masks.copy_segment(node, "liver")))

    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, "liver", volume)
    assert fingerprints.same(before, fingerprints.of_segment(node, "liver"))

    moved = np.roll(mask, 1, axis=2)
    slicer.util.updateSegmentBinaryLabelmapFromArray(moved, node, "liver", volume)
    assert fingerprints.same_voxels(before, fingerprints.of_segment(node, "liver"))
    assert not fingerprints.same(before, fingerprints.of_segment(node, "liver"))

    other = mask.copy()
    other[3, 5, 2], other[3, 5, 16] = 0, 1  # as many as before
    slicer.util.updateSegmentBinaryLabelmapFromArray(other, node, "liver", volume)
    assert not fingerprints.same_voxels(before, fingerprints.of_segment(node, "liver"))
    node.GetSegmentation().AddEmptySegment("nothing", "nothing")
    assert not fingerprints.same(before, fingerprints.of_segment(node, "nothing"))


def test_a_scene_file_keeps_them(host: Any, tmp_path: Any) -> None:
    import slicer

    from LiverCoreScene import fingerprints

    volume, _image = tilted_volume()
    node, _mask = add_segment(volume)
    before = fingerprints.of_segment(node, "liver")
    host.save_scene(tmp_path / "scene.mrb")
    host.open_scene(tmp_path / "scene.mrb")
    assert fingerprints.same(before, fingerprints.of_segment(slicer.util.getNode("drawn"), "liver"))
