"""The demonstration from end to end: a scan, its mask, pictures, a report on one page."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.result_folder import finished_together

if TYPE_CHECKING:
    from LiverMetricsLib import Comparison
    from LiverSegmentCNNLib import LiverSegmentation, SegmentationModel

Progress = Optional[Callable[[float, str], None]]

SCHEMA_VERSION = 1

FILES = {
    "report.html": "everything on one page, for a browser",
    "axial.png": "axial slices with the outline",
    "coronal-sagittal.png": "coronal and sagittal slice with the outline",
    "liver.seg.nrrd": "the mask, for 3D Slicer (load ct.nii.gz with it)",
    "ct.nii.gz": "the scan",
    "report.json": "volume, warnings, times and provenance for programs",
}
PHANTOM_FILES = {"organs.nii.gz": "the exact labels of the synthetic abdomen (liver 6)"}

PHANTOM_NAME = "synthetic abdomen"
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


@dataclass(frozen=True)
class Subject:
    """The scan. labels: the phantom's exact organ labels, or None for a real scan."""

    name: str
    image: sitk.Image
    labels: sitk.Image | None
    facts: dict[str, Any]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class DemoResult:
    """What came out. agreement: with the phantom's exact liver, None for a real scan."""

    folder: Path
    subject: Subject
    segmentation: LiverSegmentation
    agreement: Comparison | None
    timings_s: dict[str, float]

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.subject.warnings + self.segmentation.warnings

    @property
    def files(self) -> dict[str, str]:
        """File names with what they are, the one to look at first first."""
        return {**FILES, **(PHANTOM_FILES if self.subject.labels is not None else {})}

    def to_dict(self) -> dict[str, Any]:
        """The content of report.json."""
        return {
            "schema_version": SCHEMA_VERSION,
            "input": self.subject.facts,
            **self.segmentation.to_dict(),
            "warnings": list(self.warnings),
            "agreement": None if self.agreement is None else self.agreement.to_dict(),
            "timings_s": self.timings_s,
            "files": self.files,
        }

    def summary(self) -> list[str]:
        """Lines for the terminal."""
        lines = [f"Liver volume: {self.segmentation.volume_ml:.0f} mL in the {self.subject.name}"]
        if self.agreement is not None:
            lines.append(
                f"Against its exact label: Dice {self.agreement.dice:.3f}, mean surface distance "
                f"{self.agreement.msd_mm:.1f} mm, HD95 {self.agreement.hd95_mm:.1f} mm"
            )
        model = self.segmentation.provenance["model"]
        lines.append(f"Model: {model['id']}. {self.segmentation.provenance['device']['sentence']}")
        lines.append(f"Time: {self.timings_s['segmentation']:.1f} s to segment")
        lines += [f"Warning: {warning}" for warning in self.warnings]
        lines.append("Look at:")
        width = max(map(len, self.files)) + len(str(self.folder)) + 1
        return lines + [f"  {self.folder / name!s:<{width}}  {what}" for name, what in self.files.items()]


def run_demo(request: DemoRequest, progress: Progress = None) -> DemoResult:
    """Make or read the scan, segment it, draw and report; all files appear at the end, or none.

    Raises LiverCNNError: DemoError, and whatever reading, the model, the device and writing raise.
    """
    from LiverCoreLib.image_writing import write_image
    from LiverCoreLib.masks import write_mask
    from LiverCoreLib.stages import Stages
    from LiverSegmentCNNLib import load_model, segment_liver

    request.check()
    stages = Stages(progress)
    with finished_together(request.folder) as work:
        with stages.stage("model", 0.0, 0.02, "loading the model"):
            model = load_model(request.model)
        name = "scan" if request.ct is None else "reading"
        with stages.stage(name, 0.02, 0.2, "making the scan ready") as step:
            subject = _read_subject(request, step) if request.ct else _make_subject(request)
        with stages.stage("segmentation", 0.2, 0.75, "segmenting the liver") as step:
            segmentation = segment_liver(
                subject.image,
                model,
                device=request.device,
                threads=request.threads,
                fast=request.fast,
                progress=step,
            )
        with stages.stage("comparison", 0.75, 0.8, "comparing with the exact label"):
            agreement = _compare(subject, segmentation)
        with stages.stage("images", 0.8, 0.87, "writing scan and mask"):
            write_image(subject.image, work / "ct.nii.gz")
            if subject.labels is not None:
                write_image(subject.labels, work / "organs.nii.gz")
            write_mask(segmentation.mask, work / "liver.seg.nrrd")
        with stages.stage("pictures", 0.87, 0.97, "drawing"):
            _draw(subject, segmentation, model, work)
        result = DemoResult(Path(request.folder), subject, segmentation, agreement, dict(stages.seconds))
        with stages.stage("report", 0.97, 1.0, "writing the report"):
            _write_reports(result, model, work)
    return result


def _make_subject(request: DemoRequest) -> Subject:
    from LiverStandardizeLib.simulation import make_abdomen

    seed = request.seed or 0
    abdomen = make_abdomen(seed)
    facts = {"kind": "phantom", "seed": seed, **_geometry(abdomen.image)}
    return Subject(PHANTOM_NAME, abdomen.image, abdomen.labels, facts, ())


def _read_subject(request: DemoRequest, progress: Progress) -> Subject:
    from LiverCoreLib.images import UnsupportedImage, read_volume

    volume = read_volume(str(request.ct), series=request.series, progress=progress)
    if volume.modality not in (None, "CT"):
        raise UnsupportedImage(f"The series is {volume.modality}, not CT; give a CT series.", id="not-ct")
    facts = {
        "kind": "scan",
        "path": str(volume.path),
        "format": volume.format,
        "sha256": volume.sha256,
        "series_description": volume.series_description,
        **_geometry(volume.image),
    }
    return Subject(f"scan {volume.path.name}", volume.image, None, facts, volume.warnings)


def _geometry(image: sitk.Image) -> dict[str, Any]:
    return {"size": list(image.GetSize()), "spacing_mm": list(image.GetSpacing())}


def _compare(subject: Subject, segmentation: LiverSegmentation) -> Comparison | None:
    if subject.labels is None:
        return None
    from LiverMetricsLib import compare
    from LiverStandardizeLib.simulation.tissues import LABELS

    return compare(subject.labels, segmentation.mask, label=LABELS["liver"], test_label=1)


def _draw(subject: Subject, segmentation: LiverSegmentation, model: SegmentationModel, work: Path) -> None:
    from LiverStandardizeLib.simulation.tissues import LABELS

    from .overlay import Outline, coronal_and_sagittal, montage

    outlines = [Outline(segmentation.mask, model.card.id, MODEL_COLOUR)]
    if subject.labels is not None:
        outlines.append(Outline(subject.labels == LABELS["liver"], "exact label", EXACT_COLOUR, dashed=True))
    title = f"Liver {segmentation.volume_ml:.0f} mL"
    montage(subject.image, outlines, work / "axial.png", title=title)
    coronal_and_sagittal(subject.image, outlines, work / "coronal-sagittal.png", title=title)


def _write_reports(result: DemoResult, model: SegmentationModel, work: Path) -> None:
    from LiverCoreLib.output import atomic_path

    from .page import render_page

    with atomic_path(work / "report.json") as path:
        path.write_text(json.dumps(result.to_dict(), indent=2, allow_nan=False) + "\n", encoding="ascii")
    pictures = [work / "axial.png", work / "coronal-sagittal.png"]
    with atomic_path(work / "report.html") as path:
        path.write_text(render_page(result, model.card, pictures), encoding="utf-8")
