"""How HU of dense bone go from one protocol to another: what holds above a model's window."""

from __future__ import annotations

from .simulation.physics.attenuation import monoenergetic_hu
from .simulation.physics.tissues import tissue

ENERGY_KEV = {"FBP": 62.0, "IR": 62.0, "OPT": 53.0, "M40": 40.0, "M60": 60.0, "M80": 80.0}
"""At which energy bone reads as it does in a protocol. Those of the mixed images are fitted to noiseless
phantoms (bone of 200 to 1500 HU at 80 keV), where OPT's blend leans on the lower tube voltage."""


def slope(protocol: str | None, target: str) -> float:
    """HU of bone in the `target` protocol for one HU in `protocol`.

    Cortical bone (ICRU 44) at the protocols' energies; 1 where the protocol, None, is not known.

    >>> round(slope("M40", "M80"), 2)
    0.35
    """
    if protocol is None:
        return 1.0
    water, calcium = tissue("cortical_bone")
    before, after = (monoenergetic_hu(water, calcium, 0.0, ENERGY_KEV[name]) for name in (protocol, target))
    return after / before
