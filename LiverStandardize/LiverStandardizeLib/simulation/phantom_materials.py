"""The synthetic abdomen as maps of water, calcium and iodine: what the engines scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from .body import Triple
from .challenges import Challenges
from .contrast import Contrast, draw_contrast
from .drawing import Progress
from .drawn_challenges import DrawnChallenges
from .people import Person
from .phantom import TEXTURED_BELOW_HU, draw_abdomen, texture_hu
from .stand import stand_of


@dataclass(frozen=True)
class MaterialAbdomen:
    """maps: (3, z, y, x), float32, in the order of MATERIALS, without noise. The rest: as in Abdomen."""

    maps: np.ndarray
    labels: sitk.Image
    contrast: Contrast
    person: Person
    details: sitk.Image
    challenges: DrawnChallenges


def make_materials(
    seed: int = 0,
    *,
    size: tuple[int, int, int] = (256, 256, 100),
    spacing_mm: Triple | None = None,
    phase: str = "portal",
    person: Person | None = None,
    challenges: Challenges | None = None,
    progress: Progress = None,
) -> MaterialAbdomen:
    """The anatomy that `make_abdomen` draws for the same arguments, with the same labels, as materials.

    Anatomy, contrast and texture each have random numbers of their own: another phase leaves the rest as it
    is. Raises ValueError for an impossible size, spacing or phase, and ChallengeError for a lesion that does
    not fit.
    """
    contrast = draw_contrast(seed, phase)
    stand = stand_of(seed, size, spacing_mm, person, challenges)
    picture = draw_abdomen(seed, stand, contrast, progress, challenges)
    drawn = picture.challenges
    maps = picture.maps
    assert maps is not None
    texture = texture_hu(np.random.default_rng((seed, 2)), picture.hu.shape, stand.spacing_mm[::-1])
    maps[0] += np.where(np.abs(picture.hu) < TEXTURED_BELOW_HU, texture / 1000, np.float32(0))
    labels, details = stand.as_image(picture.labels), stand.as_image(picture.details)
    return MaterialAbdomen(maps, labels, drawn.contrast(contrast), stand.body.person, details, drawn)
