"""Segmenting a file into files: what the command and the background worker both run.

All outputs appear together at the end, each renamed from a temporary name, or none does.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from LiverCoreLib.memory import give_large_blocks_back
from LiverCoreLib.request import InputAndOutput, refuse_same_files, request_fields
from LiverCoreLib.stages import Progress, Stages

from .options import SegmentOptions

if TYPE_CHECKING:
    from LiverCoreLib.loaded_volume import LoadedVolume

    from .segment import LiverSegmentation

REPORT_SUFFIXES = (".json",)


@dataclass(frozen=True)
class SegmentRequest(SegmentOptions, InputAndOutput):
    """What to segment, how, and where results go.

    input: image file or DICOM folder. output: mask (.seg.nrrd, .nrrd, .nii.gz, .nii, .mha). probability:
    image file or None. report: JSON file or None. series: which DICOM series, where a folder holds several.
    raw: file for the mask before post-processing, or None.
    """

    probability: str | None = None
    report: str | None = None
    series: str | None = None
    raw: str | None = None

    @classmethod
    def from_dict(cls, arguments: Mapping[str, Any]) -> SegmentRequest:
        """A request from plain data; raises RequestError for a name that is unknown or missing."""
        return cls(**request_fields(cls, arguments, "segmentation"))


def run(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Entry point of the background worker: `arguments` are the fields of a SegmentRequest; gives the report.

    The mask goes to `arguments["output"]`: the worker's temporary folder, which is not needed here, is gone
    when the program reads it.
    """
    del temporary_folder
    return segment_file(SegmentRequest.from_dict(arguments), progress)


def segment_file(request: SegmentRequest, progress: Progress = None) -> dict[str, Any]:
    """Read, segment, write; gives the report, which `request.report` receives too.

    Raises UnsupportedImage, ModelError, DeviceError, SegmentationError, OutputError, RequestError or
    Cancelled; then nothing has been written.
    """
    from LiverCoreLib.ct_checks import check_modality
    from LiverCoreLib.images import read_volume

    from .segment import segment_liver

    _check_outputs(request)
    give_large_blocks_back()
    stages = Stages(progress)
    with stages.stage("total", 0.0, 1.0, "segmenting the liver"):
        with stages.stage("reading", 0.0, 0.12, "reading the image") as step:
            volume = read_volume(request.input, series=request.series, progress=step)
            check_modality(volume.modality)
        with stages.stage("segmentation", 0.12, 0.92, "segmenting the liver") as step:
            result = segment_liver(
                volume.image,
                request.model,
                device=request.device,
                threads=request.threads,
                fast=request.fast,
                threshold=request.threshold,
                postprocess=request.postprocess,
                probability=request.probability is not None,
                raw=request.raw is not None,
                progress=step,
            )
        return _write(request, volume, result, stages)


def _check_outputs(request: SegmentRequest) -> None:
    """Refuse, before minutes of work, outputs that cannot be written or would replace the input or each
    other.
    """
    from LiverCoreLib.image_writing import check_image_output
    from LiverCoreLib.output import check_output

    wanted = (request.output, request.probability, request.raw, request.report)
    written = [path for path in wanted if path is not None]
    refuse_same_files([request.input], written)
    check_image_output(request.output)
    for image in (request.probability, request.raw):
        if image is not None:
            check_image_output(image)
    if request.report is not None:
        check_output(request.report, REPORT_SUFFIXES)


def _write(
    request: SegmentRequest, volume: LoadedVolume, result: LiverSegmentation, stages: Stages
) -> dict[str, Any]:
    from LiverCoreLib.image_writing import write_image
    from LiverCoreLib.masks import write_mask
    from LiverCoreLib.output import atomic_path

    with contextlib.ExitStack() as renamed_at_the_end:
        mask = renamed_at_the_end.enter_context(atomic_path(request.output))
        with stages.stage("writing", 0.92, 1.0, "writing the mask"):
            write_mask(result.mask, mask)
            if request.probability is not None and result.probability is not None:
                probability = renamed_at_the_end.enter_context(atomic_path(request.probability))
                write_image(result.probability, probability)
            if request.raw is not None and result.raw is not None:
                write_mask(result.raw, renamed_at_the_end.enter_context(atomic_path(request.raw)))
        report = _report(request, volume, result, stages)
        if request.report is not None:
            text = renamed_at_the_end.enter_context(atomic_path(request.report))
            text.write_text(json.dumps(report, indent=2) + "\n", encoding="ascii")
    return report


def _report(
    request: SegmentRequest, volume: LoadedVolume, result: LiverSegmentation, stages: Stages
) -> dict[str, Any]:
    report = result.to_dict()
    report["warnings"] = [*volume.warnings, *report["warnings"]]
    report["timings_s"] = {
        "reading": stages.seconds["reading"],
        **{name: seconds for name, seconds in report["timings_s"].items() if name != "total"},
        "writing": stages.seconds["writing"],
        "total": sum(stages.seconds[name] for name in ("reading", "segmentation", "writing")),
    }
    report["input"] = volume.to_dict()
    report["output"] = {
        "mask": str(Path(request.output)),
        "probability": request.probability,
    }
    return report
