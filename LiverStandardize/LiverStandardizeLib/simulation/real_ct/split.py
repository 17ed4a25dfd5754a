"""A CT taken apart section by section: its signal, its noise, its bones, its organs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Optional

import SimpleITK as sitk
import torch

from LiverCoreLib.ct_checks import check_image

from ..image_engine.engine import ImageEngine
from ..physics.scanner import Scanner
from .bone import bone_share
from .denoise import denoised
from .findings import Findings
from .input_beam import MIXED, InputBeam, Kv, input_beam
from .input_checks import check_labels, codes_in
from .noise_level import noise_sd_hu
from .organ_bases import bases, organ_bases
from .organ_sections import OrganSections
from .phase import PHASES, contrast_phase
from .sections import AxialSections
from .tissue_rule import Worth, to_materials
from .unknown import sentences
from .voxels import AIR_HU, Voxels, voxels_of

Progress = Optional[Callable[[float, str], None]]

LEAST_NOISE_HU = 1.0
"""What is less is rounding."""
SAMPLES = 8
"""Sections in which noise is measured."""
_WHOLE_BONE = 255
"""Shares of bone are held as whole numbers."""


@dataclass(frozen=True)
class SplitCT:
    """The image must not change while this is used: what can be had from it again is not held beside it.

    signal, bone: (n, size, size): denoised HU, float16, and the share of each pixel that is bone, uint8 up to
    255. organs: of the labels, or None. engine: the scanner of the protocols. seen_by: the same with the beam
    of the CT.
    """

    image: sitk.Image
    axial: AxialSections
    voxels: Voxels
    signal: torch.Tensor
    bone: torch.Tensor
    organs: OrganSections | None
    beam: InputBeam
    seen_by: ImageEngine
    engine: ImageEngine
    findings: Findings

    def hu(self, here: slice) -> torch.Tensor:
        """The CT's square sections, float32."""
        return self.axial.square(self.voxels.hu(here), AIR_HU)

    def materials(self, here: slice) -> torch.Tensor:
        """Sections as basis materials, (n, 3, size, size)."""
        organs = None
        if self.organs is not None:
            organs = organ_bases(self.organs.numbers(here), self.organs.names, self.axial.pixel_mm)
        maps = self._by(self.beam.worth_in_adults(), here, organs)
        worth = 1000 * self.beam.seen(self.seen_by.gains(maps).cpu())
        return self._by(Worth(worth[:, 0], worth[:, 1]), here, organs)

    def seen_hu(self, maps: torch.Tensor) -> torch.Tensor:
        """What a CT of these materials with this beam shows without noise, (n, size, size)."""
        return self.beam.seen(self.seen_by.prepare(maps).signal).cpu()

    def noise_hu(self, here: slice) -> torch.Tensor:
        """What was taken out of the image, (n, size, size)."""
        return self.hu(here) - self.signal[here].float()

    def _by(self, worth: Worth, here: slice, organs: torch.Tensor | None) -> torch.Tensor:
        signal = self.signal[here].float()
        base = bases(signal, organs, worth, enhanced=self.findings.phase == PHASES[0])
        return to_materials(signal, base, self.bone[here].float() / _WHOLE_BONE, worth)


def split_ct(
    image: sitk.Image,
    labels: sitk.Image | None,
    *,
    organs: Mapping[int, str],
    kv: Kv = None,
    phase: str | None = None,
    scanner: Scanner | None = None,
    device: str = "cpu",
    progress: Progress = None,
) -> SplitCT:
    """Denoise, find bone, and look at what can be known; raises as `materials_of_ct` does."""
    if phase is not None and phase not in PHASES:
        raise ValueError(f"no phase {phase!r}; there are {', '.join(PHASES)}")
    beam = input_beam(kv)
    report = progress or _no_progress
    check = check_image(image)
    if labels is not None:
        check_labels(image, labels, organs)
    axial = AxialSections(image)
    voxels = voxels_of(image, axial, check.hu_offset)
    named_organs = None if labels is None else OrganSections(labels, axial, organs)
    spread = axial.square(voxels.hu(spread_over(axial.count)), AIR_HU)
    noise = noise_sd_hu(spread, axial.pixel_mm)
    signal = torch.empty((axial.count, axial.size, axial.size), dtype=torch.float16)
    for here in axial.batches():
        report(0.6 * here.start / axial.count, "Telling signal from noise")
        sections = axial.square(voxels.hu(here), AIR_HU)
        signal[here] = denoised(sections, max(noise or 0.0, LEAST_NOISE_HU), axial.pixel_mm).half()
    bone = torch.empty(signal.shape, dtype=torch.uint8)
    for here in axial.batches():
        report(0.6 + 0.4 * here.start / axial.count, "Finding bone")
        bone[here] = _bone(signal, named_organs, voxels.clips_hu, axial.pixel_mm, here)
    if phase is None:
        named, named_from = contrast_phase(signal, bone, named_organs, axial.batches())
    else:
        named, named_from = phase, "stated"
    found = set() if labels is None else codes_in(labels)
    liver = None if named_organs is None else _median_of("liver", signal, named_organs)
    labelled = tuple(dict.fromkeys(organ for code, organ in organs.items() if code in found))
    tube_from = "stated" if kv is not None else "assumed"
    assumed = beam.name if kv is None else None
    said = sentences(noise, named, named_from, voxels.clip, labelled, axial.stretch, liver, assumed)
    scanner = scanner or Scanner(slice_mm=axial.slice_mm)
    engine = ImageEngine(axial.size, axial.pixel_mm, scanner, device, blur=False)
    seen_by = engine
    if beam.name != MIXED:
        seen_by = ImageEngine(axial.size, axial.pixel_mm, beam.scanner(scanner), device, blur=False)
    return SplitCT(
        image=image,
        axial=axial,
        voxels=voxels,
        signal=signal,
        bone=bone,
        organs=named_organs,
        beam=beam,
        seen_by=seen_by,
        engine=engine,
        findings=Findings(
            noise, beam.name, tube_from, named, named_from, voxels.clip, labelled, (*check.warnings, *said)
        ),
    )


def _bone(
    signal: torch.Tensor,
    organs: OrganSections | None,
    clips_hu: tuple[float, ...],
    pixel_mm: float,
    here: slice,
) -> torch.Tensor:
    """Shares of bone of some sections; their neighbours are looked at, too."""
    first, last = max(here.start - 1, 0), min(here.stop + 1, len(signal))
    wider = slice(first, last)
    soft = None if organs is None else organs.numbers(wider) > 0
    share = bone_share(signal[wider].float(), pixel_mm, clips_hu[wider], soft)
    inner = share[here.start - first : here.start - first + min(here.stop, len(signal)) - here.start]
    return (inner * _WHOLE_BONE).round().to(torch.uint8)


def spread_over(count: int) -> slice:
    """Some of so many sections, evenly."""
    step = max(1, -(-count // SAMPLES))
    return slice(min(step // 2, count - 1), count, step)


def _median_of(organ: str, signal: torch.Tensor, organs: OrganSections) -> float | None:
    inside = organs.values_inside((organ,), signal)
    return float(inside.float().median()) if len(inside) else None


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
