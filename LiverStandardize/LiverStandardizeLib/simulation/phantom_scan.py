"""The synthetic abdomen as a scanner shows it in the six protocols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable, Optional

import numpy as np
import SimpleITK as sitk

from .body import Triple
from .challenges import Challenges
from .contrast import Contrast
from .drawn_challenges import DrawnChallenges
from .people import Person
from .phantom import part_of
from .phantom_materials import make_materials

if TYPE_CHECKING:
    from .protocols.six import Settings

Progress = Optional[Callable[[float, str], None]]

BATCH = 8
"""Sections at a time. Noise is drawn by batches: another number would give other noise."""
DRAWN = 0.75
"""Share of the time after which the anatomy is drawn."""


@dataclass(frozen=True)
class PhantomScan:
    """images: protocol -> int16 HU. The rest: as in Abdomen. All on one grid."""

    images: dict[str, sitk.Image]
    labels: sitk.Image
    contrast: Contrast
    person: Person
    details: sitk.Image
    challenges: DrawnChallenges


def make_six(
    seed: int = 0,
    *,
    size: tuple[int, int, int] = (256, 256, 100),
    spacing_mm: Triple | None = None,
    phase: str = "portal",
    person: Person | None = None,
    challenges: Challenges | None = None,
    protocols: Sequence[str] | None = None,
    settings: Settings | None = None,
    noise: bool = True,
    device: str = "cpu",
    progress: Progress = None,
) -> PhantomScan:
    """Scan person number `seed` once and reconstruct it as each protocol says, with the image engine.

    Args:
        seed: Anatomy, contrast and noise; the same arguments give the same voxels on the same device.
        size, spacing_mm: As for `make_abdomen`; sections must be square. What a small field leaves out does
            not attenuate.
        phase: ``portal`` or ``unenhanced``.
        person: As for `make_abdomen`.
        challenges: As for `make_abdomen`. Sections with metal are scanned by way of projections, which takes
            seconds for each of them.
        protocols: Some of PROTOCOLS; all by default.
        settings: Strength of IR and kind of monoenergetic images; its kernel is that of the scanner.
        noise: False for the same scan at infinite dose.
        device: For torch.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops.

    Raises:
        ValueError: For a size, spacing, phase or protocol that there is not.
        ChallengeError: For a lesion that does not fit into this liver.
    """
    import torch

    from .image_engine.engine import ImageEngine
    from .physics.scanner import Scanner
    from .projection.metal_sections import MetalSections
    from .protocols.six import PROTOCOLS, Settings, make_protocols

    names = list(PROTOCOLS if protocols is None else protocols)
    settings = settings or Settings()
    if size[0] != size[1] or (spacing_mm and spacing_mm[0] != spacing_mm[1]):
        raise ValueError(f"sections must be square, found {size} voxels of {spacing_mm} mm")
    unknown = sorted(set(names) - set(PROTOCOLS))
    if unknown or not names:
        raise ValueError(f"protocols must be some of {', '.join(PROTOCOLS)}, found {names}")
    report = progress or _no_progress
    drawing = part_of(report, 0.0, DRAWN)
    body = make_materials(
        seed,
        size=size,
        spacing_mm=spacing_mm,
        phase=phase,
        person=person,
        challenges=challenges,
        progress=drawing,
    )
    pixel_mm, _, slice_mm = body.labels.GetSpacing()
    scanner = Scanner(slice_mm=slice_mm, kernel_lp_cm=settings.kernel_lp_cm)
    charge = body.challenges.charge
    scanner = replace(scanner, low_mas=charge * scanner.low_mas, high_mas=charge * scanner.high_mas)
    engine = ImageEngine(size[0], pixel_mm, scanner, device)
    metal = None
    if body.challenges.metal is not None:
        metal = MetalSections(size[0], pixel_mm, scanner, device, _noise_seed(seed, 8) if noise else None)
    generator = torch.Generator(device).manual_seed(_noise_seed(seed, 3)) if noise else None
    hu = {name: np.empty(size[::-1], np.int16) for name in names}
    for start in range(0, size[2], BATCH):
        report(DRAWN + (1 - DRAWN) * start / size[2], "Scanning")
        here = slice(start, start + BATCH)
        maps = torch.as_tensor(np.ascontiguousarray(body.maps[:, here].swapaxes(0, 1)))
        scanned = engine.scan(maps, generator)
        if metal is not None:
            scanned = metal.replaced(scanned, maps)
        for name, made in make_protocols(scanned, names, settings).items():
            hu[name][here] = made.round().clamp(-1024, 3071).to(torch.int16).cpu().numpy()
    report(1.0, "Done")
    images = {name: _on_grid_of(body.labels, array) for name, array in hu.items()}
    return PhantomScan(images, body.labels, body.contrast, body.person, body.details, body.challenges)


def _on_grid_of(labels: sitk.Image, array: np.ndarray) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.CopyInformation(labels)
    return image


def _noise_seed(seed: int, purpose: int) -> int:
    return int(np.random.SeedSequence((seed, purpose)).generate_state(1)[0])


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
