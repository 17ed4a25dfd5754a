"""In which units a map of the proton-density fat fraction is stored: per cent, fraction or per mille.

Makers store PDFF from 0 to 100, 0 to 1 or 0 to 1000. Every abdomen shows fat under the skin, whose PDFF is
near 100 %: the highest values of a whole map tell per cent and fraction. Images of signal often reach some
hundreds, as maps in per mille do: there, and where values tell nothing, the user must.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from LiverCoreLib.errors import LiverCNNError

FACTORS = {"percent": 1.0, "fraction": 100.0, "permille": 0.1}
"""Units and the factor from them to per cent."""

HIGH_PERCENTILE = 99.9
_TOLD_BY_VALUES = ("percent", "fraction")
_HIGH_PCT = (50.0, 115.0)  # where the high percentile of a whole map lies, in per cent
_POSSIBLE_PCT = (-20.0, 120.0)  # noise included
_LEAST_POSSIBLE_SHARE = 0.98


class PdffUnitsError(LiverCNNError):
    """A map that is no fat fraction, or whose units cannot be told. Ids: ``no-map-values``, ``no-pdff-map``,
    ``pdff-units-unclear``, ``invalid-argument``.
    """

    id = "pdff-units-unclear"


@dataclass(frozen=True)
class MapUnits:
    """Units of a map. name: a key of FACTORS. from_values: whether the values told them. high: the 99.9th
    percentile of the whole map, as stored.
    """

    name: str
    from_values: bool
    high: float

    @property
    def factor(self) -> float:
        """From the map's values to per cent."""
        return FACTORS[self.name]


def map_units(values: np.ndarray, wanted: str = "") -> MapUnits:
    """The units of a whole map.

    Without ``wanted``, per cent or fraction, where the 99.9th percentile lies between 50 and 115 % in them.
    Either way 98 % of the voxels must lie between -20 and 120 %: a CT is no fat fraction.

    Args:
        values: All voxels of the map; those without a number are passed over.
        wanted: A key of FACTORS, or empty.

    Raises:
        PdffUnitsError: If the values do not tell, or are no fat fraction in those units.
    """
    if wanted and wanted not in FACTORS:
        raise PdffUnitsError(
            f"The units are one of {', '.join(FACTORS)}; found {wanted!r}.", id="invalid-argument"
        )
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise PdffUnitsError("The map holds no numbers; export it again.", id="no-map-values")
    high = float(np.percentile(finite, HIGH_PERCENTILE))
    fitting = [name for name in _TOLD_BY_VALUES if _HIGH_PCT[0] <= high * FACTORS[name] <= _HIGH_PCT[1]]
    if not wanted and not fitting:
        raise PdffUnitsError(
            f"The map's values go up to about {high:.4g}, which does not tell its units; choose the units if "
            "it is a fat-fraction map, or choose another map.",
            high=high,
        )
    name = wanted or fitting[0]
    low_pct, high_pct = _POSSIBLE_PCT
    in_percent = finite * FACTORS[name]
    share = np.count_nonzero((in_percent >= low_pct) & (in_percent <= high_pct)) / finite.size
    if share < _LEAST_POSSIBLE_SHARE:
        raise PdffUnitsError(
            f"The map's values run from {float(finite.min()):.4g} to {float(finite.max()):.4g}, which is no "
            f"fat fraction in these units ({name}); choose a fat-fraction map, or other units.",
            id="no-pdff-map",
            share=share,
        )
    return MapUnits(name, not wanted, high)
