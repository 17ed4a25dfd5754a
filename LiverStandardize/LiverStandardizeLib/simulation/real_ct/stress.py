"""Ways to make a scan harder, or just other, one at a time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from LiverCoreLib.errors import LiverCNNError

from ..projection.filtering import kernel_response
from ..protocols.energy_images import EnergyImages
from .split import SplitCT

KINDS = ("dose", "kernel", "kev", "iodine", "thickness")
_UNITS = {"dose": "x", "kernel": "lp/cm", "kev": "keV", "iodine": "x", "thickness": "mm"}
_RANGES = {
    "dose": (0.01, 100.0),
    "kernel": (1.0, 12.0),
    "kev": (40.0, 140.0),
    "iodine": (0.0, 5.0),
    "thickness": (0.1, 30.0),
}
MOST_GAIN = 4.0
"""A sharper kernel than the CT's brings back no more than so many times what is left of a frequency."""


class StressError(LiverCNNError):
    """A value of a sweep that this CT cannot be given."""

    id = "impossible-stress"


@dataclass(frozen=True)
class Stress:
    """kind: one of KINDS. value: times the dose or the iodine, lp/cm at which the kernel falls to one half,
    keV, or mm of slice thickness.
    """

    kind: str
    value: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no sweep of {self.kind!r}; there are {', '.join(KINDS)}")
        low, high = _RANGES[self.kind]
        if not low <= self.value <= high:
            raise StressError(
                f"A sweep of {self.kind} takes values from {low:g} to {high:g} {_UNITS[self.kind]}, "
                f"not {self.value:g}.",
                kind=self.kind,
                value=self.value,
            )

    @property
    def name(self) -> str:
        """For file names: ``dose0.25``, ``thickness5mm``."""
        unit = _UNITS[self.kind].replace("/", "").replace("x", "")
        return f"{self.kind}{self.value:g}{unit}" if self.kind != "kev" else f"{self.value:g}keV"

    def to_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "value": self.value, "unit": _UNITS[self.kind]}


def sweep_of(words: Sequence[str] | None) -> list[Stress | None]:
    """The stresses of a sweep as a user writes it, ``["dose", "0.25", "0.5"]``; [None] for no sweep.

    Raises StressError for another kind, and for values that are no numbers or out of range.
    """
    if words is None:
        return [None]
    kind, *texts = words
    if kind not in KINDS or not texts:
        raise StressError(
            f"A sweep is one of {', '.join(KINDS)} and values, as in `--sweep dose 0.25 0.5`, "
            f"not {' '.join(words)!r}."
        )
    try:
        values = [float(text) for text in texts]
    except ValueError as error:
        raise StressError(f"A sweep of {kind} takes numbers, not {' '.join(texts)!r}.") from error
    return [Stress(kind, value) for value in dict.fromkeys(values)]


def thicker(split: SplitCT, thickness_mm: float) -> SplitCT:
    """The CT in thicker slices, on the same lattice: neighbours are averaged.

    Raises StressError for slices that are not thicker than the CT's.
    """
    slice_mm = split.axial.slice_mm
    if thickness_mm < slice_mm * 1.001:
        raise StressError(
            f"This CT has a slice every {slice_mm:g} mm; {thickness_mm:g} mm is not thicker.",
            slice_mm=slice_mm,
            value=thickness_mm,
        )
    weights = _box_weights(thickness_mm / slice_mm)
    return dataclasses.replace(
        split,
        voxels=dataclasses.replace(split.voxels, weights=tuple(weights.tolist())),
        signal=_averaged(split.signal, weights),
        bone=_averaged(split.bone, weights),
    )


def with_kernel(images: EnergyImages, kernel_lp_cm: float, of_ct_lp_cm: float) -> EnergyImages:
    """Signal and noise as another kernel shows them, the CT's own taken to be `of_ct_lp_cm`."""
    rows, columns = images.signal.shape[-2:]
    along_y = torch.fft.fftfreq(rows, d=images.pixel_mm / 10)[:, None]
    along_x = torch.fft.rfftfreq(columns, d=images.pixel_mm / 10)[None, :]
    frequency = torch.hypot(along_y, along_x)
    change = kernel_response(frequency, kernel_lp_cm) / kernel_response(frequency, of_ct_lp_cm)
    change = change.clamp_max(MOST_GAIN).to(images.signal.device)
    signal, noise = (
        torch.fft.irfft2(torch.fft.rfft2(one) * change, s=(rows, columns))
        for one in (images.signal, images.noise)
    )
    return EnergyImages(signal, noise, images.iodine_hu, images.pixel_mm)


def _box_weights(slices: float) -> np.ndarray:
    """Share of each slice in a box that is so many slices wide, about the middle one."""
    reach = math.ceil((slices - 1) / 2)
    places = np.arange(-reach, reach + 1)
    covered = np.clip(np.minimum(places + 0.5, slices / 2) - np.maximum(places - 0.5, -slices / 2), 0, 1)
    return covered / covered.sum()


def _averaged(sections: torch.Tensor, weights: np.ndarray) -> torch.Tensor:
    """(n, ...) along the first axis, of the same type; beyond the ends the last section repeats."""
    reach, last = len(weights) // 2, len(sections) - 1
    averaged = torch.empty_like(sections)
    for place in range(len(sections)):
        total = torch.zeros(sections.shape[1:])
        for offset, weight in enumerate(weights, start=-reach):
            total += float(weight) * sections[min(max(place + offset, 0), last)].float()
        averaged[place] = total if sections.is_floating_point() else total.round()
    return averaged
