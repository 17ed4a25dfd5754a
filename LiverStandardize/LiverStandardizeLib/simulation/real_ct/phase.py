"""Whether a CT was taken with contrast medium, which HU alone can only suggest."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from .organ_sections import OrganSections

PHASES = ("portal", "unenhanced")
BRIGHT_ORGANS = (
    "aorta",
    "spleen",
    "right_kidney",
    "left_kidney",
    "inferior_vena_cava",
    "portal_and_splenic_veins",
)
"""They take up contrast whatever ails the liver."""
ENHANCED_FROM_HU = 75.0
"""Between blood and organs without contrast, 30 to 65 HU, and in the portal phase, 100 to 200."""
SOFT_TISSUE_HU = (20.0, 220.0)
ENHANCED_SHARE = 0.12
"""Share of soft tissue brighter than that: liver, spleen, kidneys and vessels are a third of it."""
_FEWEST_PIXELS = 200


def contrast_phase(
    signal: torch.Tensor, bone: torch.Tensor, organs: OrganSections | None, batches: Iterable[slice]
) -> tuple[str, str]:
    """``portal`` or ``unenhanced`` for denoised HU (n, y, x), and whether ``labels`` or ``HU`` say so.

    bone: (n, y, x), 0 where there is none. batches: all sections, a few at a time, for memory.
    """
    if organs is not None:
        inside = organs.values_inside(BRIGHT_ORGANS, signal)
        if len(inside) >= _FEWEST_PIXELS:
            return _named(float(inside.float().median()) > ENHANCED_FROM_HU), "labels"
    of_soft_tissue = of_bright = 0
    for here in batches:
        hu = signal[here]
        soft = (hu > SOFT_TISSUE_HU[0]) & (hu < SOFT_TISSUE_HU[1]) & (bone[here] == 0)
        of_soft_tissue += int(soft.sum())
        of_bright += int((soft & (hu > ENHANCED_FROM_HU)).sum())
    return _named(of_bright / max(of_soft_tissue, 1) > ENHANCED_SHARE), "HU"


def _named(enhanced: bool) -> str:
    return PHASES[0] if enhanced else PHASES[1]
