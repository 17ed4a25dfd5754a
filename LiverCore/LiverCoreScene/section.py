"""A section of a panel: a .ui file, settings in the scene, and what happens on its buttons.

A module's widget holds its sections in a tuple and hands on what Slicer tells it; a section knows nothing of
the others.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import slicer
import vtk
from slicer.parameterNodeWrapper import SlicerParameterNamePropertyName
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleWidget
from slicer.util import VTKObservationMixin

SEGMENT_EVENTS = (
    slicer.vtkSegmentation.SegmentAdded,
    slicer.vtkSegmentation.SegmentRemoved,
    slicer.vtkSegmentation.SegmentModified,  # its name, for one
    slicer.vtkSegmentation.SourceRepresentationModified,  # its mask
)


class PanelSection(VTKObservationMixin):
    """Base of all sections. A section names its .ui file and the wrapper class of its parameters.

    Several sections may share the module's parameter node: the names of their parameters must differ.

    Attributes:
        top: The widget of the .ui file, the parent of all its others.
        ui: The widgets of the .ui file by name.
        parameters: The typed parameters; None while the scene is closed.
    """

    UI_FILE = ""
    PARAMETERS: Any = None

    def __init__(self, module_widget: Any, logic: Any) -> None:
        """Build the section at the end of a module's panel.

        module_widget: the module's ScriptedLoadableModuleWidget, whose ``setup`` has been called.
        logic: the module's logic; its ``parameterNode()`` gives the vtkMRMLScriptedModuleNode.
        """
        VTKObservationMixin.__init__(self)
        self.logic, self.parameters, self._gui_tag = logic, None, None
        self._followed: Any = None
        self.top = slicer.util.loadUI(module_widget.resourcePath(f"UI/{self.UI_FILE}"))
        module_widget.layout.addWidget(self.top)
        self.ui = slicer.util.childWidgetVariables(self.top)
        self.top.setMRMLScene(slicer.mrmlScene)
        self.setup()

    def follow_segments(self, node: Any) -> None:
        """Refresh whenever the segments of this segmentation change, and of no other; None follows none."""
        if node is self._followed:
            return
        for event in SEGMENT_EVENTS:
            if self._followed is not None:
                self.removeObserver(self._followed, event, self.refresh)
            if node is not None:
                self.addObserver(node, event, self.refresh)
        self._followed = node

    def setup(self) -> None:
        """Connect buttons. Called once, before there are parameters."""

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with its parameters and its work. Called often; it must be quick."""

    def on_scene_closing(self) -> None:
        """The scene is about to be closed: stop what needs it."""

    def on_scene_ready(self) -> None:
        """There is a scene again, empty or read from a file."""

    def enter(self) -> None:
        """The module is opened."""

    def exit(self) -> None:
        """Another module is opened."""

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: end all work."""

    def connect(self) -> None:
        """Tie the widgets to the scene's parameters, and follow those."""
        self.disconnect()
        self.parameters = self.PARAMETERS(self.logic.parameterNode())
        named = ((one.property(SlicerParameterNamePropertyName), one) for one in vars(self.ui).values())
        # Not connectGui: it gives no tag in the Slicers we know, so that it could not be undone.
        self._gui_tag = self.parameters.connectParametersToGui({name: one for name, one in named if name})
        self.addObserver(self.parameters.parameterNode, vtk.vtkCommand.ModifiedEvent, self.refresh)
        self.refresh()

    def disconnect(self) -> None:
        """Let go of the scene's parameters."""
        if self.parameters is not None:
            self.parameters.disconnectGui(self._gui_tag)
            self.removeObserver(self.parameters.parameterNode, vtk.vtkCommand.ModifiedEvent, self.refresh)
            self.parameters = None


class SectionedWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Base of a module's widget: a panel made of sections.

    ``setup`` calls ``add_sections``; from then on Slicer's enter, exit and cleanup and the scene's events
    reach every section.

    Attributes:
        sections: What the panel is made of, from top to bottom.
        ui: The widgets of all sections by name, for scripts and tests; names differ from section to section.
    """

    sections: tuple = ()
    ui: Any = None

    def __init__(self, parent: Any = None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic: Any = None

    def add_sections(self, *sections: PanelSection) -> None:
        """Take sections in, in their order on the panel."""
        self.sections = sections
        self.ui = SimpleNamespace(
            **{name: one for section in sections for name, one in vars(section.ui).items()}
        )
        self.layout.addStretch(1)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self._sections_scene_closing)
        self.addObserver(scene, scene.EndCloseEvent, self._sections_scene_ready)
        self.addObserver(scene, scene.EndImportEvent, self._sections_scene_ready)
        for section in sections:
            section.connect()

    def cleanup(self) -> None:
        """The panel goes: every section ends its work and lets go of the scene."""
        for section in self.sections:
            section.cleanup()
            section.disconnect()
            section.removeObservers()
        self.sections = ()
        self.removeObservers()

    def enter(self) -> None:
        """The module is opened."""
        for section in self.sections:
            section.connect()
            section.enter()

    def exit(self) -> None:
        """Another module is opened."""
        for section in self.sections:
            section.exit()

    def _sections_scene_closing(self, caller: Any, event: str) -> None:
        for section in self.sections:
            section.on_scene_closing()
            section.disconnect()

    def _sections_scene_ready(self, caller: Any, event: str) -> None:
        for section in self.sections:
            section.connect()
            section.on_scene_ready()
