"""Standardizing a file into files: what the command and the background worker both run.

All outputs appear together at the end, each renamed from a temporary name, or none does.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from LiverCoreLib.request import refuse_existing, refuse_same_files, request_fields
from LiverCoreLib.stages import Progress, Stages

from .protocol.detection import ProtocolDetection
from .standardize_options import StandardizeOptions

if TYPE_CHECKING:
    from LiverCoreLib.loaded_volume import LoadedVolume

    from .standardize import Standardized

REPORT_SUFFIXES = (".json",)


@dataclass(frozen=True)
class _InputAndOutput:
    """The fields that a request must have; a base class, so that they come before those with defaults."""

    input: str
    output: str


@dataclass(frozen=True)
class StandardizeRequest(StandardizeOptions, _InputAndOutput):
    """What to standardize, how, and where results go.

    input: image file or DICOM folder. output: image (.nrrd, .nii.gz, .nii, .mha). reports: files, by their
    endings. series: which DICOM series, where a folder holds several. detection: what is known of the
    protocol (``ProtocolDetection.to_dict``), where the input's own headers do not say it; None reads them.
    overwrite: replace files that exist.
    """

    reports: tuple[str, ...] = ()
    series: str | None = None
    detection: Mapping[str, Any] | None = None
    overwrite: bool = False

    @classmethod
    def from_dict(cls, arguments: Mapping[str, Any]) -> StandardizeRequest:
        """A request from plain data; raises RequestError for a name that is unknown or missing."""
        values = request_fields(cls, arguments, "standardization")
        return cls(**{**values, "reports": tuple(values.get("reports", ()))})


def run(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Entry point of the background worker: `arguments` are the fields of a StandardizeRequest; gives the
    report.
    """
    del temporary_folder  # the image goes to `arguments["output"]`
    return standardize_file(StandardizeRequest.from_dict(arguments), progress)


def standardize_file(request: StandardizeRequest, progress: Progress = None) -> dict[str, Any]:
    """Read, standardize, write; gives the report, which `request.reports` receive too.

    Raises UnsupportedImage, DerivedMap, UnknownProtocol, ModelError, DeviceError, OutputError, RequestError
    or Cancelled; then nothing has been written.
    """
    from LiverCoreLib.ct_checks import check_modality
    from LiverCoreLib.images import read_volume

    from .standardize import standardize_volume

    _check_outputs(request)
    stages = Stages(progress)
    with stages.stage("total", 0.0, 1.0, "standardizing"):
        with stages.stage("headers", 0.0, 0.02, "reading the headers"):
            detection = _detection(request)
        with stages.stage("reading", 0.02, 0.10, "reading the image") as step:
            volume = read_volume(request.input, series=request.series, progress=step)
            check_modality(volume.modality)
        with stages.stage("standardization", 0.10, 0.92, "standardizing") as step:
            result = standardize_volume(
                volume.image,
                model=request.model,
                protocol=request.protocol,
                detection=detection,
                force=request.force,
                device=request.device,
                threads=request.threads,
                progress=step,
            )
        return _write(request, volume, result, stages)


def _check_outputs(request: StandardizeRequest) -> None:
    """Refuse, before minutes of work, outputs that cannot be written or would replace what is there."""
    from LiverCoreLib.image_writing import check_image_output
    from LiverCoreLib.output import check_output

    written = [request.output, *request.reports]
    refuse_same_files([request.input], written)
    if not request.overwrite:
        refuse_existing(written)
    check_image_output(request.output)
    for report in request.reports:
        check_output(report, REPORT_SUFFIXES)


def _detection(request: StandardizeRequest) -> ProtocolDetection:
    """What headers say, or the request."""
    from .protocol.detect import detect_protocol

    if request.detection is not None:
        return ProtocolDetection.from_dict(request.detection)
    return detect_protocol(request.input, series=request.series, protocol=request.protocol, use_hu=False)


def _write(
    request: StandardizeRequest, volume: LoadedVolume, result: Standardized, stages: Stages
) -> dict[str, Any]:
    from LiverCoreLib.image_writing import write_image
    from LiverCoreLib.output import atomic_path

    with contextlib.ExitStack() as renamed_at_the_end:
        image = renamed_at_the_end.enter_context(atomic_path(request.output))
        with stages.stage("writing", 0.92, 1.0, "writing the image"):
            write_image(result.image, image)
        report = _report(request, volume, result, stages)
        for path in request.reports:
            text = renamed_at_the_end.enter_context(atomic_path(path))
            text.write_text(json.dumps(report, indent=2) + "\n", encoding="ascii")
    return report


def _report(
    request: StandardizeRequest, volume: LoadedVolume, result: Standardized, stages: Stages
) -> dict[str, Any]:
    report = result.to_dict()
    report["warnings"] = [*volume.warnings, *report["warnings"]]
    report["timings_s"] = {
        "headers": stages.seconds["headers"],
        "reading": stages.seconds["reading"],
        **{name: seconds for name, seconds in report["timings_s"].items() if name != "total"},
        "writing": stages.seconds["writing"],
        "total": sum(stages.seconds[name] for name in ("headers", "reading", "standardization", "writing")),
    }
    report["input"] = {
        "path": str(volume.path),
        "format": volume.format,
        "sha256": volume.sha256,
        "size": list(volume.image.GetSize()),
        "spacing_mm": list(volume.image.GetSpacing()),
        "series_description": volume.series_description,
    }
    report["output"] = {"image": str(Path(request.output)), "reports": list(request.reports)}
    return report
