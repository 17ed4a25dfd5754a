"""``slicer.app.layoutManager()``: slice views and a 3D view, made when they are first asked for, and a plot
and a table view, there from the first layout on that has them."""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore

from slicerhost.mrml_application import MrmlApplication
from slicerhost.plot_view import PlotView
from slicerhost.views import SliceView, ThreeDView

_SLICES = {"Red": "Axial", "Yellow": "Sagittal", "Green": "Coronal"}
_FOUR_UP = 3
_WITH_PLOT, _WITH_TABLE = (36, 37, 38, 39, 40), (34, 35, 38)
"""Numbers of layouts, as in vtkMRMLLayoutNode.h, that hold a plot or a table view."""


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


class PlotWidget:
    """What scripts reach through ``layoutManager().plotWidget(0)``."""

    def __init__(self, view: PlotView) -> None:
        self.host_view = view

    def mrmlPlotViewNode(self) -> Any:
        return self.host_view.node

    def plotView(self) -> PlotWidget:
        return self

    def fitToContent(self) -> None:
        """Nothing to do: the view is drawn anew, from its nodes, whenever it is looked at."""


class TableWidget:
    """What scripts reach through ``layoutManager().tableWidget(0)``."""

    def __init__(self, scene: Any, node: Any) -> None:
        self._scene, self._node = scene, node
        self._view = slicer.qMRMLTableView()

    def mrmlTableViewNode(self) -> Any:
        return self._node

    def tableView(self) -> Any:
        """A qMRMLTableView of the table that the view's node names now."""
        self._view.setMRMLTableNode(self._scene.GetNodeByID(self._node.GetTableNodeID() or ""))
        return self._view


class LayoutManager(QtCore.QObject):
    """The views of the window. The scene's layout node says which of them are seen."""

    layoutChanged = QtCore.Signal(int)

    def __init__(self, mrml: MrmlApplication) -> None:
        super().__init__()
        self._mrml = mrml
        self._plots: list[PlotWidget] = []
        self._tables: list[TableWidget] = []
        self._node = slicer.vtkMRMLLayoutNode()
        self._node.SetSingletonTag("vtkMRMLLayoutNode")  # it outlives a closed scene
        for number in range(_FOUR_UP, max(_WITH_PLOT) + 1):
            self._node.AddLayoutDescription(number, "<layout/>")
        mrml.scene.AddNode(self._node)
        self._node.SetViewArrangement(_FOUR_UP)
        self._shown = _FOUR_UP
        self._node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._on_layout_node)
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

    def _on_layout_node(self, caller: Any, event: str) -> None:
        layout = self._node.GetViewArrangement()
        if layout == self._shown:
            return
        if layout == self._node.SlicerLayoutNone:  # the scene was closed; the window stays as it is
            self._node.SetViewArrangement(self._shown)
            return
        self._shown = layout
        if layout in _WITH_PLOT and not self._plots:
            self._plots = [PlotWidget(PlotView(self._mrml.scene, self._view_node("PlotView")))]
        if layout in _WITH_TABLE and not self._tables:
            self._tables = [TableWidget(self._mrml.scene, self._view_node("TableView"))]
        self.layoutChanged.emit(layout)

    def _view_node(self, kind: str) -> Any:
        node = getattr(slicer, f"vtkMRML{kind}Node")()
        node.SetSingletonTag(f"{kind}1")
        node.SetName(f"{kind}1")
        node.SetLayoutName(f"{kind}1")
        return self._mrml.scene.AddNode(node)

    def host_node_ids(self) -> set[str]:
        """IDs of the nodes that belong to the views; they come again after a scene is closed."""
        nodes = [node for widget in self._slices.values() for node in widget.host_view.own_nodes()]
        nodes += [widget.mrmlPlotViewNode() for widget in self._plots]
        nodes += [widget.mrmlTableViewNode() for widget in self._tables]
        return {node.GetID() for node in nodes if node is not None}

    def host_straighten(self) -> None:
        """Slices back to the patient's axes: views outlive a test, and a scene file keeps what they show."""
        for widget in self._slices.values():
            widget.host_view.straighten()

    def close(self) -> None:
        """Let the render windows go, before VTK's own clean-up at the end of the process."""
        self._slices, self._views, self._plots, self._tables = {}, [], [], []

    @property
    def layout(self) -> int:
        return self._node.GetViewArrangement()

    @property
    def plotViewCount(self) -> int:
        return len(self._plots)

    @property
    def tableViewCount(self) -> int:
        return len(self._tables)

    def plotWidget(self, index: int) -> PlotWidget | None:
        return self._plots[index] if index < len(self._plots) else None

    def tableWidget(self, index: int) -> TableWidget | None:
        return self._tables[index] if index < len(self._tables) else None

    @property
    def threeDViewCount(self) -> int:
        return 1

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(_SLICES)

    def sliceWidget(self, name: str) -> SliceWidget:
        self._make()
        return self._slices[name]

    def mrmlSliceLogics(self) -> Any:
        """A vtkCollection with the logics of the slice views made so far."""
        return self._mrml.logic.GetSliceLogics()

    def threeDWidget(self, index: int) -> ThreeDWidget:
        self._make()
        return self._views[index]

    def setLayout(self, layout: int) -> None:
        self._node.SetViewArrangement(layout)

    def resetSliceViews(self) -> None:
        for widget in self._slices.values():
            widget.host_view.fit()

    def resetThreeDViews(self) -> None:
        for widget in self._views:
            widget.host_view.fit()
