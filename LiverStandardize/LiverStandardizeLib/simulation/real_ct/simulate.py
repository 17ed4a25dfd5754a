"""A real single-energy CT as a dual-energy scanner would have shown it, in the six protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Callable, Optional

import numpy as np
import SimpleITK as sitk
import torch

from ..image_engine.engine import Prepared
from ..protocols.energy_images import EnergyImages
from ..protocols.mixing import mixed
from ..protocols.monoenergetic import monoenergetic, monoenergetic_plus
from ..protocols.six import PROTOCOLS, Settings, make_protocols
from .findings import Findings
from .input_beam import Kv
from .input_checks import organs_of
from .limits import PADDING_BELOW_HU
from .noise_level import commonest_spread
from .paired_noise import beam_variances, mixed_sd_hu, with_mixed
from .round_trip import RoundTrip, RoundTripOfSections
from .split import SplitCT, split_ct, spread_over
from .stress import Stress, thicker, with_kernel

Progress = Optional[Callable[[float, str], None]]

NOISES = ("own", "fresh", "none")
_LOWEST_HU, _HIGHEST_HU = PADDING_BELOW_HU, 3071


@dataclass(frozen=True)
class SimulatedCT:
    """images: protocol -> int16 HU, on the CT's own lattice.

    noise_factor: the CT's noise in that of the scanner at its reference dose. slice_mm: thickness of a slice.
    round_trip: the materials seen with the CT's own beam beside the CT, without stress.
    """

    images: dict[str, sitk.Image]
    findings: Findings
    noise: str
    noise_factor: float
    seed: int
    stress: Stress | None
    slice_mm: float
    round_trip: RoundTrip | None

    def to_dict(self) -> dict[str, Any]:
        return {**self.findings.to_dict(), **self.of_this_scan()}

    def of_this_scan(self) -> dict[str, Any]:
        """All but the findings, which all scans of a CT share."""
        return {
            "images": list(self.images),
            "noise": self.noise,
            "noise_factor": round(self.noise_factor, 3),
            "seed": self.seed,
            "stress": None if self.stress is None else self.stress.to_dict(),
            "round_trip": None if self.round_trip is None else asdict(self.round_trip),
        }


def simulate_protocols(
    image: sitk.Image,
    labels: sitk.Image | None = None,
    *,
    organs: Mapping[int, str] | None = None,
    protocols: Sequence[str] | None = None,
    settings: Settings | None = None,
    noise: str = NOISES[0],
    kv: Kv = None,
    phase: str | None = None,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress = None,
) -> SimulatedCT:
    """Split a CT into signal and noise, find its materials, and show them in the protocols.

    The materials are those that the CT's own beam shows as it does. FBP is the scanner's mix of its two
    beams: the CT itself, rounded, if that is what the CT is.

    Args:
        image: HU, any lattice.
        labels: Organs on the same lattice; better iodine. organs: what codes mean; by default what they most
            likely do (``organs_of``).
        protocols: Some of PROTOCOLS; all by default.
        settings: Strength of IR, kind of monoenergetic images, and the kernel the CT is taken to have.
        noise: ``own``: the mixed image has the CT's own noise, whatever its beam, and the energies share it
            as those of a scanner would; ``fresh``: new noise of the same strength; ``none``.
        kv: Tube voltage of the CT, or ``mixed`` for the scanner's mix of its two beams; None if it is not
            known: 120 kV then, with a warning.
        phase: ``portal`` or ``unenhanced`` if it is known.
        seed: Of the noise.
        device: For torch.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops.

    Raises:
        UnsupportedImage: The image cannot be a CT of the abdomen.
        LabelsError: The labels do not belong to it.
        ValueError: For a protocol, noise, phase, organ or tube voltage that there is not.
    """
    report = progress or _no_progress
    found = organs if organs is not None else organs_of(labels) if labels is not None else {}
    split = split_ct(
        image,
        labels,
        organs=found,
        kv=kv,
        phase=phase,
        device=device,
        progress=lambda f, m: report(0.4 * f, m),
    )
    return simulate_split(
        split,
        protocols=protocols,
        settings=settings,
        noise=noise,
        seed=seed,
        progress=lambda f, m: report(0.4 + 0.6 * f, m),
    )


def simulate_split(
    split: SplitCT,
    *,
    protocols: Sequence[str] | None = None,
    settings: Settings | None = None,
    noise: str = NOISES[0],
    stress: Stress | None = None,
    seed: int = 0,
    progress: Progress = None,
) -> SimulatedCT:
    """The protocols of a CT that is split already, under a stress if one is given: see simulate_protocols.

    A stress of kind ``kev`` gives one image, at that energy and named after it, whatever protocols are asked
    for. Raises StressError for a value that this CT cannot be given.
    """
    names = list(PROTOCOLS if protocols is None else protocols)
    unknown = sorted(set(names) - set(PROTOCOLS))
    if unknown or not names:
        raise ValueError(f"protocols must be some of {', '.join(PROTOCOLS)}, found {names}")
    if noise not in NOISES:
        raise ValueError(f"no noise {noise!r}; there are {', '.join(NOISES)}")
    report = progress or _no_progress
    if stress is not None and stress.kind == "thickness":
        split = thicker(split, stress.value)
    factor = _noise_factor(split, noise)
    scanned = _Scan(split, settings or Settings(), noise, factor, stress, seed)
    back = RoundTripOfSections(split)
    images: dict[str, sitk.Image] = {}
    for here in split.axial.batches():
        report(here.start / split.axial.count, "Scanning")
        maps = split.materials(here)
        if stress is None:
            back.add(maps, here)
        ct, square_ct = split.voxels.hu(here), split.hu(here)
        empty, as_it_came = split.voxels.empty(here), split.voxels.as_they_came(here)
        for name, made in scanned.protocols(maps, here, names).items():
            if name not in images:
                images[name] = _blank(split.image)
            # As a change of the CT: where pixels had to be made square, they keep what they held.
            shown = ct + split.axial.back(made.cpu() - square_ct).numpy()
            hu = np.where(empty, as_it_came, np.clip(np.rint(shown), _LOWEST_HU, _HIGHEST_HU))
            # Into the image at once: an array of the whole volume beside it would be as large again.
            split.axial.put(images[name], here, hu.astype(np.int16))
    report(1.0, "Done")
    seen_again = back.result() if stress is None else None
    slice_mm = stress.value if stress is not None and stress.kind == "thickness" else split.axial.slice_mm
    return SimulatedCT(images, split.findings, noise, factor, seed, stress, slice_mm, seen_again)


class _Scan:
    """How each batch of sections is scanned; batches must come in their order, for the noise."""

    def __init__(
        self, split: SplitCT, settings: Settings, noise: str, factor: float, stress: Stress | None, seed: int
    ) -> None:
        self._split = split
        self._settings = settings
        self._noise = noise
        self._factor = factor
        self._stress = stress
        self._generator = torch.Generator(split.engine.device).manual_seed(seed)

    def protocols(self, maps: torch.Tensor, here: slice, names: Sequence[str]) -> dict[str, torch.Tensor]:
        """The named images of these sections of materials, (n, size, size) each."""
        iodine = maps.new_tensor([1.0, 1.0, self._value("iodine", 1.0)]).view(1, 3, 1, 1)
        prepared = self._split.engine.prepare(maps * iodine)
        images = EnergyImages(
            prepared.signal, self._noise_of(prepared, here), prepared.iodine_hu, self._split.axial.pixel_mm
        )
        kernel = self._value("kernel", None)
        if kernel is not None:
            images = with_kernel(images, kernel, self._settings.kernel_lp_cm)
        energy = self._value("kev", None)
        if energy is None:
            return make_protocols(images, names, self._settings)
        name = f"M{energy:g}"
        if self._settings.classic_monoenergetic:
            return {name: monoenergetic(images.hu, images.iodine_hu, energy)}
        return {name: monoenergetic_plus(images, [energy])[0]}

    def _value(self, kind: str, otherwise: Any) -> Any:
        return self._stress.value if self._stress is not None and self._stress.kind == kind else otherwise

    def _noise_of(self, prepared: Prepared, here: slice) -> torch.Tensor:
        """(n, 2, size, size): the noise wanted, at the dose wanted."""
        engine, dose = self._split.engine, self._value("dose", 1.0)
        if self._noise == "none":
            return torch.zeros_like(prepared.signal)
        drawn = engine.draw(prepared, self._generator).noise * (self._factor * dose**-0.5)
        if self._noise == "fresh":
            return drawn
        wanted = self._split.noise_hu(here).to(drawn) * min(dose**-0.5, 1.0)
        if dose < 1:
            extra = engine.draw(prepared, self._generator).noise * self._factor
            wanted = wanted + mixed(extra) * (1 / dose - 1) ** 0.5
        return with_mixed(drawn, wanted, beam_variances(prepared))


def _noise_factor(split: SplitCT, noise: str) -> float:
    """The CT's noise as a multiple of that of the scanner's reference dose, by soft tissue of some sections.

    Fresh noise is added to a signal that still holds some of the CT's own; it is weaker by that.
    """
    measured = split.findings.noise_hu
    if measured is None or noise == "none":
        return 0.0
    here = spread_over(split.axial.count)
    ct, signal, pixel_mm = split.hu(here), split.signal[here].float(), split.axial.pixel_mm
    # One section after the other, for memory.
    ones = [slice(place, place + 1) for place in range(*here.indices(split.axial.count))]
    prepared = (split.engine.prepare(split.materials(one)) for one in ones)
    by_engine = torch.cat([mixed_sd_hu(beam_variances(one)).cpu() for one in prepared])
    seen = commonest_spread(ct, pixel_mm, by_engine)
    left = commonest_spread(signal, pixel_mm, by_engine)
    if seen is None or left is None:
        return 0.0
    return seen if noise == "own" else max(seen**2 - left**2, 0.0) ** 0.5


def _blank(image: sitk.Image) -> sitk.Image:
    """int16 on the lattice of another image."""
    made = sitk.Image(image.GetSize(), sitk.sitkInt16)
    made.CopyInformation(image)
    return made


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
