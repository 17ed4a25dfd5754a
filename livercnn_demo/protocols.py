"""The six reconstructions of the phantom: what each is taken for, and how well its liver is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import numpy as np
import SimpleITK as sitk

if TYPE_CHECKING:
    from LiverMetricsLib import Comparison
    from LiverSegmentCNNLib import LiverSegmentation
    from LiverStandardizeLib.protocol import ProtocolDetection

    from .subject import Subject

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class ProtocolResult:
    """One reconstruction.

    Attributes:
        protocol: How it was made, one of PROTOCOLS.
        detection: What its file was taken for.
        liver_hu: Median in the exact liver.
        segmentation: Of this reconstruction.
        agreement: Of that mask with the exact liver.
    """

    protocol: str
    detection: ProtocolDetection
    liver_hu: float
    segmentation: LiverSegmentation
    agreement: Comparison

    @property
    def seconds(self) -> float:
        """How long segmentation took."""
        return self.segmentation.timings_s["total"]

    def to_dict(self) -> dict[str, Any]:
        """A row of report.json."""
        return {
            "protocol": self.protocol,
            "detection": self.detection.to_dict(),
            "liver_hu": self.liver_hu,
            **self.segmentation.to_dict(),
            "agreement": self.agreement.to_dict(),
        }


def detect_all(folder: Path, name: str, protocols: Sequence[str]) -> dict[str, ProtocolDetection]:
    """What `livercnn protocol` says of each image that was written."""
    from LiverStandardizeLib.protocol import detect_protocol

    return {
        protocol: detect_protocol(folder / f"{name}_{protocol}.nii.gz", use_hu=False)
        for protocol in protocols
    }


def protocol_results(
    subject: Subject,
    detections: dict[str, ProtocolDetection],
    segment: Callable[[sitk.Image, Progress], LiverSegmentation],
    progress: Progress,
) -> tuple[ProtocolResult, ...]:
    """Segment every reconstruction, and compare each with the exact label.

    Args:
        subject: The phantom.
        detections: By protocol.
        segment: How an image is segmented.
        progress: Told which is being segmented; raising ``Cancelled`` stops.
    """
    from LiverMetricsLib import compare

    exact = subject.exact_liver
    assert exact is not None
    inside = sitk.GetArrayFromImage(exact) > 0
    count = len(subject.reconstructions)
    results = []
    for number, (protocol, image) in enumerate(subject.reconstructions.items()):

        def step(fraction: float, message: str, number: int = number, protocol: str = protocol) -> None:
            progress((number + fraction) / count, f"{protocol}: {message}")

        step(0.0, "segmenting the liver")
        segmentation = segment(image, step)
        results.append(
            ProtocolResult(
                protocol,
                detections[protocol],
                float(np.median(sitk.GetArrayViewFromImage(image)[inside])),
                segmentation,
                compare(exact, segmentation.mask),
            )
        )
    return tuple(results)
