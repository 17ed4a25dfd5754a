"""Whether a CT was taken with contrast medium, which HU alone can only suggest."""

from __future__ import annotations

from collections.abc import Mapping

import torch

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
    signal: torch.Tensor, bone: torch.Tensor, organs: torch.Tensor | None, codes: Mapping[int, str]
) -> tuple[str, str]:
    """``portal`` or ``unenhanced`` for denoised HU (n, y, x), and whether ``labels`` or ``HU`` say so."""
    if organs is not None:
        bright = [code for code, organ in codes.items() if organ in BRIGHT_ORGANS]
        inside = torch.isin(organs, torch.tensor(bright, dtype=organs.dtype))
        if int(inside.sum()) >= _FEWEST_PIXELS:
            return _named(float(signal[inside].float().median()) > ENHANCED_FROM_HU), "labels"
    soft = (signal > SOFT_TISSUE_HU[0]) & (signal < SOFT_TISSUE_HU[1]) & (bone == 0)
    share = float((soft & (signal > ENHANCED_FROM_HU)).sum()) / max(int(soft.sum()), 1)
    return _named(share > ENHANCED_SHARE), "HU"


def _named(enhanced: bool) -> str:
    return PHASES[0] if enhanced else PHASES[1]
