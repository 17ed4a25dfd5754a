"""No panel uses a name of Slicer that a supported version lacks: every one was looked up and is recorded."""

from __future__ import annotations

import ast

import pytest
from slicer_api import record, uses
from slicer_api.lookup import ABSENT, PRESENT, QT6_ONLY, UNKNOWN

KNOWN = record.read()
USED = uses.all_uses()
OLDEST, NEWEST = "5.8.0", "5.13.0"

ABSENT_AND_GUARDED: dict[str, str] = {}
"""Names that some versions lack, with how the code does without."""

NOT_TO_BE_FOUND_OUT: dict[str, str] = {}
"""Names that are in none of the sources looked into, with the reason."""


def lacking(mark: str) -> dict[str, list[str]]:
    """Names with a mark in any version, and in which."""
    found = {
        name: [version for version in KNOWN.versions if KNOWN.mark(name, version) == mark] for name in USED
    }
    return {name: versions for name, versions in found.items() if versions}


def test_the_range_of_versions_is_covered() -> None:
    versions = list(KNOWN.versions)
    assert versions[0] == OLDEST
    assert NEWEST in versions


def test_every_name_was_looked_up() -> None:
    new = {name: sorted(USED[name]) for name in lacking(record.NOT_LOOKED_UP)}
    assert not new, f"Nobody has looked up whether Slicer has {new}; see Testing/slicer_api/collect.py."


def test_no_name_is_absent() -> None:
    absent = {
        name: (versions, sorted(USED[name]))
        for name, versions in lacking(ABSENT).items()
        if name not in ABSENT_AND_GUARDED
    }
    assert not absent, f"Slicer lacks {absent}"


def test_what_could_not_be_found_out_is_known() -> None:
    assert set(lacking(UNKNOWN)) == set(NOT_TO_BE_FOUND_OUT) & set(USED)


def test_marks_are_of_the_four_kinds() -> None:
    marks = set("".join(KNOWN.marks.values()))
    assert marks <= {PRESENT, ABSENT, QT6_ONLY, UNKNOWN, record.NOT_LOOKED_UP}


WIDGETS = {"applyButton": frozenset({"QPushButton"}), "box": frozenset({"QComboBox", "ctkCheckBox"})}
SAMPLE = """
import qt, slicer, vtk
import numpy as np
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin
from vtk.util.numpy_support import vtk_to_numpy
from LiverCoreScene import volumes

class Panel(VTKObservationMixin):
    count: int = 0
    def __init__(self):
        self._timer = None
        self._node, self.text = slicer.mrmlScene.GetNodeByID("x"), "a"
    def setup(self):
        self._timer = qt.QTimer()
        self._timer.setInterval(5)
        self._timer.connect("timeout()", self.setup)
        self.addObserver(self._node, vtk.vtkCommand.ModifiedEvent, self.setup)
        self.ui.applyButton.enabled = self.count > 0
        for box in (self.ui.box, self.ui.applyButton):
            box.setVisible(True)
        np.asarray(vtk_to_numpy(1)).setflags(write=False)
        self._node.GetDisplayNode().SetColor(1)

def work(node, logic=None):
    made = slicer.vtkOrientedImageData() if node else logic.GetImage()
    made.SetExtent(0)
    volumes.pull(node).GetSize()
    return _("x").format(name=node.GetName())
"""


def test_paths_of_a_sample() -> None:
    found = uses.uses_of(ast.parse(SAMPLE), frozenset({"setup", "count"}), WIDGETS)
    assert found >= {
        "slicer.i18n.tr",
        "slicer.util.VTKObservationMixin",
        "vtk.util.numpy_support.vtk_to_numpy",
        "qt.QTimer().setInterval",
        "qt.QTimer().timeout()",
        "vtk.vtkCommand.ModifiedEvent",
        "self.addObserver",
        "slicer.mrmlScene.GetNodeByID().GetDisplayNode().SetColor",
        "ui:QPushButton.enabled",
        "ui:QPushButton.setVisible",
        "ui:QComboBox.setVisible",
        "ui:ctkCheckBox.setVisible",
        "slicer.vtkOrientedImageData().SetExtent",
        "?.GetImage().SetExtent",
        "?.GetName",
    }
    assert not [path for path in found if "numpy" in path and "util" not in path]
    assert not [path for path in found if path.endswith((".setup", ".count", ".text", "._node"))]


def test_widgets_are_known_where_ui_goes_by_another_name() -> None:
    code = "class A:\n    def f(self):\n        self._ui.applyButton.enabled = 1\n        panel.box.count\n"
    found = uses.uses_of(ast.parse(code), frozenset({"_ui"}), WIDGETS)
    assert found == {"ui:QPushButton.enabled", "ui:QComboBox.count", "ui:ctkCheckBox.count"}


def test_a_widget_that_is_in_no_ui_file_is_absent() -> None:
    found = uses.uses_of(ast.parse("def f(ui):\n    ui.aplyButton.enabled = True\n"), frozenset(), WIDGETS)
    assert found == {"ui:no-widget-aplyButton.enabled"}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("slicer.util.loadUI('x')", "slicer.util.loadUI"),
        (
            "slicer.app.layoutManager().sliceWidget('Red').sliceLogic()",
            "slicer.app.layoutManager().sliceWidget().sliceLogic",
        ),
        ("slicer.util.errorDisplay('x', windowTitle='y')", "slicer.util.errorDisplay(windowTitle=)"),
        ("x = slicer.modules.markups.logic()", "slicer.modules.markups.logic"),
        ("import slicer.packaging\nslicer.packaging.pip_ensure('x')", "slicer.packaging.pip_ensure"),
        ("with slicer.util.NodeModify(x) as y:\n    y.End()", "slicer.util.NodeModify().End"),
    ],
)
def test_paths_of_expressions(code: str, path: str) -> None:
    indented = "".join(f"    {line}\n" for line in code.splitlines())
    assert path in uses.uses_of(ast.parse(f"import slicer\ndef f(x):\n{indented}"))
