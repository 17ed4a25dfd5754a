"""The documentation is true: recipes run, links lead somewhere, and what stands in bold is on a panel."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import SimpleITK as sitk
from panel_sources import PYTHON_FILES, REPOSITORY, UI_FILES
from synthetic_cohort import readers, write_csv

DOCS = REPOSITORY / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), REPOSITORY / "TROUBLESHOOTING.md"]
PAGES_OF_PANELS = ("panels.md", "scripting.md", "tutorial.md")
RECIPES = re.findall(r"```python\n(.*?)```", (DOCS / "scripting.md").read_text(encoding="utf-8"), re.DOTALL)
MOST_BYTES = 300_000
SLICERS_OWN = {
    # Names of Slicer's modules, menus and buttons, which we cannot check.
    "Add Data", "Add DICOM Data", "Data", "Extensions Manager", "File > Save Data", "PyTorch",
    "Segment Editor", "Segmentations", "Show 3D", "View > Python Console", "Volumes",
}  # fmt: skip
CONTROLS = {"QPushButton", "QCheckBox", "ctkCollapsibleButton"}


def texts_of_panels() -> set[str]:
    """What can be read on our panels: of .ui files and of the translated texts in the code."""
    found: set[str] = set()
    for path in UI_FILES:
        for string in ElementTree.parse(path).getroot().iter("string"):
            found.add((string.text or "").strip().rstrip(":"))
    for path in PYTHON_FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_" and node.args:
                found.add(str(getattr(node.args[0], "value", "")))
    return found | set(editor_effects())


def editor_effects() -> tuple:
    """Names of the effects of the editor in Correct."""
    path = REPOSITORY / "LiverSegmentCNN" / "LiverSegmentCNNScene" / "embedded_editor.py"
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EFFECTS":
            return ast.literal_eval(node.value)
    raise AssertionError("there are no EFFECTS")


def controls() -> list[str]:
    """Texts of the buttons, boxes and labels of inputs on our panels, by their file."""
    found = []
    for path in UI_FILES:
        for widget in ElementTree.parse(path).getroot().iter("widget"):
            text = widget.findtext("property[@name='text']/string") or ""
            is_input = widget.get("class") == "QLabel" and text.endswith(":")
            if text and (widget.get("class") in CONTROLS or is_input):
                found.append(pytest.param(text.rstrip(":"), id=f"{path.stem}-{text}"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    local = [link.partition("#") for link in links if "://" not in link]
    assert [name for name, _hash, _anchor in local if name and not (page.parent / name).exists()] == []
    for name, _hash, anchor in local:
        assert not anchor or anchor in anchors(page.parent / name if name else page), anchor


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES_OF_PANELS)
def test_what_stands_in_bold_is_on_a_panel(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    bold = set(re.findall(r"\*\*([^*]+)\*\*", " ".join(text.split())))
    assert sorted(bold - texts_of_panels() - SLICERS_OWN) == []


@pytest.mark.parametrize("text", controls())
def test_every_control_is_explained(text: str) -> None:
    page = (DOCS / "panels.md").read_text(encoding="utf-8")
    assert f"**{text}**" in page or f"\n### {text}\n" in page


def test_pictures_are_small_and_shown() -> None:
    pictures = sorted((DOCS / "images").glob("*"))
    pages = "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    assert [path.name for path in pictures if path.stat().st_size > MOST_BYTES] == []
    assert [path.name for path in pictures if f"images/{path.name}" not in pages] == []


def small_study() -> list:
    """A synthetic cohort with few measures: its report is soon drawn."""
    few = ("case", "observer", "method", "reference", "dice", "volume_test_ml", "volume_reference_ml")
    rows = [row for row in readers(cases=6) if row["observer"] == "synthetic A" and row["method"] != "manual"]
    return [{name: row[name] for name in few} for row in rows]


@pytest.mark.slow
def test_the_recipes_run_one_after_the_other(
    host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import slicer

    from LiverStandardizeLib.simulation import make_abdomen

    sys.path.insert(0, str(REPOSITORY / "LiverStandardize" / "Testing"))
    from standardizer_bundles import write_shift_bundle

    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for folder in ("scans", "study"):
        (tmp_path / folder).mkdir()
    small = make_abdomen(1, size=(96, 96, 50), spacing_mm=(4.0, 4.0, 6.0)).image
    sitk.WriteImage(small, str(tmp_path / "scans" / "ct.nrrd"))
    write_csv(small_study(), tmp_path / "study" / "cohort.csv")
    (tmp_path / "models").mkdir()
    write_shift_bundle(tmp_path / "models" / "shift", model_id="shift", shift_hu=20)
    (tmp_path / "models" / "defaults.json").write_text('{"standardize": {"CT": "shift"}}')
    monkeypatch.setenv("LIVERCNN_MODELS", str(tmp_path / "models"))
    for name in ("LiverCore", "LiverMetrics", "LiverSegmentCNN", "LiverStandardize"):
        host.load(REPOSITORY / name / f"{name}.py")
    names, printed = {"slicer": slicer}, []
    for number, recipe in enumerate(RECIPES):
        exec(compile(recipe, f"recipe {number + 1}", "exec"), names)
        printed.append(capsys.readouterr().out.strip())
    text = "\n".join(printed)
    assert printed[0] == "Synthetic abdomen"
    assert "Synthetic abdomen liver liver liver_1" in text
    assert "not-ready Choose the CT to segment." in text
    assert "my livers 0.4" in text
    assert "Synthetic abdomen (M80) FBP" in text
    assert "standardized to M80, from FBP (Synthetic abdomen) | Synthetic abdomen" in text
    assert (tmp_path / "study" / "results" / "report.html").is_file()
    assert (tmp_path / "livers" / "ct.seg.nrrd").is_file()
    silent = [number for number, output in enumerate(printed) if not output]
    assert silent == [], "recipes that print nothing"
