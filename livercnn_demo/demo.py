"""The demonstration from end to end: a scan or a phantom, masks, pictures, a report on one page."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.result_folder import finished_together
from LiverCoreLib.stages import Stages

from .result import PROTOCOLS_FOLDER, DemoResult, phantom_file_name
from .subject import MAIN_PROTOCOL, PHANTOM_SIZE, phantom_subject, read_subject

if TYPE_CHECKING:
    from LiverSegmentCNNLib import LiverSegmentation, SegmentationModel
    from LiverStandardizeLib.model import StandardizerModel
    from LiverStandardizeLib.protocol import ProtocolDetection
    from LiverStandardizeLib.standardize import Standardized

    from .protocols import ProtocolResult

Progress = Optional[Callable[[float, str], None]]

MODEL_COLOUR = "#ff9f1c"
EXACT_COLOUR = "#2ec4f1"


class DemoError(LiverCNNError):
    """Arguments of the demonstration that do not go together."""

    id = "bad-argument"


@dataclass(frozen=True)
class DemoRequest:
    """What to show and where results go. ct: a file or DICOM folder, or None for the phantom of `seed`."""

    folder: str | os.PathLike[str]
    ct: str | None = None
    series: str | None = None
    seed: int | None = None
    model: str | None = None
    device: str = "auto"
    threads: int | None = None
    fast: bool = False

    def check(self) -> None:
        """Raise DemoError for options that contradict each other."""
        if self.ct is None and self.series is not None:
            raise DemoError("--series chooses among the series of a scan; name the scan with --ct.")
        if self.ct is not None and self.seed is not None:
            raise DemoError("--seed chooses a synthetic abdomen; leave out either --seed or --ct.")
        if self.seed is not None and self.seed < 0:
            raise DemoError(f"--seed is {self.seed}; give 0 or more.")


def run_demo(request: DemoRequest, progress: Progress = None) -> DemoResult:
    """Make or read the scan, segment it, draw and report; all files appear at the end, or none.

    Raises LiverCNNError: DemoError, and whatever reading, the model, the device and writing raise.
    """
    from LiverSegmentCNNLib import load_model

    request.check()
    stages = Stages(progress)
    show = _show_phantom if request.ct is None else _show_scan
    with finished_together(request.folder) as work:
        with stages.stage("model", 0.0, 0.02, "loading the model"):
            model = load_model(request.model)
        result = show(request, model, stages, work)
        with stages.stage("pictures", 0.9, 0.97, "drawing"):
            _draw(result, model, work)
        result = replace(result, timings_s=dict(stages.seconds))
        with stages.stage("report", 0.97, 1.0, "writing the report"):
            _write_reports(result, model, work)
    return result


def _show_scan(request: DemoRequest, model: SegmentationModel, stages: Stages, work: Path) -> DemoResult:
    from LiverCoreLib.image_writing import write_image
    from LiverCoreLib.masks import write_mask

    with stages.stage("reading", 0.02, 0.2, "making the scan ready") as step:
        subject = read_subject(str(request.ct), request.series, step)
    with stages.stage("segmentation", 0.2, 0.8, "segmenting the liver") as step:
        segmentation = _segment(subject.image, model, request, step)
    with stages.stage("images", 0.8, 0.9, "writing scan and mask"):
        write_image(subject.image, work / "ct.nii.gz")
        write_mask(segmentation.mask, work / "liver.seg.nrrd")
    return DemoResult(Path(request.folder), subject, segmentation, None, {})


def _show_phantom(request: DemoRequest, model: SegmentationModel, stages: Stages, work: Path) -> DemoResult:
    from LiverCoreLib.image_writing import write_image
    from LiverCoreLib.masks import write_mask
    from LiverStandardizeLib.simulation import make_six
    from LiverStandardizeLib.simulation.phantom_files import write_phantom

    from .protocols import default_standardizer, detect_all, protocol_results, standardized_results

    def segment(image: sitk.Image, inner: Progress) -> LiverSegmentation:
        return _segment(image, model, request, inner)

    seed = request.seed or 0
    name, folder = phantom_file_name(seed), work / PROTOCOLS_FOLDER
    with stages.stage("phantom", 0.02, 0.42, "making the scan ready") as step:
        scan = make_six(seed, size=PHANTOM_SIZE, progress=step)
    subject = phantom_subject(scan, seed)
    with stages.stage("images", 0.42, 0.55, "writing the six reconstructions") as step:
        write_phantom(scan, folder, name, picture=False, progress=step)
    with stages.stage("detection", 0.55, 0.57, "detecting the protocols"):
        detections = detect_all(folder, name, tuple(scan.images))
    with stages.stage("segmentation", 0.57, 0.77, "segmenting the liver") as step:
        results = protocol_results(subject, detections, segment, step)
    standardizer = default_standardizer()
    made: tuple[ProtocolResult, ...] = ()
    if standardizer is not None:
        with stages.stage("standardization", 0.77, 0.87, "standardizing") as step:
            made = standardized_results(
                subject, detections, _standardize(standardizer, request), segment, step
            )
    with stages.stage("masks", 0.87, 0.9, "writing the masks"):
        for one in (*results, *made):
            write_mask(one.segmentation.mask, folder / f"liver_{one.file_name}.seg.nrrd")
        for one in made:
            write_image(one.image, folder / f"{name}_{one.file_name}.nii.gz")
    main = next(one for one in results if one.protocol == MAIN_PROTOCOL)
    return DemoResult(Path(request.folder), subject, main.segmentation, main.agreement, {}, results, made)


def _standardize(
    standardizer: StandardizerModel, request: DemoRequest
) -> Callable[[sitk.Image, ProtocolDetection, Progress], Standardized]:
    from LiverStandardizeLib import standardize_volume

    return lambda image, detection, progress: standardize_volume(
        image,
        model=standardizer,
        detection=detection,
        device=request.device,
        threads=request.threads,
        progress=progress,
    )


def _segment(
    image: sitk.Image, model: SegmentationModel, request: DemoRequest, progress: Progress
) -> LiverSegmentation:
    from LiverSegmentCNNLib import segment_liver

    return segment_liver(
        image,
        model,
        device=request.device,
        threads=request.threads,
        fast=request.fast,
        progress=progress,
    )


def _draw(result: DemoResult, model: SegmentationModel, work: Path) -> None:
    from .overlay import Outline, Panel, coronal_and_sagittal, montage, side_by_side

    subject = result.subject
    liver = subject.exact_liver
    exact = [] if liver is None else [Outline(liver, "exact label", EXACT_COLOUR, dashed=True)]

    def outlines(mask: sitk.Image) -> list[Outline]:
        return [Outline(mask, model.card.id, MODEL_COLOUR), *exact]

    title = f"Liver {result.segmentation.volume_ml:.0f} mL"
    if liver is not None:
        title += f" in {MAIN_PROTOCOL}"
        panels = {
            one.name: Panel(one.image, outlines(one.segmentation.mask), one.caption)
            for one in (*result.protocols, *result.standardized)
        }
        six = [panels[one.name] for one in result.protocols]
        side_by_side(six, liver, work / "protocols.png", title="One scan, six reconstructions")
        rows = [(one.protocol, one.name, MAIN_PROTOCOL) for one in result.standardized]
        if rows:
            shown = [panels[name] for row in rows for name in row]
            title_of_rows = f"Before and after standardization, and {MAIN_PROTOCOL}"
            side_by_side(shown, liver, work / "standardized.png", title=title_of_rows)
    montage(subject.image, outlines(result.segmentation.mask), work / "axial.png", title=title)
    coronal_and_sagittal(
        subject.image, outlines(result.segmentation.mask), work / "coronal-sagittal.png", title=title
    )


def _write_reports(result: DemoResult, model: SegmentationModel, work: Path) -> None:
    from LiverCoreLib.output import atomic_path

    from .page import render_page

    with atomic_path(work / "report.json") as path:
        path.write_text(json.dumps(result.to_dict(), indent=2, allow_nan=False) + "\n", encoding="ascii")
    pictures = [work / name for name in result.files if name.endswith(".png")]
    with atomic_path(work / "report.html") as path:
        path.write_text(render_page(result, model.card, pictures), encoding="utf-8")
