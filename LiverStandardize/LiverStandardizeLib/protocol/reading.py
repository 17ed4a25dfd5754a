"""What a file or folder says of its reconstruction, besides its voxels.

Read are: DICOM headers, of one slice of the series, with the nested and private elements of
``dicom_elements``; a JSON file of the same name beside an image (``ct.nii.gz`` and ``ct.json``, as dcm2niix
writes it, with DICOM keywords as keys; or the DICOM JSON model); and the header of a NRRD or MetaImage
file, whose free keys count if they are DICOM keywords or tags: Slicer's NRRD writer stores a volume node's
attributes under their names (so ``DICOM.ConvolutionKernel``; vtkMRMLNRRDStorageNode), ITK's the tags of
DICOM files (``0018|1210``). File and folder names are not read: people write what they like.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from LiverCoreLib.dicom import find_dicom_series
from LiverCoreLib.dicom_headers import SERIES_DESCRIPTION, read_slice_headers
from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.image_checks import UnsupportedImage
from LiverCoreLib.images import file_metadata, kind_of_input
from LiverCoreLib.output import file_suffix

from .dicom_elements import hidden_attributes

_LARGEST_SIDECAR_BYTES = 16_000_000


class BadSidecar(LiverCNNError):
    """The JSON file beside an image cannot be read."""

    id = "bad-sidecar"


@dataclass(frozen=True)
class Headers:
    """Headers by their keys as they were written, what to call the scan, and where they come from."""

    values: dict[str, Any]
    name: str
    origin: str


def read_headers(path: Path, series: str | int | None, progress: Callable[[float, str], None]) -> Headers:
    """Read the headers of a scan, not its voxels.

    Raises:
        UnsupportedImage: The file cannot be read or the series not be chosen, as for ``read_volume``.
        BadSidecar: There is a JSON file beside the image, and it holds no object.
    """
    kind = kind_of_input(path, series)
    if kind == "DICOM":
        return _dicom_headers(path, series, progress)
    values = file_metadata(path)
    sidecar = path.with_name(path.name[: -len(file_suffix(path))] + ".json")
    if not sidecar.is_file():
        return Headers(dict(values), path.name, f"the header of {path.name}")
    # Under keys of their own: where both say something different, both are to be seen.
    stated = {f"DICOM.{key}": value for key, value in _read_sidecar(sidecar).items()}
    return Headers({**values, **stated}, path.name, sidecar.name)


def read_dicom_file(path: Path) -> Headers:
    """Read the headers of one DICOM file; the others of its series are not looked for.

    Raises:
        UnsupportedImage: ``unreadable-image``: GDCM finds no image in it.
        OSError: The file cannot be read.
    """
    found, _unread = read_slice_headers([path], each=lambda done: None)
    if not found:
        raise UnsupportedImage(
            f"{path} holds no DICOM image that can be read; import the series again.", id="unreadable-image"
        )
    tags = found[0].tags
    name = f"Series {tags.get('0020|0011', '')} '{tags.get(SERIES_DESCRIPTION, '')}'"
    return Headers(_all_tags(tags, path), name, "DICOM headers")


def _dicom_headers(path: Path, series: str | int | None, progress: Callable[[float, str], None]) -> Headers:
    chosen, _ = find_dicom_series(path, series=series, progress=progress)
    first = min(chosen.slices, key=lambda one: one.path)
    name = f"Series {chosen.number or chosen.uid} '{chosen.description}'"
    return Headers(_all_tags(first.tags, first.path), name, "DICOM headers")


def _all_tags(tags: Mapping[str, str], path: Path) -> dict[str, Any]:
    """The tags that GDCM gave of a file, and those that it does not give."""
    # GDCM hands out what it does not know as base64 where a file states no types: our own reading is better.
    given = {key: value for key, value in tags.items() if key not in ("0018|937c", "0018|9361")}
    return {**given, **hidden_attributes(path)}


def _read_sidecar(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_SIDECAR_BYTES:
            raise ValueError("too large")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadSidecar(
            f"{path} cannot be read ({error.strerror or error}); check its permissions.", path=str(path)
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadSidecar(
            f"{path}, beside the image, is not a JSON file that can be read; correct or remove it.",
            path=str(path),
        ) from error
    if not isinstance(content, dict):
        raise BadSidecar(
            f"{path}, beside the image, holds no keys with values; correct or remove it.", path=str(path)
        )
    return content
