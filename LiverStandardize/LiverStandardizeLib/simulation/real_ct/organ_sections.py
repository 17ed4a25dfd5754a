"""Which organ labels name, a few sections at a time: nothing but the labels themselves is held."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
import torch

from .sections import AxialSections


@dataclass(frozen=True)
class OrganSections:
    """labels: on the CT's lattice; they must not change while this is used. axial: the CT's sections. organs:
    code -> organ.
    """

    labels: sitk.Image
    axial: AxialSections
    organs: Mapping[int, str]

    @property
    def names(self) -> dict[int, str]:
        """What `numbers` mean: the organs, counted from 1."""
        return dict(enumerate(self.organs.values(), start=1))

    def numbers(self, here: slice) -> torch.Tensor:
        """Square sections (n, size, size), uint8: keys of `names`; 0 for another code, and outside."""
        stored = self.axial.view(sitk.GetArrayViewFromImage(self.labels))[here]
        found = np.zeros(stored.shape, np.uint8)
        for number, code in enumerate(self.organs, start=1):
            found[stored == code] = number
        return self.axial.square_labels(found)

    def inside(self, organs: Collection[str], here: slice) -> torch.Tensor:
        """Square sections (n, size, size), True in any of these organs."""
        wanted = [number for number, organ in self.names.items() if organ in organs]
        return torch.isin(self.numbers(here), torch.tensor(wanted, dtype=torch.uint8))

    def values_inside(self, organs: Collection[str], sections: torch.Tensor) -> torch.Tensor:
        """(k,): what `sections` (count, size, size) are in these organs."""
        batches = self.axial.batches()
        return torch.cat([sections[here][self.inside(organs, here)] for here in batches])
