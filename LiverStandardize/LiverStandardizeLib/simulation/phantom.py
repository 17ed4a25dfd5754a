"""A synthetic abdomen: portal-phase CT and its exact organ labels, from a seed.

For demonstrations, tests and training: a person of some age, sex and build, drawn as implicit shapes with
partial-volume edges, texture and scanner noise. It shows the neighbours that a segmentation has to tell from
the liver. It is not meant for dosimetry or for measuring a scanner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from .body import Triple
from .challenges import Challenges
from .chance import Chance
from .contrast import Contrast
from .drawing import Picture, Progress, draw
from .drawn_challenges import DrawnChallenges
from .noise import scanner_noise, smooth_field
from .people import Person
from .plan import make_plan
from .stand import Stand, stand_of

NOISE_HU = 12.0
BLUR_MM = 0.7
TEXTURED_BELOW_HU = 300.0
DRAWN = 0.8
"""Share of the time after which the anatomy is drawn."""


@dataclass(frozen=True)
class Abdomen:
    """image: int16 HU. labels: uint8, same grid, organ codes as in tissues.LABELS (liver 6), 0 elsewhere.

    details: uint8, the liver's vessels and lesions as in tissues.DETAILS. challenges: as they were drawn.
    """

    image: sitk.Image
    labels: sitk.Image
    person: Person
    details: sitk.Image
    challenges: DrawnChallenges


def make_abdomen(
    seed: int = 0,
    *,
    size: tuple[int, int, int] = (256, 256, 100),
    spacing_mm: Triple | None = None,
    person: Person | None = None,
    challenges: Challenges | None = None,
    progress: Progress = None,
) -> Abdomen:
    """Draw the abdomen of person number `seed`; the same arguments give the same voxels.

    Args:
        seed: What differs between people of the same measures.
        size: Voxels along x, y, z.
        spacing_mm: Along x, y, z; by default what fits the person. The grid is axis-aligned LPS, centred on
            the body; a grid smaller than the body shows a part of it, as a small field of view does.
        person: Age, sex, height and weight; by default an adult drawn from the seed.
        challenges: What makes the liver hard to find; nothing by default.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops.

    Raises:
        ValueError: For a size below 16 or a spacing that is not positive.
        ChallengeError: For a lesion that does not fit into this liver.
    """
    stand = stand_of(seed, size, spacing_mm, person, challenges)
    picture = draw_abdomen(seed, stand, None, part_of(progress, 0.0, DRAWN), challenges)
    hu = _scan(picture.hu, stand, np.random.default_rng((seed, 7)), picture.challenges.charge)
    if progress is not None:
        progress(1.0, "Done")
    labels, details = stand.as_image(picture.labels), stand.as_image(picture.details)
    return Abdomen(stand.as_image(hu), labels, stand.body.person, details, picture.challenges)


def draw_abdomen(
    seed: int,
    stand: Stand,
    contrast: Contrast | None = None,
    progress: Progress = None,
    challenges: Challenges | None = None,
) -> Picture:
    """Anatomy without texture and scanner; with material maps if `contrast` is given.

    contrast: of the person; a challenge can weaken it.
    """
    plan = make_plan(stand.body, Chance(seed), challenges)
    if contrast is not None:
        contrast = plan.challenges.contrast(contrast)
    return draw(plan, stand.axes, contrast, progress)


def part_of(progress: Progress, start: float, stop: float) -> Progress:
    """Progress of one part of the work as that of the whole."""
    if progress is None:
        return None
    return lambda fraction, message: progress(start + (stop - start) * fraction, message)


def _scan(hu: np.ndarray, stand: Stand, rng: np.random.Generator, charge: float) -> np.ndarray:
    """Tissue texture, the scanner's blur, and noise that grows towards the middle of the body. int16 HU."""
    pitch = stand.spacing_mm[::-1]
    hu += np.where(np.abs(hu) < TEXTURED_BELOW_HU, texture_hu(rng, hu.shape, pitch), np.float32(0))
    for index in range(hu.shape[0]):
        ndimage.gaussian_filter(hu[index], (BLUR_MM / pitch[1], BLUR_MM / pitch[2]), output=hu[index])
    x, y, _ = stand.axes
    half_width, front, back = stand.body.extent_mm
    radius = np.hypot(x / half_width, y[:, None] * 2 / (front + back))
    noise = scanner_noise(rng, hu.shape, stand.spacing_mm[0])
    hu += NOISE_HU / np.sqrt(charge) * (1.15 - 0.45 * np.clip(radius, 0, 1)).astype(np.float32) * noise
    return np.clip(np.rint(hu), -1024, 3071).astype(np.int16)


def texture_hu(rng: np.random.Generator, shape: tuple[int, ...], pitch_mm: Triple) -> np.ndarray:
    """How uneven tissue is by itself, (z, y, x)."""
    return 3.0 * smooth_field(rng, shape, pitch_mm, 9.0) + 2.0 * smooth_field(rng, shape, pitch_mm, 30.0)
