"""Reading a scan: NIfTI, NRRD, MetaImage or DICOM into one SimpleITK image, with what is known about it.

Voxels keep their stored type and grid; nothing is reoriented or resampled here.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Optional

import SimpleITK as sitk

from .dicom import read_dicom
from .dicom_headers import is_dicom_file
from .file_layout import metaimage_layout, nifti_layout, nrrd_layout
from .image_checks import UnsupportedImage, check_geometry, check_is_volume, header_of, voxel_to_patient
from .integrity import InputFile, check_whole, sha256_of
from .loaded_volume import LoadedVolume, intensity_warnings
from .nifti import NiftiHeader, geometry_warnings, permissive_sform, read_nifti_header, shear_in_voxels
from .nifti_numbers import check_numbers
from .output import file_suffix
from .quiet import quiet_itk

__all__ = ["LoadedVolume", "UnsupportedImage", "read_volume", "read_image_file"]

Progress = Optional[Callable[[float, str], None]]

IMAGE_FORMATS: dict[str, str] = {
    ".nii": "NIfTI",
    ".nii.gz": "NIfTI",
    ".nrrd": "NRRD",
    ".seg.nrrd": "NRRD",
    ".mha": "MetaImage",
    ".mhd": "MetaImage",
}
_ACCEPTED = ".nii, .nii.gz, .nrrd, .mha, .mhd or a DICOM folder"
_MAX_TOLERATED_SHEAR_VOXELS = 0.5


def read_volume(
    path: str | os.PathLike[str], *, series: str | int | None = None, progress: Progress = None
) -> LoadedVolume:
    """Read one 3-D scan.

    Args:
        path: A .nii, .nii.gz, .nrrd, .mha or .mhd file, a folder of DICOM files, or one file
            of a DICOM series.
        series: Which DICOM series: its number, its SeriesInstanceUID, or a part of its description that
            only one series has. A volume inside a series is named ``number:volume``.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops.

    Returns:
        The scan. At the end the process holds one copy of the voxels; at the peak, two.

    Raises:
        UnsupportedImage: With a stable id; see this library's files image_checks, nifti, file_layout,
            integrity, dicom_series, dicom_slices and dicom.
    """
    source = Path(path)
    kind = kind_of_input(source, series)
    report = progress if progress is not None else _no_progress
    report(0.0, f"Reading {source.name or source}")
    if kind == "DICOM":
        volume = read_dicom(source, series=series, progress=report)
    else:
        volume = _read_file_volume(source, kind)
    report(1.0, "Read")
    return volume


def read_image_file(
    path: Path, *, allow_layers: bool = False, minimum_slices: int = 2
) -> tuple[sitk.Image, str, list[str]]:
    """Read a .nii(.gz), .nrrd, .mha or .mhd file and prove that it is whole.

    Args:
        path: The file; its extension decides the format.
        allow_layers: Accept several values a voxel (segments that overlap).
        minimum_slices: Fewest slices to accept.

    Returns:
        The image with its metadata, the SHA-256 (hex) of its file or files, and warnings on its geometry.

    Raises:
        UnsupportedImage: As for :func:`read_volume`.
    """
    kind = IMAGE_FORMATS[file_suffix(path)]
    try:
        nifti = read_nifti_header(path) if kind == "NIfTI" else None
        files = _layout(path, kind, nifti)
        with ThreadPoolExecutor(max_workers=1) as pool, quiet_itk():
            reader, straightened = _open(path, nifti, files)
            header = header_of(reader)
            check_is_volume(header, str(path), allow_layers=allow_layers, minimum_slices=minimum_slices)
            digest = pool.submit(sha256_of, files)  # at the same time: neither holds Python's lock
            with permissive_sform() if straightened else contextlib.nullcontext():
                image = _execute(reader, path, files)
            check_whole(files, sitk.GetArrayViewFromImage(image))
            if nifti is not None:
                check_numbers(path, nifti, sitk.GetArrayViewFromImage(image))
            sha256 = digest.result()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    if image.GetDimension() == 4:
        image = image[:, :, :, 0]
    check_geometry(image, str(path))
    warnings = _geometry_warnings(path, image, nifti)
    return image, sha256, warnings


def file_metadata(path: Path) -> dict[str, str]:
    """Read the keys and values in the header of a .nii(.gz), .nrrd, .mha or .mhd scan, voxels unread.

    Raises:
        UnsupportedImage: ``unreadable-image`` and the like, and ``segmentation-given``.
    """
    kind = IMAGE_FORMATS[file_suffix(path)]
    try:
        nifti = read_nifti_header(path) if kind == "NIfTI" else None
        with quiet_itk():
            reader, _ = _open(path, nifti, _layout(path, kind, nifti))
            metadata = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    _refuse_segmentation(path, metadata)
    return metadata


def kind_of_input(path: Path, series: str | int | None = None) -> str:
    """Name the format, from the name of a file and, for DICOM, from what is inside.

    Raises:
        UnsupportedImage: ``file-not-found``, ``empty-file``, ``unsupported-format``, ``unreadable-image``;
            and ``no-such-series`` where a series is asked for of a file that holds none.
    """
    kind = _kind_of_input(path)
    if kind != "DICOM" and series is not None:
        raise UnsupportedImage(
            f"{path} is a {kind} file and holds no DICOM series; leave out --series.",
            id="no-such-series",
        )
    return kind


def _kind_of_input(path: Path) -> str:
    if path.is_dir():
        return "DICOM"
    if not path.exists():
        raise UnsupportedImage(f"{path} does not exist; check the name.", id="file-not-found", path=str(path))
    if not path.is_file():
        raise UnsupportedImage(
            f"{path} is neither a file nor a folder; give {_ACCEPTED}.", id="unsupported-format"
        )
    try:
        if path.stat().st_size == 0:
            raise UnsupportedImage(
                f"{path} is empty; copy or download it again.", id="empty-file", path=str(path)
            )
        suffix = file_suffix(path)
        if suffix in IMAGE_FORMATS:
            return IMAGE_FORMATS[suffix]
        if is_dicom_file(path):
            return "DICOM"
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    raise UnsupportedImage(
        f"{path} is of a kind that cannot be read; give {_ACCEPTED}.", id="unsupported-format", path=str(path)
    )


def _read_file_volume(path: Path, kind: str) -> LoadedVolume:
    image, sha256, warnings = read_image_file(path)
    _refuse_segmentation(path, image.GetMetaDataKeys())
    for key in image.GetMetaDataKeys():
        image.EraseMetaData(key)
    warnings += intensity_warnings(image, path.name)
    return LoadedVolume(image=image, path=path, format=kind, sha256=sha256, warnings=tuple(warnings))


def _refuse_segmentation(path: Path, keys: Iterable[str]) -> None:
    if any(key.startswith("Segment0_") for key in keys):
        raise UnsupportedImage(
            f"{path} is a segmentation, not a scan; give the scan it was drawn on.", id="segmentation-given"
        )


def _layout(path: Path, kind: str, nifti: NiftiHeader | None) -> list[InputFile]:
    if nifti is not None:
        return nifti_layout(path, nifti)
    return nrrd_layout(path) if kind == "NRRD" else metaimage_layout(path)


def _open(path: Path, nifti: NiftiHeader | None, files: list[InputFile]) -> tuple[sitk.ImageFileReader, bool]:
    """Have ITK read the header; say whether a NIfTI with a harmless trace of shear had to be straightened."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        if "orthonormal" not in str(error) or nifti is None:
            check_whole(files)  # knows the better reason if the file is damaged
            raise _unreadable(path, "ITK finds no image in it") from error
        shear = shear_in_voxels(nifti)
        if not math.isfinite(shear):
            raise UnsupportedImage(
                f"{path} does not say where its voxels lie (its sform is empty or not a number); "
                "convert it again from the original DICOM.",
                id="bad-geometry",
                path=str(path),
            ) from error
        if shear > _MAX_TOLERATED_SHEAR_VOXELS:
            raise UnsupportedImage(
                f"The axes of {path} are not at right angles (gantry tilt or shear); resample it onto a "
                "rectangular "
                "grid first, for instance in 3D Slicer.",
                id="sheared-geometry",
                path=str(path),
            ) from error
        with permissive_sform():
            reader.ReadImageInformation()
        return reader, True
    return reader, False


def _execute(reader: sitk.ImageFileReader, path: Path, files: list[InputFile]) -> sitk.Image:
    """Read the voxels; if ITK fails, the check of the files knows the better reason."""
    try:
        return reader.Execute()
    except (RuntimeError, MemoryError) as error:
        check_whole(files)
        raise _unreadable(path, "its voxels are damaged or cut off") from error


def _geometry_warnings(path: Path, image: sitk.Image, nifti: NiftiHeader | None) -> list[str]:
    if nifti is not None:
        return geometry_warnings(nifti, voxel_to_patient(image), path.name)
    if IMAGE_FORMATS[file_suffix(path)] == "NRRD" and not image.HasMetaDataKey("NRRD_space"):
        return [
            f"{path.name} states no orientation (no NRRD space): left, right, front and back are assumed."
        ]
    return []


def _unreadable(path: Path, reason: str) -> UnsupportedImage:
    return UnsupportedImage(
        f"{path} cannot be read ({reason}); check the file or its permissions.",
        id="unreadable-image",
        path=str(path),
    )


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
