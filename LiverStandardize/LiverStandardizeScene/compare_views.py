"""Input and result in Slicer's slice views: beside each other, faded into each other, or their difference."""

from __future__ import annotations

from typing import Any

import slicer

_LEFT, _RIGHT = "Red", "Yellow"  # the views of Slicer's layout "Side by side"


class SideBySide:
    """Two linked views; remembers how the views were before."""

    def __init__(self) -> None:
        self._layout: int | None = None
        self._before: dict = {}

    @property
    def shown(self) -> bool:
        """Whether the views are arranged so."""
        return self._layout is not None

    def show(self, left: Any, right: Any) -> None:
        """Two volumes beside each other, in axial slices that move together."""
        manager = slicer.app.layoutManager()
        if manager is None:  # Slicer without its window
            return
        if not self.shown:
            self._layout = manager.layout
        manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView)
        for name, volume in ((_LEFT, left), (_RIGHT, right)):
            logic = manager.sliceWidget(name).sliceLogic()
            composite, node = logic.GetSliceCompositeNode(), logic.GetSliceNode()
            self._before.setdefault(name, (node.GetOrientation(), _links(composite)))
            node.SetOrientation("Axial")
            _link(composite, (1, 1))
            composite.SetForegroundVolumeID(None)
            composite.SetBackgroundVolumeID(volume.GetID())
            logic.FitSliceToBackground()

    def hide(self) -> None:
        """The views as they were before."""
        manager = slicer.app.layoutManager()
        if manager is None or not self.shown:
            return
        for name, (orientation, links) in self._before.items():
            logic = manager.sliceWidget(name).sliceLogic()
            _link(logic.GetSliceCompositeNode(), links)
            logic.GetSliceNode().SetOrientation(orientation)
        manager.setLayout(self._layout)
        self.forget()

    def forget(self) -> None:
        """What was before is gone: with the scene, for one."""
        self._layout, self._before = None, {}


def fade(source: Any, result: Any, share: float) -> None:
    """The result over its source in all slice views. share: 0 shows the source, 1 the result."""
    slicer.util.setSliceViewerLayers(background=source, foreground=result, foregroundOpacity=share)


def show_alone(volume: Any) -> None:
    """One volume in all slice views."""
    slicer.util.setSliceViewerLayers(background=volume, foreground=None)


def _links(composite: Any) -> tuple:
    return composite.GetLinkedControl(), composite.GetHotLinkedControl()


def _link(composite: Any, links: tuple) -> None:
    composite.SetLinkedControl(links[0])
    composite.SetHotLinkedControl(links[1])
