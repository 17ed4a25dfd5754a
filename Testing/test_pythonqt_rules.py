"""No file of our panels holds what PythonQt would stumble over."""

from __future__ import annotations

from pathlib import Path

import pytest
from panel_sources import PYTHON_FILES, name_of
from pythonqt_rules import faults


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name_of)
def test_panels_keep_to_the_rules(path: Path) -> None:
    found = [f"{name_of(path)}:{one.line} {one.reason}" for one in faults(path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("qt.QPushButton('x', parent=None)", "no keyword arguments"),
        ("ctk.ctkSliderWidget(parent=None)", "no keyword arguments"),
        ("slicer.qMRMLNodeComboBox(parent=None)", "no keyword arguments"),
        ("self.ui.label.text()", ".text is a property"),
        ("ui.box.currentIndex()", ".currentIndex is a property"),
        ("slicer.app.temporaryPath()", ".temporaryPath is a property"),
        ("isinstance(x, qt.QWidget)", "x.inherits('QWidget')"),
        ("isinstance(x, (int, ctk.ctkSliderWidget))", "x.inherits('ctkSliderWidget')"),
        ("self.ui.button._run = 1", "._run cannot be set"),
        ("ui.button.my_data, x = 1, 2", ".my_data cannot be set"),
        ("self.ui.button.Result = 1", ".Result cannot be set"),
        ("qt.Qt.AlignmentFlag.AlignRight", "qt.Qt.AlignRight"),
        ("qt.QSizePolicy.Policy.Expanding", "qt.QSizePolicy.Expanding"),
        ("button.connect('clicked', f)", "no signature of a signal"),
        ("button.connect('clicked(bool', f)", "no signature of a signal"),
        ("button.connect(qt.SIGNAL, f)", "must be a text"),
        ("self.ui.box.setCurrentPath(Path('x'))", "str(path)"),
        ("qt.QDir.remove(pathlib.Path(x))", "str(path)"),
    ],
)
def test_what_breaks_in_slicer_is_found(code: str, reason: str) -> None:
    (fault,) = faults(code)
    assert reason in fault.reason


@pytest.mark.parametrize(
    "code",
    [
        "qt.QPushButton('x')",
        "slicer.vtkMRMLScene(); slicer.util.loadUI('x'); slicer.util.selectModule(module='x')",
        "node.text(); match.value(); reader.count()",
        "slicer.util.confirmOkCancelDisplay('x', windowTitle='y')",
        "self.ui.label.text = 'x'; ui.box.currentIndex = 0; self.ui.table.setVisible(True)",
        "isinstance(x, str); isinstance(x, (list, tuple)); x.inherits('QWidget')",
        "self._run = 1; self.ui = 2; panel.my_data = 3",
        "qt.Qt.AlignRight; qt.QSizePolicy.Expanding; qt.QFileDialog.getOpenFileName()",
        "button.connect('clicked(bool)', f); timer.connect('timeout()', f); box.connect('a(vtkNode*)', f)",
        "button.clicked.connect(f); section.connect(); self.connect()",
        "ui.box.setCurrentPath(str(path)); work(Path('x'))",
    ],
)
def test_what_works_in_slicer_is_let_pass(code: str) -> None:
    assert faults(code) == []
