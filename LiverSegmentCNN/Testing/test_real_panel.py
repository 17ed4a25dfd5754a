"""A real CT through the panel: segmented, corrected with strokes, handed over to Liver Metrics."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from panel_driving import mask_of
from realdata import data_folder, requires_data

pytestmark = [requires_data, pytest.mark.slow]

CASE = "ct-tcia-ccby/C3N-00249"
PICTURES = "LIVERCNN_PICTURES"
"""Environment variable: a folder that receives the pictures; else they go with the test's own."""


def test_a_real_ct_is_segmented_corrected_and_handed_over(host: Any, tmp_path: Path) -> None:
    import slicer
    from take_screenshots import PANEL_WIDTH, Album, loaded, walk

    from LiverCoreScene.roles import CORRECTED, POSTPROCESSED, RAW, role_of

    album = Album(Path(os.environ.get(PICTURES) or tmp_path), PANEL_WIDTH)
    tour = walk(host, album, loaded(host, data_folder() / CASE / "ct.nii.gz"))
    node, segment_id = tour.network
    roles = [role_of(node, one) for one in node.GetSegmentation().GetSegmentIDs()]
    assert (role_of(node, segment_id), roles) == (POSTPROCESSED, [POSTPROCESSED, RAW])
    assert role_of(*tour.corrected) == CORRECTED
    found, corrected = mask_of(*tour.network, tour.volume), mask_of(*tour.corrected, tour.volume)
    voxel_ml = np.prod(tour.volume.GetSpacing()) / 1000
    assert 500 < np.count_nonzero(found) * voxel_ml < 4000
    assert np.count_nonzero(corrected & ~found) * voxel_ml > 0.5
    assert np.count_nonzero(found & ~corrected) * voxel_ml > 0.5
    assert slicer.util.selectedModule() == "LiverMetrics"
    assert all(picture.stat().st_size > 2000 for picture in album.pictures)
