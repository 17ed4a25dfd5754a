"""Cases on disk, and the pack that carries them."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from realdata import data_folder, requires_data
from tiny_scans import tiny_case, write_case

from livercnn_training.data.cases import DataError, folder_cases, shared_cases
from livercnn_training.data.pack import (
    LEVEL_EDGES_HU,
    decode_case,
    encode_case,
    level_values,
    open_pack,
    quantize,
    write_pack,
)
from livercnn_training.data.packing import pack_case


@settings(max_examples=50)
@given(st.lists(st.floats(-3000, 3000), min_size=1, max_size=50))
def test_quantization_is_within_half_a_step_and_keeps_order(values):
    hu = np.array(sorted(values), np.float32)
    restored = level_values()[quantize(hu)]
    assert (np.diff(restored) >= 0).all()
    inside = (hu > LEVEL_EDGES_HU[0]) & (hu < LEVEL_EDGES_HU[-1])
    assert (np.abs(restored - hu)[inside] <= 10.0).all()
    soft_tissue = (hu > -20) & (hu < 200)
    assert (np.abs(restored - hu)[soft_tissue] <= 5.0).all()


def test_a_pack_gives_back_what_went_in(tmp_path):
    case = tiny_case("set/one", 3)
    write_pack(tmp_path / "pack.npz", [encode_case(case)], {"cases": ["set/one"]})
    (found,), about = open_pack(tmp_path / "pack.npz")
    assert about == {"cases": ["set/one"]}
    assert found.name == case.name and found.spacing_mm == case.spacing_mm and found.clip_hu == case.clip_hu
    assert np.array_equal(found.levels, case.levels) and np.array_equal(found.liver, case.liver)
    assert np.array_equal(decode_case(encode_case(case)).liver, case.liver)


@pytest.mark.parametrize("content", [b"", b"no pack at all", None])
def test_what_is_no_pack_is_a_plain_error(tmp_path, content):
    path = tmp_path / "pack.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match="is not a pack of cases"):
        open_pack(path)


def test_both_folder_layouts_are_found(tmp_path):
    write_case(tmp_path / "a" / "one")
    write_case(tmp_path / "a" / "two")
    assert [case.name for case in folder_cases(tmp_path / "a")] == ["a/one", "a/two"]
    for name in ("images", "labels"):
        (tmp_path / "b" / name).mkdir(parents=True)
    (tmp_path / "a" / "one" / "ct.nii.gz").rename(tmp_path / "b" / "images" / "x.nii.gz")
    with pytest.raises(DataError, match="has no label of the same name"):
        folder_cases(tmp_path / "b")
    (tmp_path / "a" / "one" / "liver.nii.gz").rename(tmp_path / "b" / "labels" / "x.nii.gz")
    (case,) = folder_cases(tmp_path / "b")
    assert case.name == "b/x" and case.data_set == "b"


def test_an_empty_folder_and_a_case_without_label_are_plain_errors(tmp_path):
    with pytest.raises(DataError, match="holds no cases"):
        folder_cases(tmp_path)
    write_case(tmp_path / "one")
    (tmp_path / "one" / "liver.nii.gz").unlink()
    with pytest.raises(DataError, match="has an image but no label"):
        folder_cases(tmp_path)


@pytest.mark.parametrize("direction", [(1, 0, 0, 0, 1, 0, 0, 0, 1), (-1, 0, 0, 0, -1, 0, 0, 0, 1)])
def test_packing_brings_a_case_into_patient_order(tmp_path, direction):
    write_case(tmp_path / "set" / "one", direction=direction)
    packed = pack_case(folder_cases(tmp_path / "set")[0])
    assert packed.spacing_mm == (5.0, 3.0, 3.0)
    assert packed.liver.sum() * 45 / 1000 == pytest.approx(tiny_case("x", 0).liver.sum() * 45 / 1000)
    # Left of the array's middle as written; with x and y reversed it must come out on the right.
    middle = (np.argwhere(packed.liver)[:, 2] + 0.5).mean() / packed.liver.shape[2]
    assert (middle < 0.5) == (direction[0] > 0)


def test_a_label_on_another_grid_is_refused(tmp_path):
    write_case(tmp_path / "set" / "one")
    path = str(tmp_path / "set" / "one" / "liver.nii.gz")
    label = sitk.ReadImage(path)
    sitk.WriteImage(label[:, :, 1:], path)
    with pytest.raises(DataError, match="on another grid"):
        pack_case(folder_cases(tmp_path / "set")[0])


def test_an_empty_label_is_refused(tmp_path):
    write_case(tmp_path / "set" / "one")
    path = str(tmp_path / "set" / "one" / "liver.nii.gz")
    sitk.WriteImage(sitk.ReadImage(path) * 0, path)
    with pytest.raises(DataError, match="holds no liver"):
        pack_case(folder_cases(tmp_path / "set")[0])


@requires_data
def test_the_shared_splits_do_not_overlap():
    folder = data_folder()
    train, validation = (
        {case.name for case in shared_cases(split, ["ct-btcv", "ct-lits"], folder)}
        for split in ("train", "validation")
    )
    assert len(train) == 41 and len(validation) == 8
    assert not train & validation
    assert {name.split("/")[1] for name in validation} == {"05", "11", "18", "29", "005", "012", "034", "042"}
