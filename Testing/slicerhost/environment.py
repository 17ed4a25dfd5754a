"""Environment variables that must be set before Qt and VTK are imported."""

from __future__ import annotations

import ctypes.util
import os

_INT_LIKE_ENUMS = "0x0F"  # PythonQt's enums are ints; PySide6 reads this once, at import


def prepare() -> None:
    """Qt and VTK render without a display, and Qt's enums are ints. A setting of the user's stays."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("PYSIDE6_OPTION_PYTHON_ENUM", _INT_LIKE_ENUMS)
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", _offscreen_window())


def _offscreen_window() -> str:
    """EGL where its library is there (it may use a GPU, Mesa otherwise), else OSMesa."""
    return "vtkEGLRenderWindow" if ctypes.util.find_library("EGL") else "vtkOSOpenGLRenderWindow"
