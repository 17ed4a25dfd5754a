"""Windows of sections, at any pixel size: the rays see the whole body, images are made of the window alone.

For training: a window costs a fraction of its section, and one drawn section serves many pixel sizes.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from ..physics.scanner import Scanner
from ..projection.sections import section_diameters_cm
from .engine import ImageEngine, Prepared

_NOISE_GRID = 4
"""A window's noise level is given on every so many of its pixels: it changes slowly over a body."""


class WindowEngine(ImageEngine):
    """An image engine that shows `window` x `window` pixels of sections.

    section_mm: edge of the square sections. pixel_mm: of the windows; the sections' own may be another, and
    what lies between their pixels is interpolated.
    """

    def __init__(
        self,
        section_mm: float,
        window: int,
        pixel_mm: float,
        scanner: Scanner | None = None,
        device: torch.device | str = "cpu",
        *,
        blur: bool = True,
    ) -> None:
        """blur: as for ImageEngine."""
        size = max(2, round(section_mm / pixel_mm))
        super().__init__(size, pixel_mm, scanner, device, blur=blur, window=window)
        self.window = window
        self._section_mm = section_mm

    def prepare_windows(
        self,
        material_maps: torch.Tensor,
        centres_mm: torch.Tensor,
        diameters_cm: Sequence[float] | None = None,
    ) -> Prepared:
        """All that is not chance of a window of each section (n, 3, y, x), for `draw`.

        centres_mm: (n, 2), x and y of each window's middle from the section's. Beyond the section its
        outermost pixels are repeated.
        """
        maps = material_maps.to(self.device, torch.float32)
        diameters = section_diameters_cm(maps, self._section_mm / maps.shape[-1], diameters_cm)
        statistics = self._rays.statistics(maps, [self.scanner.charges_mas(one) for one in diameters])
        pixels = self._places(centres_mm, self.window)
        gains = _look_up(statistics.gains.flatten(1, 2), pixels).view(len(maps), 2, 2, *pixels.shape[1:3])
        shown = _look_up(maps, pixels)
        water = shown[:, None, 0] + (gains * shown[:, None, 1:]).sum(2)
        coarse = self._places(centres_mm, max(2, self.window // _NOISE_GRID))
        variance = _look_up(statistics.variance.flatten(1, 2), coarse)
        return self._prepared(water, variance.unflatten(1, (2, -1)), diameters)

    def show(self, maps: torch.Tensor, centres_mm: torch.Tensor) -> torch.Tensor:
        """What windows show of any maps (n, c, y, x) of their sections; centres_mm: as of prepare_windows."""
        return _look_up(maps.to(self.device, torch.float32), self._places(centres_mm, self.window))

    def _places(self, centres_mm: torch.Tensor, count: int) -> torch.Tensor:
        """`count` x `count` points of each window, (n, count, count, 2), -1 to 1 over the section."""
        width = self.window * self.pixel_mm
        along = ((torch.arange(count, device=self.device) + 0.5) / count - 0.5) * width
        x, y = torch.broadcast_tensors(along[None, :], along[:, None])
        places = torch.stack([x, y], dim=-1) + centres_mm.to(self.device, torch.float32)[:, None, None]
        return places / (self._section_mm / 2)


def _look_up(images: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    return F.grid_sample(images, places, mode="bilinear", padding_mode="border", align_corners=False)
