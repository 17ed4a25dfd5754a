"""What the demonstration segments: a scan from a file, or a synthetic abdomen in six reconstructions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Optional

import SimpleITK as sitk

if TYPE_CHECKING:
    from LiverStandardizeLib.simulation import PhantomScan

Progress = Optional[Callable[[float, str], None]]

PHANTOM_NAME = "synthetic abdomen"
PHANTOM_SIZE = (256, 256, 80)
MAIN_PROTOCOL = "M80"
"""The reconstruction that stands for the phantom where one is shown: what segmentation was made for."""


@dataclass(frozen=True)
class Subject:
    """The scan. labels: the phantom's exact organ labels, or None for a real scan.

    reconstructions: the phantom's images by protocol; `image` is one of them.
    """

    name: str
    image: sitk.Image
    labels: sitk.Image | None
    facts: dict[str, Any]
    warnings: tuple[str, ...]
    reconstructions: Mapping[str, sitk.Image] = field(default_factory=dict)

    @property
    def exact_liver(self) -> sitk.Image | None:
        """The phantom's liver, 1 inside; None for a real scan."""
        if self.labels is None:
            return None
        from LiverStandardizeLib.simulation.tissues import LABELS

        return sitk.BinaryThreshold(self.labels, LABELS["liver"], LABELS["liver"])


def phantom_subject(scan: PhantomScan, seed: int) -> Subject:
    """The phantom of a seed, shown as MAIN_PROTOCOL."""
    image = scan.images[MAIN_PROTOCOL]
    facts = {"kind": "phantom", "seed": seed, "protocol": MAIN_PROTOCOL, **_geometry(image)}
    facts["person"] = scan.person.to_dict()
    return Subject(PHANTOM_NAME, image, scan.labels, facts, (), scan.images)


def read_subject(path: str, series: str | None, progress: Progress) -> Subject:
    """A scan of the user's. Raises UnsupportedImage, also for what is no CT."""
    from LiverCoreLib.images import UnsupportedImage, read_volume

    volume = read_volume(path, series=series, progress=progress)
    if volume.modality not in (None, "CT"):
        raise UnsupportedImage(f"The series is {volume.modality}, not CT; give a CT series.", id="not-ct")
    facts = {"kind": "scan", **volume.to_dict()}
    return Subject(f"scan {volume.path.name}", volume.image, None, facts, volume.warnings)


def _geometry(image: sitk.Image) -> dict[str, Any]:
    return {"size": list(image.GetSize()), "spacing_mm": list(image.GetSpacing())}
