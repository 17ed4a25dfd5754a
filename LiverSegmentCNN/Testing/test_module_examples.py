"""The examples in the docstrings of the logic run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from docstring_examples import documented, example_in
from panel_driving import LIVER_LABEL, add_volume

EXAMPLES = ("class", "start", "correct", "measure_pdff", "segment_volumes", "segment_folder")


def test_every_example_is_known_here(host: Any, module: Any) -> None:
    assert set(documented(type(module.logic))) == set(EXAMPLES)


@pytest.mark.slow
def test_examples_run(
    host: Any,
    module: Any,
    abdomen: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import slicer

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "scans").mkdir()
    (tmp_path / "livers").mkdir()
    sitk.WriteImage(abdomen.image, str(tmp_path / "scans" / "one.nrrd"))
    add_volume(abdomen.image, "CT")
    liver = sitk.GetArrayFromImage(abdomen.labels) == LIVER_LABEL
    fat = sitk.GetImageFromArray(np.where(liver, 8.0, 95.0).astype(np.float32))
    fat.CopyInformation(abdomen.image)
    printed = {}
    for name in EXAMPLES:
        if name == "measure_pdff":
            add_volume(fat, "PDFF")
        exec(example_in(documented(type(module.logic))[name]), {"slicer": slicer})
        printed[name] = capsys.readouterr().out.strip()
    assert re.fullmatch(r"\d+\.\d+ CT liver liver", printed["class"])
    assert printed["start"] == printed["class"].split()[0]
    assert printed["correct"] == "CT liver (corrected) 0.0"
    assert 7 < float(printed["measure_pdff"].split()[0]) < 14  # the mask holds some fat
    assert printed["segment_volumes"].splitlines()[0].startswith("CT skipped")
    assert printed["segment_folder"] == str([str(tmp_path / "livers" / "one.seg.nrrd")])
