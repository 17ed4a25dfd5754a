"""Reading one volume from DICOM files: find the series, check it, read it in order of position."""

from __future__ import annotations

import base64
import hashlib
import struct
from pathlib import Path
from typing import Callable

import numpy as np
import SimpleITK as sitk

from .dicom_headers import (
    IMAGE_TYPE,
    MODALITY,
    RESCALE_INTERCEPT,
    RESCALE_TYPE,
    SERIES_DESCRIPTION,
    SliceHeader,
    dicom_files_beside,
    dicom_files_under,
    read_slice_headers,
)
from .dicom_series import DicomSeries, choose_series, group_series
from .dicom_slices import SliceGrid, arrange_slices
from .image_checks import UnsupportedImage
from .loaded_volume import LoadedVolume, intensity_warnings, lossless_int16
from .quiet import quiet_itk

# Attributes kept for later decisions on protocol and provenance. None of them names a person.
_KEPT_TAGS = {
    "Modality": MODALITY,
    "ImageType": IMAGE_TYPE,
    "SeriesNumber": "0020|0011",
    "SeriesDescription": SERIES_DESCRIPTION,
    "Manufacturer": "0008|0070",
    "ManufacturerModelName": "0008|1090",
    "ContrastBolusAgent": "0018|0010",
    "SliceThickness": "0018|0050",
    "KVP": "0018|0060",
    "EchoTime": "0018|0081",
    "ConvolutionKernel": "0018|1210",
    "MultienergyCTAcquisition": "0018|9361",
    "MonoenergeticEnergyEquivalent": "0018|937c",
    "RescaleType": RESCALE_TYPE,
    "PixelPaddingValue": "0028|0120",
}

_SCANS = {"CT", "MR"}
_UNSTATED_MODALITIES = {"", "OT"}

# Words of ImageType or RescaleType that mark a map of something other than attenuation or signal.
_MAP_WORDS = {
    "IODINE",
    "VNC", "VUE", "VIRTUAL_NON_CONTRAST", "ZEFF", "Z_EFF", "EFF_ATOMIC_NUM", "ELECTRON_DENSITY", "ED",
    "MAT_SPECIFIC",
    "MAT_REMOVED", "MAT_FRACTIONAL", "MAT_VALUE_BASED", "MGML", "PERFUSION", "ADC", "FA", "PHASE MAP",
}  # fmt: skip
_PROJECTION_WORDS = {"MIP", "MINIP", "MPROJECTION", "PROJECTION IMAGE", "MAX_IP", "MIN_IP", "VOLUME_RENDER"}

_SHARE_OF_HEADERS = 0.3  # of the progress


def read_dicom(
    source: Path, *, series: str | int | None, progress: Callable[[float, str], None]
) -> LoadedVolume:
    """Read one DICOM volume.

    Args:
        source: A folder (subfolders are searched too), or one file of a series.
        series: See ``choose_series``.
        progress: Called often; may raise to stop.

    Returns:
        The volume; slices ordered along row x column.

    Raises:
        UnsupportedImage: ``no-dicom``, ``unreadable-image``, ``unsupported-modality``, ``localizer``, and
            those of ``choose_series`` and ``arrange_slices``.
    """
    chosen, warnings = find_dicom_series(source, series=series, progress=progress)
    name = f"Series {chosen.number or chosen.uid} '{chosen.description}'"
    meaning_warnings = _check_meaning(chosen, name)
    grid = arrange_slices(chosen.slices, name)
    image, sha256 = _read_slices(grid, lambda share: progress(_between(share), "Reading slices"))
    warnings += meaning_warnings + list(grid.warnings)
    if chosen.modality != "MR":
        warnings += intensity_warnings(image, name)
    return LoadedVolume(
        image=image,
        path=source,
        format="DICOM",
        sha256=sha256,
        modality=chosen.modality or None,
        series_description=chosen.description or None,
        warnings=tuple(warnings),
        tags=_kept_tags(grid.slices[0]),
    )


def find_dicom_series(
    source: Path, *, series: str | int | None, progress: Callable[[float, str], None]
) -> tuple[DicomSeries, list[str]]:
    """Find one series or volume by its headers, voxels unread.

    Args:
        source, series, progress: As for ``read_dicom``.

    Returns:
        The series, and warnings on what was left out.

    Raises:
        UnsupportedImage: ``no-dicom``, ``unreadable-image`` and those of ``choose_series``.
    """
    headers, warnings = _find_slices(source, progress)
    found, copy_warnings = group_series(headers)
    chosen, choice_warnings = choose_series(found, series, source)
    return chosen, warnings + copy_warnings + choice_warnings


def _find_slices(source: Path, progress: Callable[[float, str], None]) -> tuple[list[SliceHeader], list[str]]:
    try:
        paths = dicom_files_under(source) if source.is_dir() else dicom_files_beside(source)
    except OSError as error:
        raise UnsupportedImage(
            f"{source} cannot be read ({error.strerror or error}); check its permissions.",
            id="unreadable-image",
        ) from error
    if not paths:
        raise UnsupportedImage(
            f"{source} holds no DICOM files; give the folder of one scan, or a .nii.gz, .nrrd or .mha file.",
            id="no-dicom",
            path=str(source),
        )
    count = len(paths)
    headers, without_image = read_slice_headers(
        paths, lambda done: progress(_SHARE_OF_HEADERS * done / count, "Looking through DICOM files")
    )
    if not headers or source in without_image:
        raise UnsupportedImage(
            f"{source} holds no DICOM image that can be read; it is damaged or holds reports only.",
            id="unreadable-image",
            path=str(source),
        )
    warnings: list[str] = []
    if without_image:
        names = ", ".join(path.name for path in without_image[:3]) + (
            " ..." if len(without_image) > 3 else ""
        )
        warnings.append(
            f"{len(without_image)} of {count} DICOM files hold no readable image (reports, or damaged "
            "slices) and were "
            f"left out: {names}."
        )
    return headers, warnings


def _check_meaning(series: DicomSeries, name: str) -> list[str]:
    """Refuse or warn of series whose values are not those of a CT or MR scan."""
    if series.is_localizer:
        raise UnsupportedImage(
            f"{name} is a localizer (scout, topogram), not a scan; choose the series of axial slices.",
            id="localizer",
        )
    first = series.slices[0]
    warnings = []
    if series.modality in _UNSTATED_MODALITIES:
        warnings.append(f"{name} does not state its modality; CT or MR is assumed.")
    elif series.modality not in _SCANS:
        raise UnsupportedImage(
            f"{name} is of modality {series.modality}; give a CT or MR series.",
            id="unsupported-modality",
            modality=series.modality,
        )
    image_type = first.text(IMAGE_TYPE)
    words = {word.strip().upper() for word in f"{image_type}\\{first.text(RESCALE_TYPE)}".split("\\")}
    if words & _MAP_WORDS:
        warnings.append(
            f"{name} is a derived map ({', '.join(sorted(words & _MAP_WORDS))}), not an ordinary image."
        )
    if words & _PROJECTION_WORDS:
        warnings.append(
            f"{name} is a projection ({image_type}), whose slices overlap; volumes from it are wrong."
        )
    if series.modality == "CT" and not first.text(RESCALE_INTERCEPT):
        warnings.append(f"{name} has no rescale intercept; its values may not be Hounsfield units.")
    return warnings


def _read_slices(grid: SliceGrid, report: Callable[[float], None]) -> tuple[sitk.Image, str]:
    """Read the slices into one image, and the SHA-256 of their files in that order.

    Where rescaling differs between slices, the type that holds all values is taken.
    """
    first = grid.slices[0]
    shape = (len(grid.slices), first.rows, first.columns)
    volume: np.ndarray | None = None
    digest = hashlib.sha256()
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    for index, header in enumerate(grid.slices):
        report(index / len(grid.slices))
        reader.SetFileName(str(header.path))
        try:
            digest.update(header.path.read_bytes())
            with quiet_itk():
                image = reader.Execute()
        except (RuntimeError, OSError) as error:
            raise UnsupportedImage(
                f"{header.path} cannot be read (damaged, or compressed in an unknown way); copy the series "
                "again.",
                id="unreadable-image",
                path=str(header.path),
            ) from error
        pixels = sitk.GetArrayViewFromImage(image).reshape(shape[1:])
        dtype = np.dtype(np.float32) if pixels.dtype.kind == "f" else pixels.dtype
        if volume is None:
            volume = np.empty(shape, dtype)
        elif volume.dtype != dtype:
            volume = volume.astype(np.promote_types(volume.dtype, dtype), copy=False)
        volume[index] = pixels
    assert volume is not None
    result = sitk.GetImageFromArray(volume)
    del volume
    if result.GetPixelID() in (sitk.sitkInt32, sitk.sitkInt64):
        result = lossless_int16(result)
    result.SetOrigin(grid.origin_mm)
    result.SetSpacing(grid.spacing_mm)
    result.SetDirection(grid.direction)
    return result, digest.hexdigest()


def _kept_tags(header: SliceHeader) -> dict[str, str]:
    kept = {keyword: header.text(tag) for keyword, tag in _KEPT_TAGS.items() if header.text(tag)}
    for keyword, decode in _YOUNGER_THAN_GDCM.items():
        if keyword in kept:
            kept[keyword] = decode(kept[keyword])
    return kept


def _text_of_bytes(value: str) -> str:
    """GDCM gives an attribute that it does not know, in a file without types, as base64."""
    return (
        value if value in ("YES", "NO") else base64.b64decode(value).decode("ascii", "replace").strip(" \0")
    )


def _number_of_bytes(value: str) -> str:
    """As above, for a double; a number in plain text stays as it is."""
    if value.endswith("=") and len(value) == 12:
        return f"{struct.unpack('<d', base64.b64decode(value))[0]:g}"
    return value


_YOUNGER_THAN_GDCM = {
    "MultienergyCTAcquisition": _text_of_bytes,
    "MonoenergeticEnergyEquivalent": _number_of_bytes,
}


def _between(share: float) -> float:
    return _SHARE_OF_HEADERS + (1 - _SHARE_OF_HEADERS) * share
