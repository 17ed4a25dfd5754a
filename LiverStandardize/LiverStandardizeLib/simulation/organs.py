"""The organs in the order in which they are drawn: each keeps its distance from those before it."""

from __future__ import annotations

from .ascites import paint_ascites
from .bowel import build_bowel
from .canvas import Canvas
from .left_lobe import beside, tongue_surface
from .lesions import paint_lesions
from .liver import build_liver
from .plan import UPPER_BOX, Plan
from .trunk import Trunk
from .upper_abdomen import build_upper_abdomen
from .vessels import build_great_vessels, paint_mesentery


def build_organs(canvas: Canvas, trunk: Trunk, plan: Plan) -> None:
    """Vessels first, bowel last: the bowel takes the room that is left."""
    body, chance = plan.body, plan.chance
    trunk = paint_ascites(canvas, trunk, plan.challenges.fluid, chance)
    build_great_vessels(canvas, body)
    paint_mesentery(canvas, body, chance)
    upper_canvas = canvas.around(*UPPER_BOX)
    if not upper_canvas.grid.empty:
        cavity, diaphragm, wall = (
            canvas.cut(upper_canvas, surface) for surface in (trunk.cavity, trunk.diaphragm, trunk.wall)
        )
        room = Trunk(cavity, diaphragm, wall)
        tongue = tongue_surface(upper_canvas.grid, room, plan.liver.tongue)
        neighbours = build_upper_abdomen(upper_canvas, beside(room, tongue), body, chance)
        liver = build_liver(upper_canvas, room, neighbours, plan.liver, plan.liver_vessels, chance)
        paint_lesions(upper_canvas, liver, plan.challenges.lesions, body)
    build_bowel(canvas, trunk.cavity, body, chance)
