"""All texts of our panels can be translated."""

from __future__ import annotations

from pathlib import Path

import pytest
from panel_sources import PYTHON_FILES, UI_FILES, name_of
from translation_rules import faults_of_python, faults_of_ui


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name_of)
def test_texts_of_panels_can_be_translated(path: Path) -> None:
    faults = faults_of_python(path.read_text(encoding="utf-8"))
    assert not faults, "\n".join(f"{name_of(path)}:{one.line} {one.reason}" for one in faults)


@pytest.mark.parametrize("path", UI_FILES, ids=name_of)
def test_texts_of_ui_files_can_be_translated(path: Path) -> None:
    faults = faults_of_ui(path.read_text(encoding="utf-8"))
    assert not faults, "\n".join(f"{name_of(path)}: {one.reason}" for one in faults)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("label.text = 'Done'", "shown untranslated"),
        ("label.text = x or 'none'", "shown untranslated"),
        ("a.text, b.toolTip = x, 'Done'", "shown untranslated"),
        ("label.text += ' mL'", "shown untranslated"),
        ("label.setText(f'{x} done')", "shown untranslated"),
        ("label.setToolTip('a' if x else _('b'))", "shown untranslated"),
        ("label.text = 'Done {x}'.format(x=x)", "shown untranslated"),
        ("box.addItem('All', 'all')", "'All' is shown untranslated"),
        ("qt.QFileDialog.getSaveFileName(None, 'Save', name)", "'Save' is shown untranslated"),
        ("table.setHorizontalHeaderLabels(['Dice', x])", "shown untranslated"),
        ("slicer.util.errorDisplay('No')", "shown untranslated"),
        ("raise NotReady('Choose a CT.')", "shown untranslated"),
        ("label.text = _(f'{x} done')", "literals only"),
        ("label.text = _('a' + x)", "literals only"),
        ("label.text = _('{} done').format(x)", "must have names"),
        ("label.text = _('{0} done').format(x)", "must have names"),
        ("label.text = _('%s done') % x", "must have names"),
        ("_('{name} done').format(nam=x)", "is filled with ['nam']"),
        ("_('done').format(name=x)", "is filled with ['name']"),
        ("_('{a} and {b}').format(a=x)", "is filled with ['a']"),
        ("_('{a}').format(x)", "by name"),
    ],
)
def test_what_cannot_be_translated_is_found(code: str, reason: str) -> None:
    faults = faults_of_python(code)
    assert faults
    assert any(reason in fault.reason for fault in faults)


@pytest.mark.parametrize(
    "code",
    [
        "label.text = _('Done')",
        "label.text = _('{name}: {volume:.0f} mL').format(name=x, volume=y)",
        "label.text = _('Done') if x else ''",
        "label.text = ', '.join(names)",
        "label.text = texts.done(x)",
        "box.addItem(_('All'), key); box.addItem(text, 'all')",
        "self.parent.categories = [translate('qSlicerAbstractCoreModule', 'Segmentation')]",
        "node.SetName('x'); settings.setValue('LiverCNN/Device', 'cpu')",
        "raise RuntimeError('our fault'); raise NotReady(reason)",
        "_('{name}').format(**values)",
        "qt.QFileDialog.getSaveFileName(None, _('Save'), 'comparison', _('Tables') + ' (*.csv)')",
        "box.addItem(text, 'all')",
    ],
)
def test_what_can_be_translated_is_let_pass(code: str) -> None:
    assert faults_of_python(code) == []


def ui(properties: str) -> str:
    return f'<ui version="4.0"><widget class="QLabel" name="w">{properties}</widget></ui>'


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ('<property name="text"><string>Done</string></property>', None),
        ('<property name="text"><string notr="true">-</string></property>', None),
        ('<property name="text"><string notr="true">Done</string></property>', "hidden from translators"),
        ('<property name="SlicerParameterName"><string notr="true">a</string></property>', None),
        ('<property name="SlicerParameterName"><string>a</string></property>', "is for machines"),
        ('<property name="nodeTypes"><stringlist><string>vtkX</string></stringlist></property>', "machines"),
        (
            '<property name="nodeTypes"><stringlist notr="true"><string>v</string></stringlist></property>',
            None,
        ),
        ('<property name="baseName"><string>Map</string></property>', None),
    ],
)
def test_ui_files_tell_people_from_machines(properties: str, reason: str | None) -> None:
    faults = faults_of_ui(ui(properties))
    assert len(faults) == (reason is not None)
    assert reason is None or reason in faults[0].reason
