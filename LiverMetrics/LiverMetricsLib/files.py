"""Comparing masks that are in files: labelmaps by value, .seg.nrrd by segment name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Optional, Union

import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.masks import MaskError, list_segments, read_mask
from LiverCoreLib.output import file_suffix

from .arguments import check_arguments
from .comparison import Comparison
from .engine import compare, labels_in
from .pairing import GeometryMismatch, UnsupportedMask

PathLike = Union[str, Path]
Progress = Optional[Callable[[float, str], None]]


class LabelAbsent(LiverCNNError):
    """A labelmap holds labels, but not the one asked for."""

    id = "no-such-label"


@dataclass(frozen=True)
class _Item:
    """One thing to compare: in a .seg.nrrd found by segment (None: the only one), in a labelmap by label."""

    name: str
    segment: str | int | None
    test_segment: str | int | None
    label: int
    test_label: int


def compare_files(
    reference: PathLike,
    test: PathLike,
    *,
    labels: Sequence[int] = (),
    segments: Sequence[str] = (),
    test_label: int | None = None,
    tolerance_mm: float | None = None,
    geometry: str = "strict",
    family: str = "voxel",
    progress: Progress = None,
) -> dict[str, Comparison]:
    """Compare two mask files, in one or several labels or segments.

    Args:
        reference, test: .seg.nrrd, .nrrd, .nii, .nii.gz, .mha or .mhd; the two need not be of one format.
        labels: Label values to compare, each in both files.
        segments: Names or ids of segments, looked up in .seg.nrrd files; a labelmap beside it has no names
            and is compared by its label (``labels`` with one value, else 1).
        test_label: Label value in the test where it differs; only for one label or segment.
        tolerance_mm, geometry, family: As in ``compare``.
        progress: Called with a fraction and a message.

    Without ``labels`` and ``segments``, the only segment of a .seg.nrrd or label 1 of a labelmap is compared.

    Returns:
        One comparison per label or segment, by its name, in the order asked for. A label that only one
        file lacks counts as empty where several are compared.

    Raises:
        LabelAbsent: If a label is in neither file, or, of one label, in one that holds others.
        MaskError, UnsupportedImage: If a file cannot be read, or not as the segment asked for.
        GeometryMismatch, UnsupportedMask, InvalidArgument: As ``compare``, with the files' names.
    """
    for label in labels or (1,):
        other = label if test_label is None else test_label
        check_arguments(label, other, tolerance_mm, geometry, family)
    report = progress or (lambda fraction, message: None)
    report(0.0, f"reading {Path(reference).name}")
    reference_source = _Source(Path(reference))
    report(0.3, f"reading {Path(test).name}")
    test_source = _Source(Path(test))
    items = _items(labels, segments, test_label, reference_source)
    results = {}
    alone = len(items) == 1
    for number, item in enumerate(items):
        report(0.6 + 0.4 * number / len(items), f"comparing {item.name}")
        results[item.name] = _compare_item(
            reference_source, test_source, item, alone, tolerance_mm, geometry, family
        )
    report(1.0, "done")
    return results


class _Source:
    """A mask file: a labelmap that is read once, or a segmentation that is asked for each segment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.has_segments = file_suffix(path) == ".seg.nrrd"
        self._labelmap = None if self.has_segments else read_mask(path)

    @cached_property
    def only_segment(self) -> str | None:
        """Name of the one segment of a segmentation; None of a labelmap or where nothing has a name.

        Raises:
            MaskError: If there are several.
        """
        names = [found.name for found in list_segments(self.path)] if self.has_segments else []
        if len(names) > 1:
            raise MaskError(
                f"{self.path} holds {len(names)} segments: {', '.join(names)}; "
                "name one or more with --segment.",
                id="several-segments",
            )
        return names[0] if names else None

    def mask(self, segment: str | int | None, label: int) -> tuple[sitk.Image, int]:
        """The image that holds what is asked for, and its value there."""
        if self._labelmap is not None:
            return self._labelmap, label
        return read_mask(self.path, segment=self.only_segment if segment is None else segment), 1


def _items(
    labels: Sequence[int], segments: Sequence[str], test_label: int | None, reference: _Source
) -> list[_Item]:
    if segments:
        label = labels[0] if len(labels) == 1 else 1
        return [_Item(name, name, name, label, test_label or label) for name in segments]
    if labels:
        values = [(label, label if test_label is None else test_label) for label in labels]
        return [_Item(f"label {label}", label, other, label, other) for label, other in values]
    return [
        _Item(
            reference.only_segment or "label 1", None, test_label, 1, 1 if test_label is None else test_label
        )
    ]


def _compare_item(
    reference: _Source,
    test: _Source,
    item: _Item,
    alone: bool,
    tolerance_mm: float | None,
    geometry: str,
    family: str,
) -> Comparison:
    reference_image, label = reference.mask(item.segment, item.label)
    test_image, test_label = test.mask(item.test_segment, item.test_label)
    try:
        result = compare(
            reference_image,
            test_image,
            label=label,
            test_label=test_label,
            tolerance_mm=tolerance_mm,
            geometry=geometry,
            family=family,
        )
    except (GeometryMismatch, UnsupportedMask) as error:
        raise type(error)(f"{test.path} against {reference.path}: {error}", **error.details) from error
    if result.status == "both-empty" or (alone and result.status == "reference-empty"):
        _refuse_wrong_label(reference, reference_image, label)
    if result.status == "both-empty" or (alone and result.status == "test-empty"):
        _refuse_wrong_label(test, test_image, test_label)
    return result


def _refuse_wrong_label(source: _Source, image: sitk.Image, label: int) -> None:
    """A file without any label is an empty mask; one with other labels was asked for the wrong one."""
    found = labels_in(image)
    if found:
        raise LabelAbsent(
            f"{source.path} has no label {label}; it has {', '.join(map(str, found))}: choose with --label.",
            label=label,
            found=found,
        )
