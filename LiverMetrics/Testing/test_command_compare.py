"""``livercnn compare`` from the outside: files in, numbers out, one plain line where it cannot."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk

import livercnn
from LiverCoreLib.masks import LIVER, SegmentInfo, write_mask
from LiverMetricsLib import Comparison, compare

SPACING = (0.9, 0.9, 2.5)


@pytest.fixture
def images(as_image, ball):
    shape = (14, 40, 40)
    reference = as_image(ball(shape, (18, 18, 18), 12, SPACING), SPACING, (-30.0, -40.0, 5.0))
    test = as_image(ball(shape, (19, 18, 18), 12, SPACING), SPACING, (-30.0, -40.0, 5.0))
    return reference, test


@pytest.fixture
def files(images, tmp_path):
    paths = [tmp_path / "reference.nii.gz", tmp_path / "test.nii.gz"]
    for image, path in zip(images, paths):
        sitk.WriteImage(image, str(path))
    return [str(path) for path in paths]


def error_line(capsys, *arguments):
    """Exit code and the one line on stderr."""
    code = livercnn.main(["compare", *arguments])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    return code, captured.err


def test_prints_the_measures_and_writes_everything(images, files, tmp_path, capsys):
    out = tmp_path / "result.json"
    assert livercnn.main(["compare", *files, "--tolerance", "2", "--json", str(out)]) == 0
    expected = compare(*images, tolerance_mm=2.0)
    printed = capsys.readouterr().out
    assert f"{expected.dice:.4f}" in printed
    assert f"{expected.hd_mm:.3f} mm" in printed
    assert "Surface Dice at 2 mm" in printed and "18-neighbourhood" in printed

    document = json.loads(out.read_text(encoding="utf-8"))
    read = Comparison.from_dict(document["comparisons"]["label 1"])
    assert read.dice == pytest.approx(expected.dice)
    assert read.hd_point_lps == pytest.approx(expected.hd_point_lps, abs=1e-4)
    assert len(document["inputs"]["test"]["sha256"]) == 64
    assert document["versions"]["definitions"] == "1.0"
    assert document["comparisons"]["label 1"]["definitions"]["msd_mm"]


def test_a_segmentation_by_segment_name_against_a_labelmap(images, files, tmp_path, capsys):
    segmentation = tmp_path / "observer.seg.nrrd"
    write_mask(images[1], segmentation, segment=LIVER)
    assert livercnn.main(["compare", files[0], str(segmentation), "--segment", "Liver"]) == 0
    assert f"{compare(*images).dice:.4f}" in capsys.readouterr().out
    assert livercnn.main(["compare", files[0], str(segmentation)]) == 0  # it is the only one
    capsys.readouterr()
    assert livercnn.main(["compare", str(segmentation), str(segmentation)]) == 0
    assert "\nliver: voxel family" in capsys.readouterr().out
    code, line = error_line(capsys, files[0], str(segmentation), "--segment", "spleen")
    assert code == 2 and "observer.seg.nrrd" in line and "spleen" in line and "[no-such-segment]" in line


def two_segments(path, image):
    """A .seg.nrrd with two segments in one layer, as Slicer writes them."""
    voxels = sitk.GetArrayFromImage(image)
    voxels[:, :, :8] = 2
    labelmap = sitk.GetImageFromArray(voxels)
    labelmap.CopyInformation(image)
    for number, (name, value) in enumerate((("liver", 1), ("spleen", 2))):
        for key, text in (
            ("ID", f"Segment_{number}"),
            ("Name", name),
            ("LabelValue", str(value)),
            ("Layer", "0"),
        ):
            labelmap.SetMetaData(f"Segment{number}_{key}", text)
    sitk.WriteImage(labelmap, str(path))
    return voxels


def test_several_segments_at_once(images, tmp_path, capsys):
    paths = [str(tmp_path / f"{name}.seg.nrrd") for name in ("one", "two")]
    for path, image in zip(paths, images):
        two_segments(path, image)
    assert livercnn.main(["compare", *paths, "--segment", "liver", "--segment", "spleen"]) == 0
    printed = capsys.readouterr().out
    assert "\nliver:" in printed and "\nspleen:" in printed
    code, line = error_line(capsys, *paths)
    assert code == 2 and "liver, spleen" in line and "--segment" in line and "[several-segments]" in line


def test_label_values_also_find_segments(images, tmp_path, capsys):
    path, binary = tmp_path / "one.seg.nrrd", tmp_path / "binary.nii.gz"
    voxels = two_segments(path, images[0])
    spleen = sitk.GetImageFromArray((voxels == 2).astype(np.uint8))
    spleen.CopyInformation(images[0])
    sitk.WriteImage(spleen, str(binary))
    assert livercnn.main(["compare", str(binary), str(path), "--label", "1", "--test-label", "2"]) == 0
    assert "1.0000" in capsys.readouterr().out
    assert livercnn.main(["compare", str(binary), str(path), "--test-label", "2"]) == 0
    assert "1.0000" in capsys.readouterr().out


def test_several_labels_at_once(tmp_path, images, capsys):
    voxels = sitk.GetArrayFromImage(images[0])
    voxels[:, :, :8] = 6
    path = tmp_path / "organs.nii.gz"
    image = sitk.GetImageFromArray(voxels)
    image.CopyInformation(images[0])
    sitk.WriteImage(image, str(path))
    assert livercnn.main(["compare", str(path), str(path), "--label", "1", "--label", "6"]) == 0
    assert capsys.readouterr().out.count("1.0000") == 4  # Dice and volume ratio of either
    # The reference has 6, a binary test has 1.
    binary = tmp_path / "binary.nii.gz"
    sitk.WriteImage(image == 6, str(binary))
    assert livercnn.main(["compare", str(path), str(binary), "--label", "6", "--test-label", "1"]) == 0
    assert "1.0000" in capsys.readouterr().out


def test_a_label_that_is_not_there_names_file_and_labels(files, tmp_path, capsys):
    code, line = error_line(capsys, *files, "--label", "6")
    assert code == 2
    assert "reference.nii.gz has no label 6; it has 1" in line and "[no-such-label]" in line


def test_an_empty_mask_is_a_result_not_an_error(files, images, tmp_path, capsys):
    empty = sitk.Image(images[0].GetSize(), sitk.sitkUInt8)
    empty.CopyInformation(images[0])
    path, out = tmp_path / "empty.nii.gz", tmp_path / "result.json"
    sitk.WriteImage(empty, str(path))
    assert livercnn.main(["compare", files[0], str(path), "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "infinite" in printed and "Note: test empty." in printed
    assert json.loads(out.read_text())["comparisons"]["label 1"]["hd_mm"] == "Infinity"


def test_another_patients_grid_is_refused_by_name_and_resampled_on_request(
    files, tmp_path, as_image, ball, capsys
):
    other = tmp_path / "other.nii.gz"
    sitk.WriteImage(
        as_image(ball((20, 30, 30), (20, 20, 20), 10, (1.3, 1.3, 2)), (1.3, 1.3, 2.0)), str(other)
    )
    code, line = error_line(capsys, files[0], str(other))
    assert code == 2 and "other.nii.gz" in line and "reference.nii.gz" in line
    assert "spacing is 1.3 x 1.3 x 2 mm" in line and "[geometry-mismatch]" in line
    assert livercnn.main(["compare", files[0], str(other), "--geometry", "resample"]) == 0
    assert "Warning: The masks are on different grids" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--label", "0"], "label is a whole number other than 0"),
        (["--tolerance", "-1"], "at least 0"),
        (["--label", "1", "--label", "2", "--test-label", "3"], "one label"),
        (["--json", "no/such/folder/result.json"], "no-such-folder"),
        (["--label", "liver"], "invalid int value"),
        (["--family", "pixels"], "invalid choice"),
    ],
)
def test_wrong_arguments_are_one_line(files, capsys, arguments, words):
    code, line = error_line(capsys, *files, *arguments)
    assert code == 2 and words in line


def test_missing_and_broken_files_are_named(files, tmp_path, capsys):
    code, line = error_line(capsys, files[0], str(tmp_path / "nowhere.nii.gz"))
    assert code == 2 and "nowhere.nii.gz" in line
    broken = tmp_path / "broken.nii.gz"
    broken.write_bytes(b"not gzip")
    code, line = error_line(capsys, files[0], str(broken))
    assert code == 2 and "broken.nii.gz" in line
    probability = tmp_path / "probability.nii.gz"
    sitk.WriteImage(sitk.GetImageFromArray(np.full((4, 5, 6), 0.3, dtype=np.float32)), str(probability))
    code, line = error_line(capsys, files[0], str(probability))
    assert code == 2 and "no labels" in line


def test_nothing_is_written_when_the_comparison_fails(files, tmp_path, capsys):
    out = tmp_path / "result.json"
    assert error_line(capsys, *files, "--label", "6", "--json", str(out))[0] == 2
    assert not out.exists() and not list(tmp_path.glob(".livercnn*"))


def test_names_of_segments_may_be_any_text(images, tmp_path, capsys):
    path = tmp_path / "named.seg.nrrd"
    write_mask(images[0], path, segment=SegmentInfo("Leber 1, rechts", (1, 2, 3), label_value=1))
    assert livercnn.main(["compare", str(path), str(path), "--segment", "leber 1, rechts"]) == 0
    assert "1.0000" in capsys.readouterr().out
