"""Code that would fail in Slicer fails in the host, one test per kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slicerhost.incidents import INCIDENTS, PYTHONQT, SLOT_ERROR

pytestmark = pytest.mark.usefixtures("host")


@pytest.fixture
def button() -> Any:
    import qt

    return qt.QPushButton("Apply")


def only_incident() -> tuple[str, str]:
    (incident,) = INCIDENTS.take()
    return incident.kind, incident.text


def test_properties_are_attributes(button: Any) -> None:
    assert (button.text, button.enabled, button.className()) == ("Apply", True, "QPushButton")
    button.text = "Cancel"
    button.setText(button.text + "!")
    assert button.text == "Cancel!"


def test_a_property_cannot_be_called(button: Any) -> None:
    with pytest.raises(TypeError, match="not callable"):
        button.text()


def test_a_property_takes_only_its_type(button: Any) -> None:
    with pytest.raises(TypeError):
        button.text = 5


@pytest.mark.parametrize("name", ["progress", "_progress", "clicked", "clicke", "setText"])
def test_no_new_attributes_on_a_cpp_widget(button: Any, name: str) -> None:
    with pytest.raises(AttributeError, match=f"'{name}' cannot be set on a QPushButton"):
        setattr(button, name, 1)


def test_no_new_attributes_on_a_slicer_widget() -> None:
    import ctk
    import slicer

    for widget in (slicer.qMRMLNodeComboBox(), ctk.ctkCollapsibleButton()):
        with pytest.raises(AttributeError, match="cannot be set"):
            widget.noneEnable = True
        with pytest.raises(AttributeError, match="cannot be set"):
            widget._mine = 1


def test_setters_that_are_no_slots_cannot_be_called() -> None:
    import ctk

    for widget, name in (
        (ctk.ctkSliderWidget(), "setMinimum"),
        (ctk.ctkSliderWidget(), "setRange"),
        (ctk.ctkRangeWidget(), "setSuffix"),
        (ctk.ctkCollapsibleButton(), "setCollapsed"),
    ):
        assert not hasattr(widget, name)
    ctk.ctkSliderWidget().maximum = 5.0
    ctk.ctkRangeWidget().setRange(0.0, 5.0)


def test_a_python_subclass_has_attributes_of_its_own() -> None:
    import qt

    class Panel(qt.QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.result = 3

    assert Panel().result == 3
    assert isinstance(Panel(), qt.QWidget)


def test_an_unknown_attribute_cannot_be_read(button: Any) -> None:
    with pytest.raises(AttributeError, match="no attribute named 'caption'"):
        _ = button.caption


@pytest.mark.parametrize(
    "make",
    [
        lambda qt, ctk, slicer: qt.QPushButton("x", parent=None),
        lambda qt, ctk, slicer: qt.QSize(width=1, height=2),
        lambda qt, ctk, slicer: ctk.ctkSliderWidget(parent=None),
        lambda qt, ctk, slicer: slicer.qMRMLNodeComboBox(parent=None),
    ],
    ids=["Qt widget", "Qt value", "CTK", "Slicer"],
)
def test_constructors_take_no_keywords(make: Callable[..., Any]) -> None:
    import ctk
    import qt
    import slicer

    with pytest.raises(ValueError, match="PythonQt does not support keyword arguments"):
        make(qt, ctk, slicer)


def test_nor_when_a_subclass_calls_them() -> None:
    import qt

    class Dialog(qt.QDialog):
        def __init__(self) -> None:
            super().__init__(parent=None)

    with pytest.raises(ValueError, match="keyword arguments"):
        Dialog()


def test_isinstance_of_a_base_class_is_false_and_told(button: Any) -> None:
    import qt

    assert isinstance(button, qt.QPushButton)
    assert type(button) == qt.QPushButton  # noqa: E721 - what is tested
    assert not isinstance(button, qt.QWidget)
    kind, text = only_incident()
    assert kind == PYTHONQT
    assert "use x.inherits('QWidget')" in text


def test_enums_are_unscoped() -> None:
    import qt

    assert int(qt.Qt.AlignRight) == 2
    with pytest.raises(AttributeError, match="write qt.Qt.AlignRight"):
        _ = qt.Qt.AlignmentFlag.AlignRight


@pytest.mark.parametrize("signature", ["clicked(int)", "clicked", "pressed(bool)", "pushed()"])
def test_a_signal_needs_its_exact_signature(button: Any, signature: str) -> None:
    assert button.connect(signature, print) is False
    kind, text = only_incident()
    assert kind == PYTHONQT
    assert f"signal '{signature}' does not exist on QPushButton" in text


def test_signals_of_slicer_widgets_have_their_cpp_types() -> None:
    import slicer

    selector = slicer.qMRMLNodeComboBox()
    assert selector.connect("currentNodeChanged(vtkMRMLNode*)", print)
    assert not selector.connect("currentNodeChanged(QString)", print)
    assert "currentNodeChanged(vtkMRMLNode*)" in only_incident()[1]


def test_slots_get_as_many_arguments_as_they_name(button: Any) -> None:
    got: list[Any] = []
    button.connect("clicked(bool)", lambda checked: got.append(("one", checked)))
    button.connect("clicked()", lambda checked="none": got.append(("clicked()", checked)))
    button.clicked.connect(lambda: got.append(("no argument",)))
    button.clicked.connect(lambda checked=5: got.append(("default", checked)))
    button.clicked.connect(lambda *values: got.append(("all", *values)))
    button.click()
    assert sorted(got) == [
        ("all", False),
        ("clicked()", "none"),
        ("default", False),
        ("no argument",),
        ("one", False),
    ]


def test_a_slot_with_too_many_parameters_is_an_error(button: Any) -> None:
    button.connect("clicked(bool)", lambda checked, more: None)
    button.click()
    kind, text = only_incident()
    assert kind == SLOT_ERROR
    assert "missing 1 required positional argument: 'more'" in text


def test_an_error_in_a_slot_is_kept(button: Any) -> None:
    button.clicked.connect(lambda: {}["no such key"])
    button.click()
    kind, text = only_incident()
    assert kind == SLOT_ERROR
    assert "KeyError: 'no such key'" in text


def test_an_error_in_an_observer_is_kept() -> None:
    import slicer
    import vtk

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode")
    node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: 1 / 0)
    node.SetText("x")
    kinds = {incident.kind for incident in INCIDENTS.take()}
    assert kinds == {SLOT_ERROR}


def test_what_is_disconnected_is_not_called(button: Any) -> None:
    calls: list[int] = []

    def count() -> None:
        calls.append(1)

    button.connect("clicked()", count)
    assert button.disconnect("clicked()", count) is True
    assert button.disconnect("clicked()", count) is False
    button.click()
    assert calls == []


def test_a_timer_calls_once(host: Any) -> None:
    import qt

    calls: list[int] = []
    qt.QTimer.singleShot(0, lambda: calls.append(1))
    host.process_events(until=lambda: calls == [1])
