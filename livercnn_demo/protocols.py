"""The six reconstructions of the phantom: what each is taken for, and how well its liver is found.

Where a standardizer is installed, also what it makes of some of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import numpy as np
import SimpleITK as sitk

if TYPE_CHECKING:
    from LiverMetricsLib import Comparison
    from LiverSegmentCNNLib import LiverSegmentation
    from LiverStandardizeLib.model import StandardizerModel
    from LiverStandardizeLib.protocol import ProtocolDetection
    from LiverStandardizeLib.standardize import Standardized

    from .subject import Subject

Progress = Callable[[float, str], None]
Segment = Callable[[sitk.Image, Progress], "LiverSegmentation"]


STANDARDIZED_PROTOCOLS = ("M40", "FBP")
"""Of which the demonstration makes the standardizer's target: the one farthest off, and the commonest."""


@dataclass(frozen=True)
class ProtocolResult:
    """One image of the phantom: a reconstruction, or what standardization made of one.

    Attributes:
        protocol: How the reconstruction was made, one of PROTOCOLS.
        image: What was segmented.
        detection: What the reconstruction's file was taken for.
        liver_hu: Median in the exact liver.
        segmentation: Of this image.
        agreement: Of that mask with the exact liver.
        standardized: How the image came about; None for the reconstruction itself.
    """

    protocol: str
    image: sitk.Image
    detection: ProtocolDetection
    liver_hu: float
    segmentation: LiverSegmentation
    agreement: Comparison
    standardized: Standardized | None = None

    @property
    def name(self) -> str:
        """The protocol, and whether it was standardized."""
        return self.protocol if self.standardized is None else f"{self.protocol}, standardized"

    @property
    def file_name(self) -> str:
        """How files of this image are told from the others."""
        return self.protocol if self.standardized is None else f"{self.protocol}_standardized"

    @property
    def caption(self) -> str:
        """A line below its picture."""
        return f"{self.name}   liver {self.liver_hu:.0f} HU   Dice {self.agreement.dice:.3f}"

    @property
    def seconds(self) -> float:
        """How long segmentation took."""
        return self.segmentation.timings_s["total"]

    def to_dict(self) -> dict[str, Any]:
        """A row of report.json."""
        return {
            "protocol": self.protocol,
            "detection": self.detection.to_dict(),
            "standardized": None if self.standardized is None else self.standardized.to_dict(),
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


def default_standardizer() -> StandardizerModel | None:
    """The default model, or None where there is none. Raises ModelError for a damaged one."""
    from LiverCoreLib.model_error import ModelError
    from LiverStandardizeLib import load_standardizer

    try:
        return load_standardizer()
    except ModelError as error:
        if error.id != "no-default-model":
            raise
        return None


def protocol_results(
    subject: Subject, detections: dict[str, ProtocolDetection], segment: Segment, progress: Progress
) -> tuple[ProtocolResult, ...]:
    """Segment every reconstruction, and compare each with the exact label.

    Args:
        subject: The phantom.
        detections: By protocol.
        segment: How an image is segmented.
        progress: Told which is being segmented; raising ``Cancelled`` stops.
    """
    count = len(subject.reconstructions)
    return tuple(
        _measured(
            subject, protocol, image, detections[protocol], segment, _step(progress, number, count, protocol)
        )
        for number, (protocol, image) in enumerate(subject.reconstructions.items())
    )


def standardized_results(
    subject: Subject,
    detections: dict[str, ProtocolDetection],
    standardize: Callable[[sitk.Image, ProtocolDetection, Progress], Standardized],
    segment: Segment,
    progress: Progress,
) -> tuple[ProtocolResult, ...]:
    """The same for what standardization makes of STANDARDIZED_PROTOCOLS."""
    results = []
    for number, protocol in enumerate(STANDARDIZED_PROTOCOLS):
        steps = [
            _step(progress, 2 * number + part, 2 * len(STANDARDIZED_PROTOCOLS), protocol) for part in (0, 1)
        ]
        made = standardize(subject.reconstructions[protocol], detections[protocol], steps[0])
        one = _measured(subject, protocol, made.image, detections[protocol], segment, steps[1])
        results.append(replace(one, standardized=made))
    return tuple(results)


def _measured(
    subject: Subject,
    protocol: str,
    image: sitk.Image,
    detection: ProtocolDetection,
    segment: Segment,
    progress: Progress,
) -> ProtocolResult:
    from LiverMetricsLib import compare

    exact = subject.exact_liver
    assert exact is not None
    progress(0.0, "segmenting the liver")
    segmentation = segment(image, progress)
    inside = sitk.GetArrayViewFromImage(exact) > 0
    liver_hu = float(np.median(sitk.GetArrayViewFromImage(image)[inside]))
    agreement = compare(exact, segmentation.mask)
    return ProtocolResult(protocol, image, detection, liver_hu, segmentation, agreement)


def _step(progress: Progress, number: int, count: int, protocol: str) -> Progress:
    return lambda fraction, message: progress((number + fraction) / count, f"{protocol}: {message}")
