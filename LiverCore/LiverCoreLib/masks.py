"""Masks and segmentations: .seg.nrrd as 3D Slicer writes it, and plain labelmaps."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from .errors import LiverCNNError
from .image_checks import UnsupportedImage, voxel_to_patient
from .image_writing import write_image
from .images import IMAGE_FORMATS, read_image_file
from .output import file_suffix
from .segmentation_header import (
    ReferenceGeometry,
    parse_reference_geometry,
    parse_segments,
    segmentation_fields,
)
from .terminology import LIVER, Code, SegmentInfo

__all__ = ["LIVER", "Code", "MaskError", "SegmentInfo", "list_segments", "read_mask", "write_mask"]

_SAME_GRID_VOXELS = 1e-3
_LABEL_COLOUR = (128, 174, 128)


class MaskError(LiverCNNError):
    """The file is an image but not the mask that was asked for."""

    id = "not-a-mask"


def write_mask(
    mask: sitk.Image,
    path: str | os.PathLike[str],
    *,
    segment: SegmentInfo = LIVER,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a mask on its own grid.

    Args:
        mask: 3-D integer image; every voxel that is not 0 belongs to the segment.
        path: ``.seg.nrrd`` keeps name, colour and terminology for Slicer; ``.nrrd``, ``.nii``, ``.nii.gz``
            and ``.mha`` keep a labelmap whose voxels are 0 and ``segment.label_value``.
        segment: What the mask shows.
        metadata: More texts for the header (provenance); NRRD and MetaImage keep them, NIfTI cannot.

    Raises:
        OutputError: If it cannot be written; nothing is left behind.
        ValueError: If the mask is not a 3-D integer image or the label does not fit a byte.
    """
    labelmap = _as_labelmap(mask, segment.label_value)
    fields: dict[str, str] = dict(metadata or {})
    if file_suffix(path) == ".seg.nrrd":
        box = _bounding_box(sitk.GetArrayViewFromImage(labelmap))
        fields.update(segmentation_fields(segment, box, voxel_to_patient(labelmap), labelmap.GetSize()))
    write_image(labelmap, path, metadata=fields)


def read_mask(path: str | os.PathLike[str], *, segment: str | int | None = None) -> sitk.Image:
    """Read a mask or a labelmap.

    A .seg.nrrd that was cropped on saving is put back on the grid of its scan where the file names it.

    Args:
        path: .seg.nrrd, .nrrd, .nii, .nii.gz, .mha or .mhd.
        segment: A segment's name or id (.seg.nrrd, upper and lower case alike), or a label value (any
            file). None: the only segment of a .seg.nrrd, else all labels.

    Returns:
        With ``segment``, or from a .seg.nrrd with one segment: uint8, 0 and 1. Otherwise the labelmap,
        uint8 where the labels fit, with the label values of the file.

    Raises:
        MaskError: ``not-a-mask``, ``no-such-segment``, ``several-segments`` (they overlap: one must be named)
            or ``no-segments``.
        UnsupportedImage: If the file cannot be read.
    """
    image, segments, reference = _read_segmentation(Path(path))
    if segment is not None:
        mask = _one_segment(image, segments, segment, path)
    elif len(segments) == 1:
        mask = _layer(image, segments[0].layer, path) == segments[0].label_value
    elif image.GetNumberOfComponentsPerPixel() == 1:
        mask = _compact(image, path)
    else:
        names = ", ".join(one.name for one in segments)
        raise MaskError(
            f"{path} holds {len(segments)} segments that may overlap; name one of them: {names}.",
            id="several-segments",
        )
    return _on_reference_grid(mask, reference)


def list_segments(path: str | os.PathLike[str]) -> tuple[SegmentInfo, ...]:
    """List what a file holds: the segments of a .seg.nrrd, or the labels of a labelmap as ``Label N``.

    Raises:
        MaskError: ``not-a-mask`` if the values are no labels.
        UnsupportedImage: If the file cannot be read.
    """
    image, segments, _ = _read_segmentation(Path(path))
    if segments or image.GetNumberOfComponentsPerPixel() > 1:
        return segments
    labels = _labels_in(_compact(image, path))
    return tuple(SegmentInfo(f"Label {label}", _LABEL_COLOUR, label_value=label) for label in labels)


def _read_segmentation(path: Path) -> tuple[sitk.Image, tuple[SegmentInfo, ...], ReferenceGeometry | None]:
    if not path.is_dir() and not path.exists():
        raise UnsupportedImage(f"{path} does not exist; check the name.", id="file-not-found", path=str(path))
    if path.is_dir() or file_suffix(path) not in IMAGE_FORMATS:
        raise UnsupportedImage(
            f"{path} is no mask that can be read; give a .seg.nrrd, .nrrd, .nii, .nii.gz or .mha file.",
            id="unsupported-format",
            path=str(path),
        )
    if path.is_file() and path.stat().st_size == 0:
        raise UnsupportedImage(
            f"{path} is empty; copy or download it again.", id="empty-file", path=str(path)
        )
    image, _, _ = read_image_file(path, allow_layers=True, minimum_slices=1)
    fields = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    segments = parse_segments(fields)
    if image.GetNumberOfComponentsPerPixel() > 1 and not segments:
        raise MaskError(
            f"{path} has {image.GetNumberOfComponentsPerPixel()} values a voxel but names no segments; give "
            "a mask with "
            "one value a voxel.",
            id="no-segments",
        )
    for key in fields:
        image.EraseMetaData(key)
    return image, segments, parse_reference_geometry(fields)


def _one_segment(
    image: sitk.Image, segments: Sequence[SegmentInfo], wanted: str | int, path: object
) -> sitk.Image:
    """Return one segment, by name, id or label value, as 0 and 1."""
    text = str(wanted).strip().lower()
    found: list[SegmentInfo] = [one for one in segments if text in (one.name.lower(), one.id.lower())]
    if not found and text.isdigit():
        found = [one for one in segments if one.label_value == int(text)]
        if not segments:
            labelmap = _compact(image, path)
            if (sitk.GetArrayViewFromImage(labelmap) == int(text)).any():
                return labelmap == int(text)
    if len(found) == 1:
        return _layer(image, found[0].layer, path) == found[0].label_value
    if found:
        raise MaskError(
            f"{path} holds {len(found)} segments called '{wanted}'; give the id of one: "
            + ", ".join(one.id for one in found)
            + ".",
            id="several-segments",
        )
    known = ", ".join(f"{one.name} ({one.label_value})" for one in segments)
    if not segments:
        known = ", ".join(map(str, _labels_in(_compact(image, path)))) or "none, it is empty"
    raise MaskError(f"{path} holds no segment or label '{wanted}'; it holds: {known}.", id="no-such-segment")


def _layer(image: sitk.Image, layer: int, path: object) -> sitk.Image:
    count = image.GetNumberOfComponentsPerPixel()
    if not 0 <= layer < count:
        raise MaskError(
            f"{path} names layer {layer} but holds {count}; save it again in 3D Slicer.", id="not-a-mask"
        )
    return image if count == 1 else sitk.VectorIndexSelectionCast(image, layer)


def _compact(image: sitk.Image, path: object) -> sitk.Image:
    """Return whole, non-negative labels in the smallest of uint8, uint16 and uint32 that holds them."""
    values = sitk.GetArrayViewFromImage(image)
    lowest, highest = values.min(), values.max()
    is_whole = values.dtype.kind in "iu" or bool(
        np.isfinite(lowest + highest) and (values == np.floor(values)).all()
    )
    if not is_whole or lowest < 0 or highest > np.iinfo(np.uint32).max:
        raise MaskError(
            f"{path} holds values from {lowest:g} to {highest:g} that are no labels; give a mask, or "
            "threshold it first.",
            id="not-a-mask",
        )
    for pixel_type, limit in ((sitk.sitkUInt8, 255), (sitk.sitkUInt16, 65535), (sitk.sitkUInt32, 2**32 - 1)):
        if highest <= limit:
            return image if image.GetPixelID() == pixel_type else sitk.Cast(image, pixel_type)
    raise AssertionError("unreachable: highest was checked above")


def _labels_in(labelmap: sitk.Image) -> list[int]:
    return [int(value) for value in np.unique(sitk.GetArrayViewFromImage(labelmap)) if value]


def _on_reference_grid(mask: sitk.Image, reference: ReferenceGeometry | None) -> sitk.Image:
    """Pad or crop to the grid of the scan where both are the same lattice; never cut a labelled voxel off."""
    if reference is None:
        return mask
    from_reference = np.linalg.solve(reference.voxel_to_lps, voxel_to_patient(mask))
    size = np.array(mask.GetSize())
    shift = np.round(from_reference[:3, 3])
    wrong_by = np.abs(from_reference[:3, :3] - np.eye(3)) @ size + np.abs(from_reference[:3, 3] - shift)
    if wrong_by.max() > _SAME_GRID_VOXELS * max(1.0, float(size.max())):
        return mask  # drawn on another grid than that of the scan: its own is the right one
    first = np.array(reference.extent[::2]) - shift.astype(int)
    last = np.array(reference.extent[1::2]) - shift.astype(int)
    box = _bounding_box(sitk.GetArrayViewFromImage(mask))
    if box is not None:
        first = np.minimum(first, box[::2])
        last = np.maximum(last, box[1::2])
    lower, upper = np.maximum(-first, 0), np.maximum(last - (size - 1), 0)
    if lower.any() or upper.any():
        mask = sitk.ConstantPad(mask, [int(n) for n in lower], [int(n) for n in upper], 0)
    start = np.maximum(first, 0)
    count = last - first + 1
    if start.any() or (count < mask.GetSize()).any():
        mask = sitk.RegionOfInterest(mask, [int(n) for n in count], [int(n) for n in start])
    return mask


def _as_labelmap(mask: sitk.Image, label: int) -> sitk.Image:
    if mask.GetDimension() != 3 or mask.GetNumberOfComponentsPerPixel() != 1:
        raise ValueError(f"A mask is a 3-D image with one value a voxel, found {mask.GetDimension()}-D.")
    if not 1 <= label <= 255:
        raise ValueError(f"A label value is 1 to 255, found {label}.")
    values = sitk.GetArrayViewFromImage(mask)
    if values.dtype.kind not in "iu":
        raise ValueError(f"A mask holds integers, found {values.dtype}; threshold it first.")
    if mask.GetPixelID() == sitk.sitkUInt8 and label == 1 and (values.size == 0 or values.max() <= 1):
        return mask
    return (mask != 0) * label


def _bounding_box(values: np.ndarray) -> tuple[int, ...] | None:
    """First and last index of non-zero voxels along x, y, z, or None. ``values`` is (z, y, x)."""
    bounds: list[int] = []
    plane = np.any(values, axis=0)
    for used in (np.any(plane, axis=0), np.any(plane, axis=1), np.any(values, axis=(1, 2))):
        indices = np.flatnonzero(used)
        if indices.size == 0:
            return None
        bounds += [int(indices[0]), int(indices[-1])]
    return tuple(bounds)
