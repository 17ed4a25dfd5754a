"""The organs in the order in which they are drawn: each keeps its distance from those before it."""

from __future__ import annotations

from .bowel import build_bowel
from .canvas import Canvas
from .liver import build_liver
from .plan import UPPER_BOX, Plan
from .trunk import Trunk
from .upper_abdomen import build_upper_abdomen
from .vessels import build_great_vessels


def build_organs(canvas: Canvas, trunk: Trunk, plan: Plan) -> None:
    """Vessels first, bowel last: the bowel takes the room that is left."""
    body, chance = plan.body, plan.chance
    build_great_vessels(canvas, body, chance)
    upper_canvas = canvas.around(*UPPER_BOX)
    if not upper_canvas.grid.empty:
        room = Trunk(canvas.cut(upper_canvas, trunk.cavity), canvas.cut(upper_canvas, trunk.diaphragm))
        neighbours = build_upper_abdomen(upper_canvas, room, body, chance)
        build_liver(upper_canvas, room, neighbours, plan.liver, plan.liver_vessels, chance)
    build_bowel(canvas, trunk.cavity, body, chance)
