"""Real DICOM files for tests, written slice by slice through GDCM, with any attribute a test needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.images import LoadedVolume, UnsupportedImage, read_volume

STUDY = "1.2.826.0.1.3680043.10.1"
TAGS = {
    "SpecificCharacterSet": "0008|0005",
    "ImageType": "0008|0008",
    "SOPInstanceUID": "0008|0018",
    "AcquisitionTime": "0008|0032",
    "Modality": "0008|0060",
    "SeriesDescription": "0008|103e",
    "PatientName": "0010|0010",
    "KVP": "0018|0060",
    "EchoTime": "0018|0081",
    "GantryDetectorTilt": "0018|1120",
    "ConvolutionKernel": "0018|1210",
    "SeriesInstanceUID": "0020|000e",
    "StudyInstanceUID": "0020|000d",
    "SeriesNumber": "0020|0011",
    "AcquisitionNumber": "0020|0012",
    "InstanceNumber": "0020|0013",
    "ImagePositionPatient": "0020|0032",
    "ImageOrientationPatient": "0020|0037",
    "TemporalPositionIdentifier": "0020|0100",
    "RescaleIntercept": "0028|1052",
    "RescaleSlope": "0028|1053",
    "RescaleType": "0028|1054",
}


def slice_pixels(index: int, rows: int = 6, columns: int = 8) -> np.ndarray:
    """HU that name their slice: 100 x index + position in the slice."""
    return (100 * index + np.arange(rows * columns).reshape(rows, columns)).astype(np.int16)


def write_slice(
    path: Path, pixels: np.ndarray, *, spacing=(0.7, 0.8), compress: bool = False, **tags: Any
) -> Path:
    """Write one DICOM file; ``spacing`` is (between columns, between rows), the rest attributes."""
    image = sitk.GetImageFromArray(pixels, isVector=pixels.ndim == 3)
    image.SetSpacing(spacing)
    for keyword, value in tags.items():
        text = "\\".join(map(str, value)) if isinstance(value, tuple) else str(value)
        image.SetMetaData(TAGS[keyword], text)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.SetUseCompression(compress)
    writer.SetImageIO("GDCMImageIO")
    writer.SetFileName(str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.Execute(image)
    return path


def write_series(
    folder: Path,
    *,
    number: int = 4,
    heights=tuple(3.0 * k for k in range(5)),
    orientation=(1, 0, 0, 0, 1, 0),
    origin=(-100.0, -50.0, 20.0),
    description="Abdomen portal 3.0",
    first_file: int = 0,
    pixels=slice_pixels,
    **tags: Any,
) -> list[Path]:
    """Write a CT series whose slices lie at ``heights`` along the normal above ``origin``."""
    normal = np.cross(orientation[:3], orientation[3:])
    paths = []
    for index, height in enumerate(heights):
        defaults = {
            "Modality": "CT",
            "ImageType": ("ORIGINAL", "PRIMARY", "AXIAL"),
            "StudyInstanceUID": STUDY,
            "SeriesInstanceUID": f"{STUDY}.{number}",
            "SOPInstanceUID": f"{STUDY}.{number}.{first_file + index + 1}",
            "SeriesNumber": number,
            "InstanceNumber": first_file + index + 1,
            "SeriesDescription": description,
            "ImagePositionPatient": tuple(np.round(np.asarray(origin) + height * normal, 6)),
            "ImageOrientationPatient": tuple(np.round(orientation, 9)),
        }
        here = {key: value(index) if callable(value) else value for key, value in tags.items()}
        name = f"{number}_{first_file + index:03d}.dcm"
        paths.append(write_slice(folder / name, pixels(index), **{**defaults, **here}))
    return paths


def patch(paths: list[Path], old: bytes, new: bytes) -> None:
    """Change what GDCM does not write: replace bytes that occur once in each file."""
    for path in paths:
        content = path.read_bytes()
        assert content.count(old) == 1
        path.write_bytes(content.replace(old, new))


def refusal(path, **options) -> UnsupportedImage:
    """Read what must be refused: the error is one plain sentence."""
    with pytest.raises(UnsupportedImage) as caught:
        read_volume(path, **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    return caught.value


def values(volume: LoadedVolume) -> np.ndarray:
    """The voxels, (z, y, x)."""
    return sitk.GetArrayFromImage(volume.image)
