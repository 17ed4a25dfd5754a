"""Draws Resources/Icons/LiverCore.png: a gear in the colour of the liver."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

SIZE, SCALE = 128, 8  # drawn larger, so that the outline is smooth
COLOUR, EDGE = (221, 130, 101, 255), (120, 62, 44, 255)
TEETH = 8
OUTER, INNER, HOLE = 0.46, 0.34, 0.15  # radii, in parts of the picture


def outline() -> list[tuple[float, float]]:
    """Points of the gear's edge, in pixels of the large picture."""
    points = []
    for tooth in range(TEETH):
        for offset, radius in ((-0.30, INNER), (-0.19, OUTER), (0.19, OUTER), (0.30, INNER)):
            angle = 2 * math.pi * (tooth + offset) / TEETH
            points.append(tuple(SIZE * SCALE * (0.5 + radius * part(angle)) for part in (math.cos, math.sin)))
    return points


def main() -> None:
    large = Image.new("RGBA", (SIZE * SCALE, SIZE * SCALE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(large)
    points = outline()
    draw.polygon(points, fill=COLOUR)
    draw.line([*points, points[0]], fill=EDGE, width=4 * SCALE, joint="curve")
    low, high = SIZE * SCALE * (0.5 - HOLE), SIZE * SCALE * (0.5 + HOLE)
    draw.ellipse((low, low, high, high), fill=(0, 0, 0, 0), outline=EDGE, width=4 * SCALE)
    small = large.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    small.save(Path(__file__).resolve().parents[1] / "Resources" / "Icons" / "LiverCore.png", optimize=True)


if __name__ == "__main__":
    main()
