"""NIfTI files without a number in them, which ITK reads as zeros."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.image_checks import UnsupportedImage
from LiverCoreLib.images import read_volume


def write(path: Path, values: np.ndarray) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(values), str(path))
    return path


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_file_without_a_number_says_so(tmp_path: Path, name: str, kind: type, value: float) -> None:
    path = write(tmp_path / name, np.full((3, 4, 5), value, kind))
    with pytest.raises(UnsupportedImage, match="all are NaN or infinite") as caught:
        read_volume(path)
    assert caught.value.id == "not-finite"


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_zeros_are_numbers(tmp_path: Path, name: str) -> None:
    values = np.full((3, 4, 5), np.nan, np.float32)
    values[2, 3, 4] = 0  # the last one
    assert not sitk.GetArrayFromImage(read_volume(write(tmp_path / name, values)).image).any()
    read_volume(write(tmp_path / name, np.zeros((3, 4, 5), np.int16)))


def test_a_big_endian_file_is_read_as_such(tmp_path: Path) -> None:
    nan = write(tmp_path / "nan.nii", np.full((3, 4, 5), np.nan, np.float32)).read_bytes()
    header = np.frombuffer(nan[:348], dtype=np.uint8).copy()
    sizes = [(0, 4, 1), (40, 2, 8), (70, 2, 2), (76, 4, 8), (108, 4, 3), (252, 2, 2), (256, 4, 18)]
    for start, size, count in sizes:
        part = header[start : start + size * count].reshape(count, size)
        part[:] = part[:, ::-1].copy()
    swapped = np.frombuffer(nan[352:], dtype="<f4").astype(">f4").tobytes()
    (tmp_path / "big.nii").write_bytes(header.tobytes() + nan[348:352] + swapped)
    with pytest.raises(UnsupportedImage) as caught:
        read_volume(tmp_path / "big.nii")
    assert caught.value.id == "not-finite"
