"""The organs in the order in which they are drawn: each keeps its distance from those before it."""

from __future__ import annotations

import numpy as np

from .bowel import build_bowel
from .canvas import Canvas
from .liver import build_liver
from .trunk import Trunk
from .upper_abdomen import build_upper_abdomen
from .vessels import build_great_vessels

UPPER_BOX = ((-150.0, -120.0, -205.0), (150.0, 100.0, 12.0))
"""Where liver, stomach, spleen, kidneys and pancreas can be; drawing only there saves much time."""


def build_organs(canvas: Canvas, trunk: Trunk, rng: np.random.Generator) -> None:
    """Vessels first, bowel last: the bowel takes the room that is left."""
    build_great_vessels(canvas, rng)
    upper_canvas = canvas.around(*UPPER_BOX)
    if not upper_canvas.grid.empty:
        room = Trunk(canvas.cut(upper_canvas, trunk.cavity), canvas.cut(upper_canvas, trunk.diaphragm))
        neighbours = build_upper_abdomen(upper_canvas, room, rng)
        build_liver(upper_canvas, room, neighbours, rng)
    build_bowel(canvas, trunk.cavity, rng)
