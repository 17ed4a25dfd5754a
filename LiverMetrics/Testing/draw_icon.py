"""Draws Resources/Icons/LiverMetrics.png: two outlines that overlap, the share of both filled."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

SIZE, SCALE = 128, 8  # drawn larger, so that the outlines are smooth
LINE = 9
REFERENCE, TEST, SHARED = (0, 90, 160, 255), (200, 90, 0, 255), (120, 62, 44, 110)
BOXES = {"reference": (8, 20, 92, 104), "test": (36, 24, 120, 108)}


def disc(box: tuple) -> Image.Image:
    """An ellipse as a mask, in pixels of the large picture."""
    mask = Image.new("L", (SIZE * SCALE, SIZE * SCALE), 0)
    ImageDraw.Draw(mask).ellipse([SCALE * edge for edge in box], fill=255)
    return mask


def main() -> None:
    large = Image.new("RGBA", (SIZE * SCALE, SIZE * SCALE), (0, 0, 0, 0))
    shared = ImageChops.multiply(disc(BOXES["reference"]), disc(BOXES["test"]))
    large.paste(SHARED, (0, 0), shared)
    draw = ImageDraw.Draw(large)
    for name, colour in (("reference", REFERENCE), ("test", TEST)):
        draw.ellipse([SCALE * edge for edge in BOXES[name]], outline=colour, width=LINE * SCALE)
    small = large.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    icons = Path(__file__).resolve().parents[1] / "Resources" / "Icons"
    small.save(icons / "LiverMetrics.png", optimize=True)


if __name__ == "__main__":
    main()
