"""A CT taken apart section by section: its signal, its noise, its bones, its organs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np
import SimpleITK as sitk
import torch

from LiverCoreLib.ct_checks import check_image

from ..image_engine.engine import ImageEngine
from ..physics.scanner import Scanner
from ..protocols.mixing import mixed
from .bone import bone_share
from .denoise import denoised
from .findings import Findings
from .input_checks import check_labels, codes_in
from .limits import clip_of, upper_clip_hu, without_value
from .noise_level import noise_sd_hu
from .organ_bases import bases, organ_bases
from .phase import PHASES, contrast_phase
from .sections import AxialSections
from .tissue_rule import Worth, to_materials
from .unknown import sentences

Progress = Optional[Callable[[float, str], None]]

BATCH = 8
"""Sections at a time. Noise is drawn by batches: another number would give other noise."""
AIR_HU = -1000.0
LEAST_NOISE_HU = 1.0
"""What is less is rounding."""
SAMPLES = 8
"""Sections in which noise is measured."""
_FIRST = Worth(torch.tensor([3.1]), torch.tensor([33.0]))
"""HU per mg/mL in the mixed image of an adult, to find the materials that say what it is at each place."""


@dataclass(frozen=True)
class SplitCT:
    """hu: (n, row, column), float32, air where there is no measurement. stored: the same as they came. empty:
    where there is none. uncertain: there, and where HU were cut off.

    signal, bone: (n, size, size): denoised HU, and the share of each pixel that is bone. organs: codes.
    """

    image: sitk.Image
    axial: AxialSections
    hu: np.ndarray
    stored: np.ndarray
    empty: np.ndarray
    uncertain: np.ndarray
    signal: torch.Tensor
    bone: torch.Tensor
    organs: torch.Tensor | None
    codes: Mapping[int, str]
    engine: ImageEngine
    findings: Findings

    def materials(self, here: slice) -> torch.Tensor:
        """Sections as basis materials, (n, 3, size, size)."""
        organs = None
        if self.organs is not None:
            organs = organ_bases(self.organs[here], self.codes, self.axial.pixel_mm)
        maps = self._by(_FIRST, here, organs)
        worth = 1000 * mixed(self.engine.gains(maps).cpu())
        return self._by(Worth(worth[:, 0], worth[:, 1]), here, organs)

    def noise_hu(self, here: slice) -> torch.Tensor:
        """What was taken out of the image, (n, size, size)."""
        return self.axial.square(self.hu[here], AIR_HU) - self.signal[here]

    def _by(self, worth: Worth, here: slice, organs: torch.Tensor | None) -> torch.Tensor:
        signal = self.signal[here]
        base = bases(signal, organs, worth, enhanced=self.findings.phase == PHASES[0])
        return to_materials(signal, base, self.bone[here], worth)


def split_ct(
    image: sitk.Image,
    labels: sitk.Image | None,
    *,
    organs: Mapping[int, str],
    phase: str | None = None,
    scanner: Scanner | None = None,
    device: str = "cpu",
    progress: Progress = None,
) -> SplitCT:
    """Denoise, find bone, and look at what can be known; raises as `materials_of_ct` does."""
    if phase is not None and phase not in PHASES:
        raise ValueError(f"no phase {phase!r}; there are {', '.join(PHASES)}")
    report = progress or _no_progress
    check = check_image(image)
    if labels is not None:
        check_labels(image, labels, organs)
    axial = AxialSections(image)
    hu = axial.view(sitk.GetArrayFromImage(image)).astype(np.float32) + np.float32(check.hu_offset)
    hu[~np.isfinite(hu)] = AIR_HU
    lowest = float(hu.min())
    stored = hu.copy()
    empty = np.stack([without_value(section, lowest) for section in hu])
    clips = [upper_clip_hu(section) for section in hu]
    clip = clip_of(hu, empty, clips)
    hu[empty] = AIR_HU
    codes = None
    if labels is not None:
        codes = axial.square_labels(axial.view(sitk.GetArrayViewFromImage(labels)))
    noise = _noise(axial, hu)
    signal = []
    for start in range(0, axial.count, BATCH):
        report(start / axial.count, "Telling signal from noise")
        here = slice(start, start + BATCH)
        sections = axial.square(hu[here], AIR_HU)
        signal.append(denoised(sections, max(noise or 0.0, LEAST_NOISE_HU), axial.pixel_mm))
    whole = torch.cat(signal)
    soft = None if codes is None else torch.isin(codes, torch.tensor(list(organs)))
    bones = bone_share(whole, axial.pixel_mm, clips, soft)
    named, named_from = (
        (phase, "stated") if phase is not None else contrast_phase(whole, bones, codes, organs)
    )
    found = set() if labels is None else codes_in(labels)
    liver = None if codes is None else _median_of("liver", whole, codes, organs)
    labelled = tuple(dict.fromkeys(organ for code, organ in organs.items() if code in found))
    warnings = (*check.warnings, *sentences(noise, named, named_from, clip, labelled, axial.stretch, liver))
    return SplitCT(
        image=image,
        axial=axial,
        hu=hu,
        stored=stored,
        empty=empty,
        uncertain=empty | _at_clip(hu, clips, clip.lowest_hu),
        signal=whole,
        bone=bones,
        organs=codes,
        codes=organs,
        engine=ImageEngine(
            axial.size, axial.pixel_mm, scanner or Scanner(slice_mm=axial.slice_mm), device, blur=False
        ),
        findings=Findings(noise, named, named_from, clip, labelled, warnings),
    )


def _noise(axial: AxialSections, hu: np.ndarray) -> float | None:
    """Of some sections spread over the volume."""
    return noise_sd_hu(axial.square(hu[spread_over(axial.count)], AIR_HU), axial.pixel_mm)


def spread_over(count: int) -> slice:
    """Some of so many sections, evenly."""
    step = max(1, -(-count // SAMPLES))
    return slice(min(step // 2, count - 1), count, step)


def _median_of(
    organ: str, signal: torch.Tensor, codes: torch.Tensor, organs: Mapping[int, str]
) -> float | None:
    inside = torch.isin(codes, torch.tensor([code for code, name in organs.items() if name == organ]))
    return float(signal[inside].median()) if bool(inside.any()) else None


def _at_clip(hu: np.ndarray, clips: list[float], lowest: float | None) -> np.ndarray:
    above = hu >= np.array(clips, np.float32)[:, None, None]
    return above if lowest is None else above | (hu <= lowest)


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
