"""One exam to look at: a slice in every protocol, as it is and standardized, with the masks' outlines."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.masks import read_mask

from .exam_measures import MaskFolder, Segmenter
from .exam_run import ExamResult
from .exam_store import obtain
from .exams import PROTOCOLS, TARGET, Exam
from .image_measures import SLAB_MM
from .kind_results import KindResults
from .standardizers import Standardizer, stage_of

if TYPE_CHECKING:
    from LiverMetricsLib.report import Drawing

WINDOW_HU = (-160.0, 240.0)
"""A soft-tissue window, width 400 and level 40, the same for all images: what differs is to be seen."""
MARGIN = 0.04
"""Of the field of view around the body."""
MASK, TARGET_OUTLINE = "#ff9f1c", "#2ec4f1"


def example_drawing(results: KindResults, shown: ExamResult, folder: Path) -> Drawing:
    """The slice of one exam that holds most liver; rows are standardizers, columns protocols."""
    from LiverMetricsLib.report import Drawing
    from LiverMetricsLib.report.drawing import file_stem
    from LiverMetricsLib.report.style import WIDTH_IN, drawing_style, new_figure, settled

    kept, _ = obtain(shown.plan, folder / "exams", lambda fraction, message: None)
    exam = replace(
        kept,
        images={name: _as_seen(image) for name, image in kept.images.items()},
        liver=None if kept.liver is None else _as_seen(kept.liver),
        lesions=None,
    )
    segmenter, masks = results.segmenters[0], MaskFolder(folder)
    place, box = _view(exam, segmenter, masks)
    protocols = [name for name in PROTOCOLS if name in exam.images]
    rows: list[Standardizer | None] = [None, *results.standardizers]
    shape = _cut(exam.images[protocols[0]], place, box).shape
    cell_in = WIDTH_IN / len(protocols)
    with drawing_style():
        figure = new_figure(len(rows) * cell_in * shape[0] / shape[1] + 0.35)
        grid = figure.subplots(len(rows), len(protocols), squeeze=False)
        target = _outline(masks.path(segmenter, exam.name, TARGET, stage_of(None)), place, box)
        for axes_row, standardizer in zip(grid, rows):
            for axes, protocol in zip(axes_row, protocols):
                axes.set_xticks([])
                axes.set_yticks([])
                axes.set_ylabel("original" if standardizer is None else standardizer.name)
                axes.label_outer()
                if standardizer is None:
                    axes.set_title(protocol)
                if standardizer is not None and protocol == TARGET:
                    axes.axis("off")
                    continue
                hu = _hu(exam.images[protocol], standardizer, protocol, place, box)
                axes.imshow(hu, cmap="gray", vmin=WINDOW_HU[0], vmax=WINDOW_HU[1], interpolation="nearest")
                own = _outline(masks.path(segmenter, exam.name, protocol, stage_of(standardizer)), place, box)
                for outline, colour in ((target, TARGET_OUTLINE), (own, MASK)):
                    if outline is not None and outline.any() and not outline.all():
                        axes.contour(outline, levels=[0.5], colors=[colour], linewidths=0.6)
        figure = settled(figure)
    return Drawing(
        id=file_stem(results.id, "example", exam.name),
        title=f"{exam.name} in all protocols",
        caption=(
            f"The axial slice with most liver, window {WINDOW_HU[1] - WINDOW_HU[0]:.0f} / "
            f"{sum(WINDOW_HU) / 2:.0f} HU. Orange: mask of {segmenter.name} on the image; blue: on {TARGET}."
        ),
        alt=f"Axial slices of {exam.name} in {', '.join(protocols)}, original and standardized, outlined.",
        figure=figure,
    )


def _view(exam: Exam, segmenter: Segmenter, masks: MaskFolder) -> tuple[int, tuple[slice, slice]]:
    """The slice with most liver, and the body's box in it (y, x)."""
    liver = exam.liver
    if liver is None:
        liver = _as_seen(read_mask(masks.path(segmenter, exam.name, TARGET, stage_of(None))))
    place = int(sitk.GetArrayViewFromImage(liver).sum(axis=(1, 2)).argmax())
    body = sitk.GetArrayViewFromImage(exam.images[TARGET])[place] > -300
    sides = []
    for along in (1, 0):
        used = np.flatnonzero(body.any(axis=along))
        first, last = (used[0], used[-1] + 1) if used.size else (0, body.shape[1 - along])
        margin = round(MARGIN * (last - first))
        sides.append(slice(max(0, int(first) - margin), int(last) + margin))
    return place, (sides[0], sides[1])


def _hu(
    image: sitk.Image, standardizer: Standardizer | None, protocol: str, place: int, box: tuple[slice, slice]
) -> np.ndarray:
    if standardizer is None:
        return _cut(image, place, box)
    slices = min(image.GetDepth(), math.ceil(SLAB_MM / image.GetSpacing()[2]))
    start = max(0, min(place - slices // 2, image.GetDepth() - slices))
    slab = image[0 : image.GetWidth(), 0 : image.GetHeight(), start : start + slices]
    return _cut(standardizer.standardize(slab, protocol), place - start, box)


def _as_seen(image: sitk.Image) -> sitk.Image:
    """The voxels in the order in which CT is looked at: the patient's right on the left, front on top."""
    return sitk.DICOMOrient(image, "LPS")


def _cut(image: sitk.Image, place: int, box: tuple[slice, slice]) -> np.ndarray:
    return sitk.GetArrayFromImage(image)[place][box]


def _outline(path: Path, place: int, box: tuple[slice, slice]) -> np.ndarray | None:
    return _cut(_as_seen(read_mask(path)), place, box) > 0 if path.is_file() else None
