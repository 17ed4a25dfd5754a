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

from LiverCoreLib.extras import require_extra
from LiverCoreLib.output import file_suffix
from LiverCoreLib.request import InputAndOutput, refuse_existing, refuse_same_files, request_fields
from LiverCoreLib.stages import Progress, Stages

from .protocol.detection import ProtocolDetection
from .standardize_options import StandardizeOptions

if TYPE_CHECKING:
    import SimpleITK as sitk

    from LiverCoreLib.loaded_volume import LoadedVolume

    from .standardize import Standardized

REPORT_SUFFIXES = (".json", ".html", ".png")
_WITH_FIGURE = (".html", ".png")


@dataclass(frozen=True)
class StandardizeRequest(StandardizeOptions, InputAndOutput):
    """What to standardize, how, and where results go.

    input: image file or DICOM folder. output: image (.nrrd, .nii.gz, .nii, .mha). reports: files (.json,
    .html, .png). mask: of the liver, and target: the scan as the target protocol shows it, both on the
    input's voxels; they and .html or .png ask for the quality to be measured. series: which DICOM series,
    where a folder holds several. detection: what is known of the protocol (``ProtocolDetection.to_dict``),
    where the input's own headers do not say it; None reads them. overwrite: replace files that exist.
    """

    reports: tuple[str, ...] = ()
    mask: str | None = None
    target: str | None = None
    series: str | None = None
    detection: Mapping[str, Any] | None = None
    overwrite: bool = False

    @property
    def wants_quality(self) -> bool:
        """Whether quality is measured: for a page or a figure, or where there is something to measure by."""
        figures = any(file_suffix(path) in _WITH_FIGURE for path in self.reports)
        return figures or self.mask is not None or self.target is not None

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
            others = _Others.read(request, volume.image)
        with stages.stage("standardization", 0.10, 0.86, "standardizing") as step:
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
        report = _report(request, volume, result)
        png = None
        if request.wants_quality:
            with stages.stage("quality", 0.86, 0.94, "measuring the quality") as step:
                report["quality"], png = _quality(request, volume.image, result, others, step)
        return _write(request, report, png, result, stages)


@dataclass(frozen=True)
class _Others:
    """Images that the quality is measured by, where they were given."""

    mask: sitk.Image | None
    target: sitk.Image | None

    @classmethod
    def read(cls, request: StandardizeRequest, image: sitk.Image) -> _Others:
        """Read before minutes of work, so that a wrong one is found early. Raises OtherLattice."""
        from LiverCoreLib.images import read_volume
        from LiverCoreLib.masks import read_mask

        from .quality.measure import check_same_lattice

        mask = None if request.mask is None else read_mask(request.mask)
        target = None if request.target is None else read_volume(request.target).image
        for other, name in ((mask, "mask"), (target, "target")):
            if other is not None:
                check_same_lattice(other, image, name)
        return cls(mask, target)


def _quality(
    request: StandardizeRequest, image: sitk.Image, result: Standardized, others: _Others, progress: Progress
) -> tuple[dict[str, Any], bytes | None]:
    """The quality as plain data, and the figure where a report shows it."""
    from .quality.figure import quality_png
    from .quality.measure import measure_quality

    quality = measure_quality(image, result.image, target=others.target, mask=others.mask, progress=progress)
    if not any(file_suffix(path) in _WITH_FIGURE for path in request.reports):
        return quality.to_dict(), None
    return quality.to_dict(), quality_png(quality, result.detection.name, result.target_protocol)


def _check_outputs(request: StandardizeRequest) -> None:
    """Refuse, before minutes of work, outputs that cannot be written or would replace what is there."""
    from LiverCoreLib.image_writing import check_image_output
    from LiverCoreLib.output import check_output

    written = [request.output, *request.reports]
    read = [path for path in (request.input, request.mask, request.target) if path is not None]
    refuse_same_files(read, written)
    if not request.overwrite:
        refuse_existing(written)
    check_image_output(request.output)
    for report in request.reports:
        check_output(report, REPORT_SUFFIXES)
        if file_suffix(report) in _WITH_FIGURE:
            require_extra(f"A {file_suffix(report)} report", "report", ("matplotlib",), ", or use .json")


def _detection(request: StandardizeRequest) -> ProtocolDetection:
    """What headers say, or the request."""
    from .protocol.detect import detect_protocol

    if request.detection is not None:
        return ProtocolDetection.from_dict(request.detection)
    return detect_protocol(request.input, series=request.series, protocol=request.protocol, use_hu=False)


def _write(
    request: StandardizeRequest,
    report: dict[str, Any],
    png: bytes | None,
    result: Standardized,
    stages: Stages,
) -> dict[str, Any]:
    from LiverCoreLib.image_writing import write_image
    from LiverCoreLib.output import atomic_path

    with contextlib.ExitStack() as renamed_at_the_end:
        image = renamed_at_the_end.enter_context(atomic_path(request.output))
        with stages.stage("writing", 0.94, 1.0, "writing the image"):
            write_image(result.image, image)
        report["timings_s"] = _timings(result, stages)
        for path in request.reports:
            file = renamed_at_the_end.enter_context(atomic_path(path))
            file.write_bytes(_report_file(file_suffix(path), report, png))
    return report


def _report_file(suffix: str, report: dict[str, Any], png: bytes | None) -> bytes:
    if suffix == ".json":
        return (json.dumps(report, indent=2, allow_nan=False) + "\n").encode("ascii")
    assert png is not None
    if suffix == ".png":
        return png
    from .quality.page import quality_page

    return quality_page(report, png).encode("utf-8")


def _timings(result: Standardized, stages: Stages) -> dict[str, float]:
    """Seconds by stage, in their order; quality only where it was measured."""
    inner = {name: seconds for name, seconds in result.timings_s.items() if name != "total"}
    timings: dict[str, float] = {}
    for name, seconds in stages.seconds.items():
        timings.update(inner if name == "standardization" else {name: seconds})
    return {**timings, "total": sum(stages.seconds.values())}


def _report(request: StandardizeRequest, volume: LoadedVolume, result: Standardized) -> dict[str, Any]:
    report = result.to_dict()
    report["warnings"] = [*volume.warnings, *report["warnings"]]
    report["input"] = volume.to_dict()
    report["output"] = {"image": str(Path(request.output)), "reports": list(request.reports)}
    return report
