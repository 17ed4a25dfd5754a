"""Errors in VTK observers and of VTK itself, which go to the console unseen, as incidents."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import vtk

from slicerhost.incidents import INCIDENTS, SLOT_ERROR, VTK_MESSAGE

_HIERARCHY_REBUILT = (
    "ResolveUnresolvedItems",
    "ResolveSubjectHierarchy",
    "ConvertAnnotationHierarchyToSubjectHierarchy",
)
"""Errors of opening a second scene in one process without the desktop's plugins for the hierarchy."""


def install() -> None:
    """VTK and Qt report an exception in Python code that they called to ``sys.excepthook``, and go on."""
    previous = sys.excepthook

    def keep(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        INCIDENTS.add(SLOT_ERROR, "".join(traceback.format_exception(kind, error, trace)))
        previous(kind, error, trace)

    sys.excepthook = keep

    @vtk.calldata_type(vtk.VTK_STRING)
    def on_error(caller: Any, event: str, text: str) -> None:
        if not any(known in text for known in _HIERARCHY_REBUILT):
            INCIDENTS.add(VTK_MESSAGE, text)

    vtk.vtkOutputWindow.GetInstance().AddObserver(vtk.vtkCommand.ErrorEvent, on_error)
