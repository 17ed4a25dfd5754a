"""Hears of masks that are changed or moved, once they are left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import qt
import slicer
from slicer.util import VTKObservationMixin

AFTER_MS = 300  # strokes follow each other


class MaskWatch(VTKObservationMixin):
    """Calls back some time after the last change of voxels or place of the nodes that it follows."""

    def __init__(self, parent: Any, changed: Callable[[], None]) -> None:
        """parent: widget with which the timer goes."""
        VTKObservationMixin.__init__(self)
        self._timer = qt.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.connect("timeout()", changed)
        self._nodes: list = []

    def follow(self, nodes: Iterable) -> None:
        """Follow these segmentations and volumes, and no others; None among them is left out."""
        wanted = [node for node in nodes if node is not None]
        if len(wanted) == len(self._nodes) and all(one is other for one, other in zip(wanted, self._nodes)):
            return
        self.removeObservers()
        self._nodes = wanted
        for node in wanted:
            for event in (_voxels_event(node), slicer.vtkMRMLTransformableNode.TransformModifiedEvent):
                self.addObserver(node, event, self._on_change)

    def end(self) -> None:
        """Follow nothing, and call no more."""
        self.follow(())
        self._timer.stop()

    def _on_change(self, caller: Any, event: str) -> None:
        self._timer.start()


def _voxels_event(node: Any) -> int:
    if node.IsA("vtkMRMLSegmentationNode"):
        return slicer.vtkSegmentation.SourceRepresentationModified
    return slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent
