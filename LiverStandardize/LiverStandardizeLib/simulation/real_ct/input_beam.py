"""The beam that a CT was taken with, which decides what iodine and calcium are worth in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional, Union

import numpy as np
import torch

from ...protocol.attributes import read_attributes
from ...protocol.energies import HIGHEST_TUBE_KV
from ..physics.beams import beam, water_path
from ..physics.scanner import Scanner
from ..protocols.mixing import LOW_SHARE
from ..wordings import MANUFACTURER
from .tissue_rule import Worth

Kv = Optional[Union[float, str]]
"""A tube voltage in kV, MIXED, or None where nobody knows it."""

MIXED = "mixed"
"""The scanner's mix of its two beams: its FBP and IR images."""
USUAL_KV = 120.0
"""Of most CTs of adults: taken where none is stated."""
VOLTAGES_KV = (70.0, 80.0, 100.0, 120.0, 140.0)
"""Of the spectra in the tables; what lies between is interpolated."""
ADULT_WATER_CM = 25.5
"""Mean over the area of a 30 cm cylinder of the water along the rays through it."""


@dataclass(frozen=True)
class InputBeam:
    """Two beams of the tables, and the first one's share in what the CT shows."""

    name: str
    low: str
    high: str
    low_share: float

    def seen(self, of_beams: torch.Tensor) -> torch.Tensor:
        """What the CT shows of something given for both beams, (n, 2, ...) to (n, ...)."""
        return torch.lerp(of_beams[:, 1], of_beams[:, 0], self.low_share)

    def scanner(self, scanner: Scanner) -> Scanner:
        """A scanner with these beams."""
        return replace(scanner, low_beam=self.low, high_beam=self.high)

    def worth_in_adults(self) -> Worth:
        """HU per mg/mL in the middle of an adult, to begin with."""
        gains = [
            beam(name).gains(water_path(np.array(ADULT_WATER_CM)), np.array(0.0))
            for name in (self.low, self.high)
        ]
        both = torch.tensor(1000 * np.stack(gains), dtype=torch.float32)[None]
        _, calcium, iodine = self.seen(both)[0]
        return Worth(calcium[None], iodine[None])


def input_beam(kv: Kv) -> InputBeam:
    """The beam of a tube voltage, or of the mix; None is USUAL_KV.

    Raises ValueError for another word and for a voltage that no table is near to.
    """
    if kv == MIXED:
        scanner = Scanner()
        return InputBeam(MIXED, scanner.low_beam, scanner.high_beam, LOW_SHARE)
    voltage = USUAL_KV if kv is None else float(kv)
    if not VOLTAGES_KV[0] <= voltage <= VOLTAGES_KV[-1]:
        raise ValueError(f"kv must be {MIXED!r} or {VOLTAGES_KV[0]:g} to {VOLTAGES_KV[-1]:g}, found {kv}")
    above = next(known for known in VOLTAGES_KV if known >= voltage)
    below = next(known for known in reversed(VOLTAGES_KV) if known <= voltage)
    share = 1.0 if above == below else (above - voltage) / (above - below)
    return InputBeam(f"{voltage:g} kV", f"{below:g}", f"{above:g}", share)


def kv_of_headers(headers: Mapping[Any, Any]) -> Kv:
    """What headers (as for ``protocol_of_headers``) say of the beam; None where they say nothing of use.

    Our own images are the mix. So are, most likely, those that state more than any spectrum here has:
    scanners with two tubes state the second one's 150 kV.
    """
    attributes = read_attributes(headers)
    if attributes.get("Manufacturer") == (MANUFACTURER,):
        return MIXED
    try:
        voltages = {float(text) for text in attributes.get("KVP", ())}
    except ValueError:
        return None
    voltage = voltages.pop() if len(voltages) == 1 else 0.0
    if VOLTAGES_KV[-1] < voltage <= HIGHEST_TUBE_KV:
        return MIXED
    return voltage if VOLTAGES_KV[0] <= voltage <= VOLTAGES_KV[-1] else None
