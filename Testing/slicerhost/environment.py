"""What must be so before Qt and VTK are imported: environment variables, and an immortal None."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys

_INT_LIKE_ENUMS = "0x0F"  # PythonQt's enums are ints; PySide6 reads this once, at import
_REFERENCES = 1 << 40


def prepare() -> None:
    """Qt and VTK render without a display, and Qt's enums are ints. A setting of the user's stays."""
    _make_none_immortal()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("PYSIDE6_OPTION_PYTHON_ENUM", _INT_LIKE_ENUMS)
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", _offscreen_window())


def _offscreen_window() -> str:
    """EGL where its library is there (it may use a GPU, Mesa otherwise), else OSMesa."""
    return "vtkEGLRenderWindow" if ctypes.util.find_library("EGL") else "vtkOSOpenGLRenderWindow"


def _make_none_immortal() -> None:
    """Make None what it is from Python 3.12 on.

    PySide6 6.12 counts on it: in older Pythons each of its functions without a result takes one reference of
    None away, and after some hundred thousand calls "deallocating None" ends the process.
    """
    if sys.version_info < (3, 12) and sys.getrefcount(None) < _REFERENCES:
        ctypes.c_ssize_t.from_address(id(None)).value += _REFERENCES  # the count lies first in an object
