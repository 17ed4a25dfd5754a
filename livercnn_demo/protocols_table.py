"""The six reconstructions as a table of the report."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .protocols import ProtocolResult

HEADS = ("", "detected as", "liver", "Dice", "HD95", "volume", "difference", "time")


def protocols_section(results: Sequence[ProtocolResult], standardized: Sequence[ProtocolResult] = ()) -> str:
    """What each was taken for, and its mask against the exact label; empty for a scan."""
    if not results:
        return ""
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    rows = "".join(f"<tr>{_cells(one)}</tr>" for one in (*results, *standardized))
    return (
        "<section><h2>The same scan in six reconstructions, each against the exact label</h2>"
        f'<div class="wide"><table class="grid"><tr>{heads}</tr>{rows}</table></div>'
        '<p class="note">FBP: filtered back projection. IR: iterative. OPT: optimum contrast. M40, M60, M80: '
        "virtual monoenergetic at so many keV. The protocol is read from the headers of each file; liver: "
        "the median HU.</p>"
        "</section>"
    )


def _cells(one: ProtocolResult) -> str:
    agreement = one.agreement
    texts = (
        f"{one.liver_hu:.0f} HU",
        f"{agreement.dice:.3f}",
        f"{agreement.hd95_mm:.1f} mm",
        f"{one.segmentation.volume_ml:.0f} mL",
        f"{agreement.volume_difference_ml:+.0f} mL ({agreement.volume_difference_percent:+.1f} %)",
        f"{one.seconds:.1f} s",
    )
    numbers = "".join(f'<td class="number">{text}</td>' for text in texts)
    detected = html.escape(one.detection.name)
    return f"<td><b>{one.name}</b></td><td>{detected}</td>{numbers}"
