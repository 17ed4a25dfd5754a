"""Draws Resources/Icons/LiverStandardize.png: six uneven bars on the left become level ones on the right."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

SIZE, SCALE = 128, 8  # drawn larger, so that edges are smooth
LIVER, EDGE, GREY = (221, 130, 101, 255), (120, 62, 44, 255), (120, 120, 120, 255)
BEFORE, AFTER = (0.34, 0.78, 0.52), 0.55  # heights, in parts of the picture
WIDTH, BASE = 0.1, 0.88


def main() -> None:
    large = Image.new("RGBA", (SIZE * SCALE, SIZE * SCALE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(large)
    for number, height in enumerate(BEFORE):
        bar(draw, 0.06 + 0.13 * number, height, GREY)
        bar(draw, 0.58 + 0.13 * number, AFTER, LIVER)
    arrow(draw)
    small = large.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    folder = Path(__file__).resolve().parents[1] / "Resources" / "Icons"
    small.save(folder / "LiverStandardize.png", optimize=True)


def bar(draw: ImageDraw.ImageDraw, left: float, height: float, colour: tuple) -> None:
    """A bar that stands on the base; lengths in parts of the picture."""
    box = [left, BASE - height, left + WIDTH, BASE]
    draw.rectangle([part * SIZE * SCALE for part in box], fill=colour, outline=EDGE, width=2 * SCALE)


def arrow(draw: ImageDraw.ImageDraw) -> None:
    """From one group to the other, above them."""
    whole = SIZE * SCALE
    draw.line([0.3 * whole, 0.14 * whole, 0.66 * whole, 0.14 * whole], fill=EDGE, width=5 * SCALE)
    tip = [(0.78, 0.14), (0.64, 0.06), (0.64, 0.22)]
    draw.polygon([(x * whole, y * whole) for x, y in tip], fill=EDGE)


if __name__ == "__main__":
    main()
