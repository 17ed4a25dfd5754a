"""Which scans lie in a folder and its subfolders, and what to call them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from LiverCoreLib.dicom_headers import is_dicom_file, read_slice_headers
from LiverCoreLib.dicom_series import DicomSeries, group_series
from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.image_checks import UnsupportedImage
from LiverCoreLib.images import IMAGE_FORMATS
from LiverCoreLib.output import file_suffix

_SEGMENTATION = ".seg.nrrd"


class NoScans(LiverCNNError):
    """A folder in which there is nothing to segment."""

    id = "no-scans"


@dataclass(frozen=True)
class FolderScan:
    """A scan. name: unlike all others of the folder, fit for a file. path: file, or folder of DICOM files.
    series: SeriesInstanceUID where the folder may hold others. problem: why it cannot be read, or None.
    distinct_name: the name to take where ``name`` is that of another, too.
    """

    name: str
    path: Path
    series: str | None = None
    problem: LiverCNNError | None = None
    distinct_name: str = ""


def find_scans(folder: Path, each: Callable[[], None] | None = None) -> list[FolderScan]:
    """Find image files (but .seg.nrrd) and DICOM series, sorted by their place.

    A scan is called by its folders below ``folder`` and its own name, joined by ``_``. Hidden files and
    folders are passed over, and so are DICOM series that can be no scan (a localizer, a single picture) where
    a folder holds others.

    Args:
        folder: Where to look.
        each: Called often; may raise to stop.

    Raises:
        NoScans: If there is none, or no such folder.
    """
    if not folder.is_dir():
        raise NoScans(f"The folder {folder} does not exist; choose another one.", folder=str(folder))
    found = [scan for place, names in _folders(folder) for scan in _in_folder(folder, place, names, each)]
    if not found:
        raise NoScans(
            f"No scan was found in {folder}; it must hold .nii, .nii.gz, .nrrd, .mha or .mhd files, or DICOM "
            "files.",
            folder=str(folder),
        )
    uses = Counter(scan.name for scan in found)
    return [scan if uses[scan.name] == 1 else replace(scan, name=scan.distinct_name) for scan in found]


def _folders(folder: Path) -> Iterator[tuple[Path, list[str] | OSError]]:
    """Every folder with the names of its files, or why it cannot be read."""
    problems: list[OSError] = []
    for place, below, names in os.walk(folder, onerror=problems.append):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield Path(place), sorted(name for name in names if not name.startswith("."))
    for problem in problems:
        yield Path(problem.filename), problem


def _in_folder(
    root: Path, place: Path, names: list[str] | OSError, each: Callable[[], None] | None
) -> Iterator[FolderScan]:
    prefix = "_".join(place.relative_to(root).parts)
    if isinstance(names, OSError):
        reason = f"{place} cannot be read ({names.strerror or names}); check its permissions."
        problem = UnsupportedImage(reason, id="unreadable-image", path=str(place))
        yield FolderScan(prefix or root.name, place, problem=problem, distinct_name=f"{prefix}_folder")
        return
    slices = []
    for name in names:
        if each is not None:
            each()
        suffix = file_suffix(name)
        if suffix in IMAGE_FORMATS:
            if suffix != _SEGMENTATION:
                stem = name[: -len(suffix)]
                yield FolderScan(_joined(prefix, stem), place / name, distinct_name=_joined(prefix, name))
        elif _is_dicom(place / name):
            slices.append(place / name)
    if slices:
        yield from _series(place, prefix or root.resolve().name, slices, each)


def _is_dicom(path: Path) -> bool:
    try:
        return path.is_file() and is_dicom_file(path)
    except OSError:  # not ours to read
        return False


def _series(
    place: Path, name: str, slices: list[Path], each: Callable[[], None] | None
) -> Iterator[FolderScan]:
    headers, _without_image = read_slice_headers(slices, lambda done: each() if each is not None else None)
    series, _warnings = group_series(headers)
    possible = [one for one in series if one.may_be_volume]
    if not possible:  # reading it says why
        yield FolderScan(name, place, distinct_name=f"{name}_dicom")
    for one in possible:
        own = f"{name}_{one.number or one.uid}" if len(possible) > 1 else name
        yield FolderScan(own, place, one.uid or None, distinct_name=_distinct(own, one))


def _distinct(name: str, series: DicomSeries) -> str:
    return f"{name}_{series.uid}" if series.uid else f"{name}_dicom"


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}_{name}" if prefix else name
