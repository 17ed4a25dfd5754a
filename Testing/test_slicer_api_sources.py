"""Sources of Slicer: what scripts can reach of a class, and what exists in a small tree like Slicer's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from slicer_api import headers, python_sources, record, ui_files
from slicer_api.lookup import ABSENT, PRESENT, QT6_ONLY, UNKNOWN, Sources
from slicerhost.availability import reason_to_skip

WIDGET = """
/// class qNotThis : public qMRMLWidget {
class Q_SLICER_EXPORT qMRMLWonderWidget : public qMRMLWidget
{
  Q_OBJECT
  Q_PROPERTY(bool showAll READ showAll WRITE setShowAll)
public:
  enum Mode { Fast = 0, Slow };
  qMRMLWonderWidget(QWidget* parent = nullptr);
  void setShowAll(bool show);   // no slot
  QString where() const { return "https://x.org/{"; }
  Q_INVOKABLE vtkMRMLWonderNode* wonderNode() const;
public slots:
  void setWonderNode(vtkMRMLNode* node);
signals:
  void wonderChanged(const QString& name, int count = 0);
  void ready();
protected slots:
  void onReady();
private:
  int Hidden;
};
"""
NODE = """
class VTK_MRML_EXPORT VTK_MARSHALAUTO vtkMRMLWonderNode : public vtkMRMLNode
{
public:
  static vtkMRMLWonderNode* New();
  vtkTypeMacro(vtkMRMLWonderNode, vtkMRMLNode);
  vtkSetMacro(Power, double); vtkGetMacro(Power, double); vtkBooleanMacro(Shown, bool);
  enum { WonderEvent = 12345, OtherEvent };
  virtual vtkMRMLWonderNode* GetNext(std::string name = {}, const std::vector<int>& more={});
protected:
  void Secret();
};
class VTK_MRML_EXPORT vtkMRMLNode : public vtkObject
{
public:
  const char* GetName();
};
class VTKCOMMONCORE_EXPORT vtkObject : public vtkObjectBase { public: unsigned long AddObserver(int); };
class vtkObjectBase { public: void Register(); };
class vtkMRMLScene : public vtkObject {
public: vtkMRMLNode* GetNodeByID(const char*); enum { EndCloseEvent }; };
class vtkCommandless;
"""


def classes_of(text: str) -> dict[str, headers.CppClass]:
    return {cls.name: cls for cls in headers.read_text(text)}


def test_scripts_reach_properties_slots_signals_and_invokables() -> None:
    cls = classes_of(WIDGET)["qMRMLWonderWidget"]
    assert cls.bases == ("qMRMLWidget",)
    reached = {name for name, member in cls.members.items() if member.scripted}
    assert reached == {"showAll", "Fast", "Slow", "wonderNode", "setWonderNode", "wonderChanged", "ready"}
    assert cls.members["wonderNode"].returns == "vtkMRMLWonderNode"
    assert cls.members["wonderChanged"].signatures == {"QString,int"}


def test_vtk_classes_offer_all_that_is_public() -> None:
    found = classes_of(NODE)
    assert set(found) == {"vtkMRMLWonderNode", "vtkMRMLNode", "vtkObject", "vtkObjectBase", "vtkMRMLScene"}
    members = found["vtkMRMLWonderNode"].members
    assert {"New", "SetPower", "GetPower", "ShownOn", "ShownOff", "WonderEvent", "OtherEvent", "IsA"} <= set(
        members
    )
    assert members["GetNext"].returns == "vtkMRMLWonderNode"
    assert "Secret" not in members


@pytest.mark.parametrize(
    ("arguments", "types"),
    [
        ("", ""),
        ("const QString& name", "QString"),
        ("vtkMRMLNode* node, bool on = true", "vtkMRMLNode*,bool"),
        ("vtkMRMLNode *node", "vtkMRMLNode*"),
        ("const QList<int>& many", "QList<int>"),
    ],
)
def test_types_of_arguments(arguments: str, types: str) -> None:
    assert headers.normalised(arguments) == types


def test_names_of_a_python_module(tmp_path: Path) -> None:
    (tmp_path / "util.py").write_text(
        "import os\nLIMIT = 3\ndef loadUI(path): pass\n"
        "class Mixin:\n    def addObserver(self):\n        self.seen = 1\n"
        "def decorate(cls):\n    checkedSetAttr(cls, 'connectGui', 1)\n",
        encoding="utf-8",
    )
    module = python_sources.read(tmp_path / "util")
    assert module is not None
    assert {"os", "LIMIT", "loadUI", "Mixin", "connectGui"} <= module.names
    assert module.classes["Mixin"].members == {"addObserver", "seen"}
    assert python_sources.read(tmp_path / "nothing") is None


def test_names_of_a_ui_file(tmp_path: Path) -> None:
    path = tmp_path / "x.ui"
    path.write_text(
        '<ui><widget class="qMRMLWidget" name="top"><widget class="QLabel" name="label">'
        '<property name="text"><string/></property><property name="Mine" stdset="0"><string/></property>'
        "</widget></widget><connections><connection><sender>top</sender><signal>changed(int)</signal>"
        "<receiver>label</receiver><slot>clear()</slot></connection></connections></ui>",
        encoding="utf-8",
    )
    found = ui_files.read(path)
    assert found.widgets == {"top": "qMRMLWidget", "label": "QLabel"}
    assert found.properties == {("QLabel", "text")}
    assert found.wires == {("qMRMLWidget", "changed(int)"), ("QLabel", "clear()")}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A tree with the places that Slicer, VTK and PythonQt have."""
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    root = tmp_path_factory.mktemp("sources")
    for name, text in {
        "slicer/Libs/node.h": NODE,
        "slicer/Base/widget.h": WIDGET + "class qMRMLWidget : public QWidget { Q_OBJECT public: int x(); };"
        "\nclass qMRMLWonderWidgetPlugin : public QObject { Q_OBJECT public: int x(); };",
        "slicer/Base/app.h": "class qSlicerApplication : public QApplication { Q_OBJECT Q_PROPERTY(QString "
        "temporaryPath READ temporaryPath WRITE setTemporaryPath) };",
        "slicer/Base/Python/slicer/util.py": "class Mixin:\n    def addObserver(self): pass\n"
        "def loadUI(x): pass\n",
        "slicer/Base/Python/slicer/ScriptedLoadableModule.py": "class ScriptedLoadableModuleWidget:\n"
        "    def resourcePath(self, x): self.layout = 1\n",
        "slicer/Modules/Loadable/Colors/x.h": "",
        "vtk/Wrapping/Python/vtkmodules/util/vtkConstants.py": "VTK_INT = 6\n",
        "vtk/Wrapping/Python/vtkmodules/util/misc.py": "def calldata_type(x): pass\n",
        "vtk/Common/Core/vtkType.h": "#define VTK_FLOAT 10\n",
        "pythonqt/com_trolltech_qt_gui0.h": "class PythonQtWrapper_QComboBox : public QObject\n{\n"
        "public slots:\n"
        "   int findData(QComboBox* theWrappedObject);\n   int static_QComboBox_shared();\n};\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Sources(root / "slicer", root / "ctk", root / "vtk", root / "pythonqt")


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("slicer.mrmlScene.GetNodeByID().GetName", PRESENT),
        ("slicer.mrmlScene.GetNodeByID().GetPower", PRESENT),  # of a class derived from what is returned
        ("slicer.mrmlScene.GetNodeByID().GetPowers", ABSENT),
        ("slicer.mrmlScene.EndCloseEvent", PRESENT),
        ("slicer.mrmlScene.EndClosedEvent", ABSENT),
        ("slicer.vtkMRMLWonderNode", PRESENT),
        ("slicer.vtkMRMLWonderNode().GetNext().SetPower", PRESENT),
        ("slicer.vtkMRMLWonderNode().AddObserver", PRESENT),
        ("slicer.vtkMRMLWonderNode().Secret", ABSENT),
        ("slicer.vtkMRMLBlunderNode", ABSENT),
        ("?.GetPower", PRESENT),
        ("?.GetBlunder", ABSENT),
        ("ui:qMRMLWonderWidget.showAll", PRESENT),
        ("ui:qMRMLWonderWidget.setShowAll", ABSENT),
        ("ui:qMRMLWonderWidget.wonderNode().GetPower", PRESENT),
        ("ui:qMRMLWonderWidget.wonderChanged(QString,int)", PRESENT),
        ("ui:qMRMLWonderWidget.wonderChanged(QString)", PRESENT),
        ("ui:qMRMLWonderWidget.wonderChanged(int)", ABSENT),
        ("ui:qMRMLWonderWidget.ready()", PRESENT),
        ("ui:qMRMLWonderWidget.read()", ABSENT),
        ("ui:qMRMLWonderWidget.setVisible", PRESENT),
        ("ui:qMRMLBlunderWidget", ABSENT),
        ("ui:qMRMLWidget", ABSENT),  # no plugin
        ("ui:no-widget-button.text", ABSENT),
        ("ui:QComboBox.findData", PRESENT),
        ("qt.QComboBox.shared", PRESENT),
        ("ui:QComboBox.setCurrentIndex", QT6_ONLY),
        ("ui:QComboBox.currentIndexChanged(int)", QT6_ONLY),
        ("ui:QComboBox.currentIndexChanged(double)", ABSENT),
        ("ui:QComboBox.setCurrentIndexx", ABSENT),
        ("qt.QComboBox().findData", PRESENT),
        ("qt.QComboBoxx", ABSENT),
        ("slicer.app.temporaryPath", PRESENT),
        ("slicer.app.temporaryPaths", ABSENT),
        ("slicer.util.loadUI", PRESENT),
        ("slicer.util.loadUIs", ABSENT),
        ("slicer.util.loadUI(x=)", PRESENT),
        ("slicer.util.loadUI(y=)", ABSENT),
        ("slicer.util.Mixin(y=)", PRESENT),  # nothing is known of how it is made
        ("slicer.vtkMRMLWonderNode().SetPower(x=)", ABSENT),
        ("slicer.util.Mixin.addObserver", PRESENT),
        ("slicer.util.Mixin.addObservers", ABSENT),
        ("slicer.packaging.pip_ensure", ABSENT),
        ("slicer.modules.colors", PRESENT),
        ("slicer.modules.wonders", UNKNOWN),
        ("self.resourcePath", PRESENT),
        ("self.assertEqual", PRESENT),
        ("self.blunder", ABSENT),
        ("vtk.VTK_INT", PRESENT),
        ("vtk.VTK_FLOAT", PRESENT),
        ("vtk.calldata_type", PRESENT),
        ("vtk.vtkBlunder", ABSENT),
    ],
)
def test_what_exists_in_a_tree(sources: Any, path: str, mark: str) -> None:
    assert sources.look_up(path) == mark


def test_the_record_keeps_versions_in_order_and_what_is_used(tmp_path: Path) -> None:
    kept = record.Record({}, {}).with_version("5.10.0", "b", {"x": "+", "y": "-"})
    kept = kept.with_version("5.8.1", "a", {"x": "+", "z": "+"})
    assert kept.versions == {"5.8.1": "a", "5.10.0": "b"}
    assert kept.marks == {"x": "++", "z": "+ "}
    assert kept.mark("z", "5.10.0") == record.NOT_LOOKED_UP
    assert kept.mark("w", "5.8.1") == record.NOT_LOOKED_UP
    path = tmp_path / "known.json"
    record.write(kept, path)
    assert record.read(path) == kept
    assert json.loads(path.read_text())["names"]["x"] == "++"
    assert record.read(tmp_path / "nothing.json") == record.Record({}, {})
