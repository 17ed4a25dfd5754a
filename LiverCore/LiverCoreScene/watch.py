"""Work that needs nodes ends when they go."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _


class SceneWatch:
    """Tells work under way that a node it needs is removed, or the scene closed. The work calls ``end``."""

    def __init__(self, node_ids: Collection[str], cancel: Callable[[str], None]) -> None:
        """cancel: called with a sentence for the user, who did not ask for it."""
        self._node_ids, self._cancel = set(node_ids), cancel
        scene = slicer.mrmlScene
        self._tags = [
            scene.AddObserver(slicer.vtkMRMLScene.NodeAboutToBeRemovedEvent, self._on_removal),
            scene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, self._on_close),
        ]

    def end(self) -> None:
        """Look no longer."""
        for tag in self._tags:
            slicer.mrmlScene.RemoveObserver(tag)
        self._tags = []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_removal(self, caller: Any, event: str, node: Any) -> None:
        if node.GetID() in self._node_ids:
            self._cancel(_("Cancelled, because {name} was removed.").format(name=node.GetName()))

    def _on_close(self, caller: Any, event: str) -> None:
        self._cancel(_("Cancelled, because the scene was closed."))
