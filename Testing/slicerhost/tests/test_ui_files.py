"""What a .ui file may not hold is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slicerhost.incidents import INCIDENTS, PYTHONQT, UNKNOWN_PROPERTY, UNKNOWN_WIDGET

pytestmark = pytest.mark.usefixtures("host")

PAGE = """<ui version="4.0"><class>Page</class><widget class="qMRMLWidget" name="Page">
<layout class="QVBoxLayout" name="column"><item>{widget}</item></layout></widget>
<connections>{connection}</connections></ui>"""
SELECTOR = '<widget class="qMRMLNodeComboBox" name="selector">{property}</widget>'


def load(folder: Path, widget: str, connection: str = "") -> Any:
    import slicer

    path = folder / "page.ui"
    path.write_text(PAGE.format(widget=widget, connection=connection), encoding="utf-8")
    return slicer.util.loadUI(str(path))


def wire(signal: str, slot: str) -> str:
    return (
        f"<connection><sender>Page</sender><signal>{signal}</signal>"
        f"<receiver>selector</receiver><slot>{slot}</slot></connection>"
    )


def test_properties_and_connections_of_stand_ins(tmp_path: Path) -> None:
    import slicer

    page = load(
        tmp_path,
        SELECTOR.format(
            property='<property name="noneEnabled"><bool>true</bool></property>'
            '<property name="nodeTypes"><stringlist><string>vtkMRMLModelNode</string></stringlist></property>'
            '<property name="SlicerParameterName" stdset="0"><string>model</string></property>'
        ),
        wire("mrmlSceneChanged(vtkMRMLScene*)", "setMRMLScene(vtkMRMLScene*)"),
    )
    selector = slicer.util.childWidgetVariables(page).selector
    assert (selector.noneEnabled, selector.nodeTypes) == (True, ("vtkMRMLModelNode",))
    assert selector.property("SlicerParameterName") == "model"
    page.setMRMLScene(slicer.mrmlScene)
    assert selector.mrmlScene() is slicer.mrmlScene


@pytest.mark.parametrize(
    ("widget", "connection", "kind", "text"),
    [
        ('<widget class="qMRMLWonder" name="w"/>', "", UNKNOWN_WIDGET, "class qMRMLWonder of 'w'"),
        (
            SELECTOR.format(property='<property name="noneEnable"><bool>true</bool></property>'),
            "",
            UNKNOWN_PROPERTY,
            "'noneEnable' of 'selector' is no property of qMRMLNodeComboBox",
        ),
        (
            '<widget class="QLabel" name="w"><property name="txt"><string>x</string></property></widget>',
            "",
            UNKNOWN_PROPERTY,
            "'txt' of 'w' is no property of QLabel",
        ),
        (
            SELECTOR.format(property=""),
            wire("sceneChanged()", "setMRMLScene(vtkMRMLScene*)"),
            PYTHONQT,
            "signal 'sceneChanged()' does not exist on qMRMLWidget",
        ),
        (
            SELECTOR.format(property=""),
            wire("mrmlSceneChanged(vtkMRMLScene*)", "setScene(vtkMRMLScene*)"),
            UNKNOWN_PROPERTY,
            "slot 'setScene(vtkMRMLScene*)' of 'selector'",
        ),
    ],
    ids=["class", "property of ours", "property of Qt", "signal", "slot"],
)
def test_what_slicer_does_not_know_is_told(
    tmp_path: Path, widget: str, connection: str, kind: str, text: str
) -> None:
    load(tmp_path, widget, connection)
    (incident,) = INCIDENTS.take()
    assert incident.kind == kind
    assert text in incident.text
