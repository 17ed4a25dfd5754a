"""Endless batches of paired patches of the six protocols, made on the training device.

Each step takes sections from memory, varies them (bodies.py), scans windows of them with the image engine as
some scanner would, and reconstructs every window in all protocols from the same noise. Every batch follows
from (seed, step, rank) alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from livercnn_training.augment_intensity import Dice
from livercnn_training.config import TrainConfig
from livercnn_training.data.sections import PackedSections
from livercnn_training.standardizer.bodies import Section, load_sections, varied
from LiverStandardizeLib.simulation.image_engine.windows import WindowEngine
from LiverStandardizeLib.simulation.physics.scanner import Scanner
from LiverStandardizeLib.simulation.protocols.energy_images import EnergyImages
from LiverStandardizeLib.simulation.protocols.six import PROTOCOLS, Settings, make_protocols

TARGET = "M80"
INPUTS = tuple(PROTOCOLS)
"""In the order of a batch's patches. The target is one of them: what needs no change must not be changed."""

PHANTOM = "phantom"
"""Data set of bodies that were drawn; all others come from real CTs."""

_RIM = 0.15
"""Share of a box at each of its sides in which no window has its middle."""

Batch = tuple[torch.Tensor, ...]
"""inputs (windows, protocols, y, x) and targets (windows, 1, y, x), in HU; where scans are simulated, targets
without noise, and how much of each pixel is lesion, both the same shape as the targets."""


class PairSource:
    """Draws batches; holds the sections on the device."""

    def __init__(self, config: TrainConfig, packed: Sequence[PackedSections], device: torch.device) -> None:
        self.config, self.device = config, device
        self.protocols = INPUTS
        phantoms = [one for one in packed if one.data_set == PHANTOM]
        others = [one for one in packed if one.data_set != PHANTOM]
        self.phantoms, self.others = load_sections(phantoms, device), load_sections(others, device)

    def batch(self, step: int, rank: int) -> Batch:
        """Return all four, see Batch."""
        per_section = self.config.patches.windows_per_section
        pairs = [
            self._windows(Dice.for_step(self.device, self.config.seed, step, rank, number))
            for number in range(math.ceil(self.config.batch_size / per_section))
        ]
        return tuple(torch.cat(parts)[: self.config.batch_size] for parts in zip(*pairs))

    def _windows(self, dice: Dice) -> Batch:
        patches, scans = self.config.patches, self.config.scans
        section = self._section(dice)
        maps, lesions = varied(section, self.config.bodies, dice)
        # The same body, smaller or larger: a child's, or a stout adult's.
        section_pixel_mm = section.pixel_mm * dice.uniform(*scans.body_scale)
        pixel_mm = self._pixel_mm(section_pixel_mm, dice)
        dose = math.exp(dice.uniform(*(math.log(level) for level in scans.dose)))
        kernel_lp_cm = dice.uniform(*scans.kernel_lp_cm)
        paper = Scanner()
        scanner = Scanner(
            kernel_lp_cm=kernel_lp_cm, low_mas=dose * paper.low_mas, high_mas=dose * paper.high_mas
        )
        size, margin = patches.size_pixels, patches.margin_pixels
        engine = WindowEngine(
            section_pixel_mm * maps.shape[-1],
            size + 2 * margin,
            pixel_mm,
            scanner,
            self.device,
            blur=not section.blurred,
        )
        count = patches.windows_per_section
        centres = torch.tensor([self._centre_mm(section, section_pixel_mm, dice) for _ in range(count)])
        images = engine.draw(engine.prepare_windows(maps.expand(count, -1, -1, -1), centres), dice.device)
        strength = scans.ir_strength[0] + dice.integer(scans.ir_strength[1] - scans.ir_strength[0] + 1)
        classic = dice.chance(scans.classic_probability)
        made = reconstructed(images, strength, classic, kernel_lp_cm)
        settings = Settings(kernel_lp_cm=kernel_lp_cm)
        clean = make_protocols(images.without_noise(), [TARGET], settings)[TARGET]
        (share,) = engine.show(lesions.expand(count, 1, -1, -1), centres).unbind(1)
        turned = [axis for axis in (-1, -2) if dice.chance(0.5)]
        inside = slice(margin, margin + size)
        images_of_place = [*(made[name] for name in (*INPUTS, "target")), clean, share]
        stack = torch.stack(images_of_place, dim=1)[..., inside, inside]
        stack = stack.flip(turned) if turned else stack
        return stack.split((len(INPUTS), 1, 1, 1), dim=1)

    def _section(self, dice: Dice) -> Section:
        """One of a phantom or of a real CT, by the recipe's share where the pack has both."""
        real = dice.chance(self.config.patches.real_fraction)
        chosen = (self.others if real else self.phantoms) or self.phantoms or self.others
        return chosen[dice.integer(len(chosen))]

    def _pixel_mm(self, section_pixel_mm: float, dice: Dice) -> float:
        """That of the section, or any other that does not leave out much of what the section shows."""
        scans = self.config.scans
        if dice.chance(scans.native_pixel_probability):
            return section_pixel_mm
        low, high = scans.pixel_mm
        high = min(high, 1.3 * section_pixel_mm)
        return math.exp(dice.uniform(math.log(min(low, high)), math.log(high)))

    def _centre_mm(self, section: Section, section_pixel_mm: float, dice: Dice) -> tuple[float, float]:
        """Middle of a window, x and y from the section's middle: in the liver's box or the body's."""
        at_liver = section.liver_box is not None and dice.chance(self.config.patches.liver_fraction)
        x0, x1, y0, y1 = section.liver_box if at_liver and section.liver_box else section.body_box
        rows, columns = section.maps.shape[-2:]
        # Not at the box's edge, or half of the window would be air.
        x = x0 + (x1 - x0) * dice.uniform(_RIM, 1 - _RIM) - columns / 2
        y = y0 + (y1 - y0) * dice.uniform(_RIM, 1 - _RIM) - rows / 2
        return x * section_pixel_mm, y * section_pixel_mm


def reconstructed(
    images: EnergyImages, ir_strength: int, classic: bool, kernel_lp_cm: float
) -> dict[str, torch.Tensor]:
    """Return the six protocols and the ``target`` of one scan, each (n, y, x) in HU.

    Monoenergetic inputs may be classic; the target is always of the kind with little noise, and so is the
    input of the target's own energy: it has to come out as it is.
    """
    plus = make_protocols(images, INPUTS, Settings(ir_strength, False, kernel_lp_cm))
    plus["target"] = plus[TARGET]
    if not classic:
        return plus
    changed = [name for name in INPUTS if name.startswith("M") and name != TARGET]
    return {**plus, **make_protocols(images, changed, Settings(ir_strength, True, kernel_lp_cm))}
