"""What turns an image of one protocol into one of the target: the network, and what is simpler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import SimpleITK as sitk

from .exams import Progress

ORIGINAL = "original"
"""Stage of images that nothing standardized."""


class Standardizer(Protocol):
    """Anything that standardizes."""

    @property
    def name(self) -> str:
        """Unique in a study; a word."""

    @property
    def key(self) -> Mapping[str, Any]:
        """Everything that decides its output, as plain data."""

    @property
    def is_simple(self) -> bool:
        """Whether it is a control: a rule in the place of a network."""

    def standardize(self, image: sitk.Image, protocol: str, progress: Progress | None = None) -> sitk.Image:
        """The image as the target protocol might show it, HU, on the same grid."""


@dataclass(frozen=True, eq=False)
class NetworkStandardizer:
    """A bundle of LiverStandardizeLib. sha256: of the bundle."""

    name: str
    model: Any
    sha256: str
    device: str = "auto"
    is_simple = False

    @classmethod
    def load(cls, id_or_path: str, device: str) -> NetworkStandardizer:
        """By id or path. Raises ModelError where there is none, or it does not standardize to our target."""
        from LiverStandardizeLib.model import load_standardizer

        model = load_standardizer(id_or_path)
        return cls(model.card.id, model, model.sha256, device)

    @property
    def key(self) -> Mapping[str, Any]:
        return {"network": self.name, "sha256": self.sha256}

    def standardize(self, image: sitk.Image, protocol: str, progress: Progress | None = None) -> sitk.Image:
        from LiverStandardizeLib.standardize import standardize_volume

        return standardize_volume(
            image, model=self.model, protocol=protocol, device=self.device, progress=progress
        ).image


def stage_of(standardizer: Standardizer | None) -> str:
    """The stage of cohort tables, as LiverMetricsLib reads it."""
    return ORIGINAL if standardizer is None else f"standardized: {standardizer.name}"
