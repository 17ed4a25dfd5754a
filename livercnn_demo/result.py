"""What the demonstration found, as lines for a terminal and as data for report.json."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .subject import MAIN_PROTOCOL, Subject

if TYPE_CHECKING:
    from LiverMetricsLib import Comparison
    from LiverSegmentCNNLib import LiverSegmentation

    from .protocols import ProtocolResult

SCHEMA_VERSION = 2

PAGE = {"report.html": "everything on one page, for a browser"}
PICTURES = {
    "axial.png": "axial slices with the outline",
    "coronal-sagittal.png": "coronal and sagittal slice with the outline",
}
SCAN_FILES = {
    **PAGE,
    **PICTURES,
    "liver.seg.nrrd": "the mask, for 3D Slicer (load ct.nii.gz with it)",
    "ct.nii.gz": "the scan",
}
REPORT = {"report.json": "volume, warnings, times and provenance for programs"}

PROTOCOLS_FOLDER = "protocols"


@dataclass(frozen=True)
class DemoResult:
    """What came out.

    Attributes:
        folder: Where the files are.
        subject: What was segmented.
        segmentation: Of the subject's image.
        agreement: With the phantom's exact liver, None for a real scan.
        timings_s: Seconds by stage.
        protocols: The phantom's six reconstructions, the subject's image among them.
        standardized: What a standardizer made of some of them; none where none is installed.
    """

    folder: Path
    subject: Subject
    segmentation: LiverSegmentation
    agreement: Comparison | None
    timings_s: dict[str, float]
    protocols: tuple[ProtocolResult, ...] = ()
    standardized: tuple[ProtocolResult, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of the scan, and of the masks; those of one reconstruction alone name it."""
        shared = self.subject.warnings + self.segmentation.warnings
        own = (
            f"{result.name}: {warning}"
            for result in (*self.protocols, *self.standardized)
            for warning in result.segmentation.warnings
            if warning not in shared
        )
        return (*shared, *own)

    @property
    def files(self) -> dict[str, str]:
        """File names with what they are, the one to look at first first."""
        if not self.protocols:
            return {**SCAN_FILES, **REPORT}
        name = phantom_file_name(self.subject.facts["seed"])
        return {
            **PAGE,
            "protocols.png": "the six reconstructions side by side",
            **(
                {"standardized.png": "some of them before and after standardization"}
                if self.standardized
                else {}
            ),
            **PICTURES,
            f"{PROTOCOLS_FOLDER}/{name}_{MAIN_PROTOCOL}.nii.gz": "a scan for 3D Slicer, five beside it",
            f"{PROTOCOLS_FOLDER}/liver_{MAIN_PROTOCOL}.seg.nrrd": "its mask, five beside it",
            f"{PROTOCOLS_FOLDER}/{name}_labels.nii.gz": "the exact labels (liver 6)",
            f"{PROTOCOLS_FOLDER}/{name}_details.nii.gz": "labels of the liver's vessels and of lesions",
            **REPORT,
        }

    def to_dict(self) -> dict[str, Any]:
        """The content of report.json."""
        return {
            "schema_version": SCHEMA_VERSION,
            "input": self.subject.facts,
            **self.segmentation.to_dict(),
            "warnings": list(self.warnings),
            "agreement": None if self.agreement is None else self.agreement.to_dict(),
            "protocols": [result.to_dict() for result in self.protocols],
            "standardized": [result.to_dict() for result in self.standardized],
            "timings_s": self.timings_s,
            "files": self.files,
        }

    def summary(self) -> list[str]:
        """Lines for the terminal."""
        lines = self._protocol_lines() if self.protocols else self._scan_lines()
        model = self.segmentation.provenance["model"]
        lines.append(f"Model: {model['id']}. {self.segmentation.provenance['device']['sentence']}")
        lines.append(
            f"Time: {self.segmentation.timings_s['total']:.1f} s to segment, "
            f"{sum(self.timings_s.values()):.0f} s in all"
        )
        lines += [f"Warning: {warning}" for warning in self.warnings]
        lines.append("Look at:")
        width = max(map(len, self.files)) + len(str(self.folder)) + 1
        return lines + [f"  {self.folder / name!s:<{width}}  {what}" for name, what in self.files.items()]

    def _scan_lines(self) -> list[str]:
        return [f"Liver volume: {self.segmentation.volume_ml:.0f} mL in the {self.subject.name}"]

    def _protocol_lines(self) -> list[str]:
        assert self.agreement is not None
        lines = [
            f"The {self.subject.name} in six reconstructions; its liver has "
            f"{self.agreement.volume_reference_ml:.0f} mL",
            "                    detected as     liver     Dice   HD95      volume",
        ]
        lines += [
            f"{one.name:<18}  {one.detection.name:<14}  {one.liver_hu:3.0f} HU  {one.agreement.dice:.3f}  "
            f"{one.agreement.hd95_mm:4.1f} mm  {one.segmentation.volume_ml:5.0f} mL"
            for one in (*self.protocols, *self.standardized)
        ]
        return lines


def phantom_file_name(seed: int) -> str:
    """How the files of a phantom start."""
    return f"phantom-{seed}"
