"""To the place where the Hausdorff distance is reached."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverMetricsLib.comparison import Comparison

_COLOUR = (0.0, 0.62, 0.45)  # Okabe and Ito's green: neither of the overlay's


def go_to_largest_distance(comparison: Comparison, point: Any = None) -> Any:
    """Show the place in all slices and mark it. Gives the markups node; None where there is no such place.

    point: the markups node to use again, or None for a new one.
    """
    if comparison.hd_point_lps is None:
        return None
    left, posterior, superior = comparison.hd_point_lps
    ras = (-left, -posterior, superior)
    point = _mark(point, ras, _("{distance:.1f} mm").format(distance=comparison.hd_mm))
    mode = slicer.vtkMRMLSliceNode.CenteredJumpSlice
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *ras, mode)
    return point


def _mark(node: Any, ras: tuple, label: str) -> Any:
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", _("Largest distance"))
        node.CreateDefaultDisplayNodes()
        node.GetDisplayNode().SetSelectedColor(*_COLOUR)
        node.GetDisplayNode().SetColor(*_COLOUR)
    with slicer.util.NodeModify(node):
        node.SetLocked(False)
        node.RemoveAllControlPoints()
        node.SetAndObserveTransformNodeID(None)
        node.AddControlPoint(*ras, label)
        node.SetLocked(True)
        node.GetDisplayNode().SetVisibility(True)
    return node
