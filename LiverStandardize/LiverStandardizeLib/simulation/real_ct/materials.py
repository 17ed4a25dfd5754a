"""A CT as maps of water, calcium and iodine, its noise apart, and what nobody can know from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Optional

import numpy as np
import SimpleITK as sitk

from .findings import Findings
from .input_beam import Kv
from .organ_bases import ORGAN_CODES
from .split import split_ct

Progress = Optional[Callable[[float, str], None]]


@dataclass(frozen=True)
class RealMaterials:
    """maps: (3, z, y, x), float32, in the order of MATERIALS. noise_hu: (z, y, x), float32, what was taken
    out of the image.

    uncertain: (z, y, x), True where HU were cut off or there was none: the maps there are a guess, or air.
    All on the CT's own voxels.
    """

    maps: np.ndarray
    noise_hu: np.ndarray
    uncertain: np.ndarray
    findings: Findings

    def to_dict(self) -> dict[str, Any]:
        return self.findings.to_dict()


def materials_of_ct(
    image: sitk.Image,
    labels: sitk.Image | None = None,
    *,
    organs: Mapping[int, str] = ORGAN_CODES,
    kv: Kv = None,
    phase: str | None = None,
    progress: Progress = None,
) -> RealMaterials:
    """What a single-energy CT is made of, by its HU and, where labels are given, by its organs.

    Args:
        image: HU, any lattice.
        labels: Codes of organs on the same lattice; organs without label follow the rule of HU.
        organs: code -> organ, a key of ``organ_bases.SUBSTANCES``; ``{1: "liver", 2: "liver"}`` for a mask.
        kv: Tube voltage of the CT, or ``mixed`` for the scanner's mix of its two beams; None if it is not
            known: 120 kV then, with a warning.
        phase: ``portal``, ``unenhanced``, or None to go by how bright soft tissue is.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops.

    Raises:
        UnsupportedImage: If the image cannot be a CT.
        LabelsError: If labels do not belong to it.
        ValueError: For an organ, phase or tube voltage that there is not.
    """
    report = progress or _no_progress
    split = split_ct(image, labels, organs=organs, kv=kv, phase=phase, progress=lambda f, m: report(f / 2, m))
    size = split.voxels.stored.shape
    maps = np.empty((3, *size), np.float32)
    noise = np.empty(size, np.float32)
    uncertain = np.empty(size, bool)
    for here in split.axial.batches():
        report(0.5 + here.start / size[0] / 2, "Finding materials")
        maps[:, here] = split.axial.back(split.materials(here)).numpy().swapaxes(0, 1)
        noise[here] = split.axial.back(split.noise_hu(here)).numpy()
        uncertain[here] = split.voxels.uncertain(here)
    report(1.0, "Done")
    lies = split.axial.as_image_lies
    return RealMaterials(lies(maps), lies(noise), lies(uncertain), split.findings)


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
