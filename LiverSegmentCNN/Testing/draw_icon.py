"""Draws Resources/Icons/LiverSegmentCNN.png: a plain liver in the colour of its segment."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

SIZE, SCALE = 128, 8  # drawn larger, so that the outline is smooth
COLOUR, EDGE = (221, 130, 101, 255), (120, 62, 44, 255)

# Cubic Bezier pieces of the outline, in parts of the picture: right lobe, falling edge, left tip, dome.
OUTLINE = [
    ((0.08, 0.45), (0.04, 0.70), (0.10, 0.92), (0.26, 0.90)),
    ((0.26, 0.90), (0.42, 0.88), (0.46, 0.70), (0.60, 0.62)),
    ((0.60, 0.62), (0.76, 0.54), (0.96, 0.46), (0.94, 0.32)),
    ((0.94, 0.32), (0.92, 0.20), (0.70, 0.22), (0.52, 0.22)),
    ((0.52, 0.22), (0.40, 0.08), (0.10, 0.12), (0.08, 0.45)),
]
LIGAMENT = ((0.54, 0.23), (0.58, 0.38), (0.54, 0.50), (0.55, 0.64))


def points(curve: tuple, steps: int = 40) -> list[tuple[float, float]]:
    """Points of a cubic Bezier curve, in pixels of the large picture."""
    found = []
    for step in range(steps + 1):
        t = step / steps
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        found.append(
            tuple(SIZE * SCALE * sum(w * p[axis] for w, p in zip(weights, curve)) for axis in range(2))
        )
    return found


def main() -> None:
    large = Image.new("RGBA", (SIZE * SCALE, SIZE * SCALE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(large)
    outline = [point for curve in OUTLINE for point in points(curve)]
    draw.polygon(outline, fill=COLOUR)
    draw.line([*outline, outline[0]], fill=EDGE, width=4 * SCALE, joint="curve")
    draw.line(points(LIGAMENT), fill=EDGE, width=3 * SCALE, joint="curve")
    small = large.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    small.save(
        Path(__file__).resolve().parents[1] / "Resources" / "Icons" / "LiverSegmentCNN.png", optimize=True
    )


if __name__ == "__main__":
    main()
