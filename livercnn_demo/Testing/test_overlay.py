"""Pictures: proportions, sides, and outlines where the mask is."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from matplotlib.image import imread

from livercnn_demo.overlay import Outline, Panel, coronal_and_sagittal, montage, side_by_side
from livercnn_demo.planes import Scan
from LiverCoreLib.output import OutputError

ORANGE = np.array([0xFF, 0x9F, 0x1C]) / 255


def block_scan(direction=None):
    """A body of 240 x 160 x 120 mm with a bright block in the patient's right, front, upper part."""
    hu = np.full((20, 48, 64), -1000, np.int16)
    hu[:, 4:44, 2:62] = 20
    mask = np.zeros(hu.shape, np.uint8)
    mask[11:18, 8:20, 6:26] = 1
    hu[mask > 0] = 150
    images = []
    for array in (hu, mask):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing((4.0, 4.0, 6.0))
        image.SetOrigin((-128.0, -96.0, 0.0))
        images.append(sitk.DICOMOrient(image, direction) if direction else image)
    return images


def orange_pixels(path):
    """Row and column shares (0..1) of the pixels in the outline's colour."""
    pixels = imread(path)[..., :3]
    rows, columns = np.nonzero(np.abs(pixels - ORANGE).max(axis=2) < 0.1)
    return rows / pixels.shape[0], columns / pixels.shape[1]


@pytest.mark.parametrize("direction", [None, "RAS", "PSL", "LAI"])
def test_planes_do_not_depend_on_how_the_voxels_are_stored(direction):
    image, mask = block_scan(direction)
    scan = Scan(image, (mask,))
    reference = Scan(*(lambda pair: (pair[0], (pair[1],)))(block_scan()))
    for plane, wanted in (
        (scan.axial(14), reference.axial(14)),
        (scan.coronal(12), reference.coronal(12)),
        (scan.sagittal(10), reference.sagittal(10)),
    ):
        np.testing.assert_array_equal(plane.values, wanted.values)
        np.testing.assert_array_equal(plane.masks[0], wanted.masks[0])
        assert plane.extent_mm == wanted.extent_mm
        assert plane.caption == wanted.caption
        assert plane.marks == wanted.marks


def test_right_is_left_and_front_and_head_are_up():
    scan = Scan(*(lambda pair: (pair[0], (pair[1],)))(block_scan()))
    for plane in (scan.axial(14), scan.coronal(scan.fullest(1))):
        columns = np.nonzero(plane.masks[0])[1]
        assert columns.mean() < plane.values.shape[1] / 2
        assert plane.marks[:2] == ("R", "L")
    for plane in (scan.axial(14), scan.coronal(scan.fullest(1)), scan.sagittal(scan.fullest(2))):
        assert np.nonzero(plane.masks[0])[0].mean() < plane.values.shape[0] / 2
    sagittal = scan.sagittal(scan.fullest(2))
    assert sagittal.marks[:2] == ("A", "P")
    assert np.nonzero(sagittal.masks[0])[1].mean() < sagittal.values.shape[1] / 2


def test_captions_are_positions_in_the_patient():
    image, mask = block_scan()
    scan = Scan(image, (mask,))
    assert scan.axial(14).caption == "z 84 mm"
    row = scan.fullest(1) + scan.box[1].start
    wanted = image.TransformIndexToPhysicalPoint((0, row, 0))[1]
    assert scan.coronal(scan.fullest(1)).caption == f"coronal, y {wanted:.0f} mm"


def test_extent_is_the_size_in_mm():
    scan = Scan(*(lambda pair: (pair[0], (pair[1],)))(block_scan()))
    rows, columns = scan.coronal(5).values.shape
    assert scan.coronal(5).extent_mm == (columns * 4.0, rows * 6.0)
    assert scan.hu.shape[1] < 48 or scan.hu.shape[2] < 64, "cut to the body"


def test_montage_draws_the_outline(tmp_path):
    image, mask = block_scan()
    montage(image, [Outline(mask, "liver")], tmp_path / "m.png", title="Liver 1 mL")
    rows, columns = orange_pixels(tmp_path / "m.png")
    assert rows.size > 500
    assert imread(tmp_path / "m.png").shape[1] == 1430


def test_coronal_and_sagittal_share_a_scale(tmp_path):
    image, mask = block_scan()
    coronal_and_sagittal(image, [Outline(mask, "liver")], tmp_path / "p.png")
    rows, columns = orange_pixels(tmp_path / "p.png")
    drawn = rows > 0.25  # below the legend
    assert columns[drawn].min() < 0.4
    assert columns[drawn].max() > 0.6


def test_panels_of_several_images_show_each_its_own(tmp_path):
    image, mask = block_scan()
    panels = [
        Panel(image + shade, [Outline(mask, "liver")], f"shade {shade}") for shade in (0, 100, -100, 50)
    ]
    side_by_side(panels, mask, tmp_path / "p.png")
    pixels = imread(tmp_path / "p.png")[..., 0]
    rows, columns = pixels.shape
    # Body above the block, in each of four panels: three above, one below.
    header = 0.82 * 110 / rows
    tall = (1 - header) / 2
    seen = [
        pixels[round(rows * (header + tall * (row + 0.75))), round(columns * (column + 0.5) / 3)]
        for row, column in ((0, 0), (0, 1), (0, 2), (1, 0))
    ]
    assert seen[2] < seen[0] < seen[3] < seen[1]


def test_an_empty_mask_gives_a_picture_of_the_whole_scan(tmp_path):
    image, mask = block_scan()
    montage(image, [Outline(mask * 0, "liver")], tmp_path / "m.png", title="No liver found")
    assert (tmp_path / "m.png").stat().st_size > 5000


def test_a_single_slice_of_liver_and_a_scan_of_air_are_no_special_case(tmp_path):
    image, mask = block_scan()
    thin = sitk.GetArrayFromImage(mask)
    thin[np.arange(20) != 14] = 0
    thin_mask = sitk.GetImageFromArray(thin)
    thin_mask.CopyInformation(mask)
    montage(image, [Outline(thin_mask, "liver")], tmp_path / "m.png")
    montage(image * 0 - 1000, [], tmp_path / "air.png")
    coronal_and_sagittal(image * 0 - 1000, [], tmp_path / "air2.png")


def test_a_mask_of_another_size_is_refused(tmp_path):
    image, mask = block_scan()
    with pytest.raises(ValueError, match="does not fit"):
        montage(image, [Outline(mask[:, :, :5], "liver")], tmp_path / "m.png")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_a_plain_error(tmp_path):
    image, mask = block_scan()
    with pytest.raises(OutputError, match="does not exist"):
        montage(image, [Outline(mask, "liver")], tmp_path / "nowhere" / "m.png")
