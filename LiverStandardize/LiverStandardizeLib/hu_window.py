"""What happens to HU inside, near and beyond the window in which a standardization model works.

The network sees values clipped to its window and says by how much to change each pixel. Inside the window
that change is applied as it is.

- Below it, the change was computed for a clipped value: it is applied to the true one, fading to nothing over
  ``FADE_BELOW_HU``. Air, lung and padding (-1024, -2048, -3024) keep their values exactly.
- Above it lies dense bone. HU start from what the network makes of the window's end and run on along bone's
  own line (`dense_bone`): kept, they would leave a bright rim around spongiosa that was darkened from 40 to
  80 keV.

So HU run on without a step, and their order is kept unless the network changes one by more than the fade is
wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from LiverCoreLib.card import InputContract

FADE_BELOW_HU = 200.0
WARNED_SHARE_PERCENT = 10.0  # skin, bone and gas in the bowel make up to 7 % of a phantom at any protocol


@dataclass(frozen=True)
class HuWindow:
    """The window of a model (HU), and its normalization x = (clip(HU) - offset) / scale."""

    low: float
    high: float
    offset: float
    scale: float

    @classmethod
    def of(cls, card_input: InputContract) -> HuWindow:
        """The window on a model's card."""
        low, high = card_input.hu_window
        return cls(low, high, card_input.offset_hu, card_input.scale_hu)

    def normalized(self, hu: np.ndarray) -> np.ndarray:
        """What the network is fed, a new float32 array."""
        return (np.clip(hu, self.low, self.high) - self.offset) / np.float32(self.scale)

    def is_changed(self, hu: np.ndarray) -> np.ndarray:
        """Where a network's answer counts at all."""
        return hu > self.low - FADE_BELOW_HU

    def blended(self, hu: np.ndarray, answer: np.ndarray, slope_above: float = 1.0) -> np.ndarray:
        """HU after a network's `answer` (normalized) to `hu`; float32.

        slope_above: HU of the result for one of the input, above the window (`dense_bone.slope`).
        """
        change = (answer - self.normalized(hu)) * np.float32(self.scale)
        weight = np.clip(1 - (self.low - hu) / FADE_BELOW_HU, 0, 1)
        beyond = np.maximum(hu - self.high, 0) * np.float32(slope_above - 1)
        return np.where(self.is_changed(hu), hu + weight * change + beyond, hu).astype(np.float32)


@dataclass
class RangeCount:
    """Counts the tissue whose HU a model did not learn.

    Attributes:
        tissue: Voxels that are neither air nor padding: above the fade below the window.
        below, above: Those of them beyond either end of the window.
    """

    tissue: int = 0
    below: int = 0
    above: int = 0

    def add(self, hu: np.ndarray, window: HuWindow) -> None:
        """Count a section."""
        self.tissue += int(np.count_nonzero(hu > window.low - FADE_BELOW_HU))
        self.below += int(np.count_nonzero((hu > window.low - FADE_BELOW_HU) & (hu < window.low)))
        self.above += int(np.count_nonzero(hu > window.high))

    @property
    def percent(self) -> float:
        """Per cent of the tissue beyond the window; 0 where there is no tissue."""
        return 100.0 * (self.below + self.above) / self.tissue if self.tissue else 0.0

    def to_dict(self) -> dict[str, float]:
        """The shares of tissue in per cent, as plain data."""
        whole = max(self.tissue, 1)
        return {
            "percent": self.percent,
            "below_percent": 100.0 * self.below / whole,
            "above_percent": 100.0 * self.above / whole,
        }

    def warnings(self, window: HuWindow) -> list[str]:
        """A sentence if much lies outside."""
        if self.percent <= WARNED_SHARE_PERCENT:
            return []
        return [
            f"{self.percent:.1f} % of the tissue lies outside the {window.low:g} to {window.high:g} HU that "
            "the model learned: below, the input is changed less and less the further out it is; above, HU "
            "follow what the two energies make of dense bone."
        ]
