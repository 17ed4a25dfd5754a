"""``slicer.app.layoutManager()``: three slice views and a 3D view, made when they are first asked for."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore

from slicerhost.mrml_application import MrmlApplication
from slicerhost.views import SliceView, ThreeDView

_SLICES = {"Red": "Axial", "Yellow": "Sagittal", "Green": "Coronal"}


class SliceWidget:
    """What scripts reach through ``layoutManager().sliceWidget('Red')``."""

    def __init__(self, view: SliceView) -> None:
        self.host_view = view

    def sliceLogic(self) -> Any:
        return self.host_view.logic

    def mrmlSliceNode(self) -> Any:
        return self.host_view.node

    def sliceController(self) -> SliceWidget:
        return self

    def fitSliceToBackground(self) -> None:
        self.host_view.fit()


class ThreeDWidget:
    """What scripts reach through ``layoutManager().threeDWidget(0)``."""

    def __init__(self, view: ThreeDView) -> None:
        self.host_view = view

    def threeDView(self) -> ThreeDWidget:
        return self

    def mrmlViewNode(self) -> Any:
        return self.host_view.node

    def resetFocalPoint(self) -> None:
        self.host_view.fit()


class LayoutManager(QtCore.QObject):
    """The views of the window."""

    layoutChanged = QtCore.Signal(int)

    def __init__(self, mrml: MrmlApplication) -> None:
        super().__init__()
        self._mrml, self._layout = mrml, 3
        self._slices: dict[str, SliceWidget] = {}
        self._views: list[ThreeDWidget] = []

    def _make(self) -> None:
        if self._slices:
            return
        scene, logic = self._mrml.scene, self._mrml.logic
        self._slices = {
            name: SliceWidget(SliceView(scene, logic, name, orientation))
            for name, orientation in _SLICES.items()
        }
        self._views = [ThreeDWidget(ThreeDView(scene, logic))]

    def host_node_ids(self) -> set[str]:
        """IDs of the nodes that belong to the slice views; they come again after a scene is closed."""
        nodes = [node for widget in self._slices.values() for node in widget.host_view.own_nodes()]
        return {node.GetID() for node in nodes if node is not None}

    def close(self) -> None:
        """Let the render windows go, before VTK's own clean-up at the end of the process."""
        self._slices, self._views = {}, []

    @property
    def layout(self) -> int:
        return self._layout

    @property
    def threeDViewCount(self) -> int:
        return 1

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(_SLICES)

    def sliceWidget(self, name: str) -> SliceWidget:
        self._make()
        return self._slices[name]

    def threeDWidget(self, index: int) -> ThreeDWidget:
        self._make()
        return self._views[index]

    def setLayout(self, layout: int) -> None:
        self._layout = layout
        self.layoutChanged.emit(layout)

    def resetSliceViews(self) -> None:
        for widget in self._slices.values():
            widget.host_view.fit()

    def resetThreeDViews(self) -> None:
        for widget in self._views:
            widget.host_view.fit()
