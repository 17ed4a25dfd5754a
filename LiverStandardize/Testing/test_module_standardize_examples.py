"""The examples in the docstrings of the logic run."""

from __future__ import annotations

import re
from typing import Any

import pytest
from docstring_examples import documented, example_in
from panel_standardizing import SHIFT_HU, add_volume, small_ct

EXAMPLES = ("detect", "class", "start", "measure_tissues", "difference", "standardize_volumes")


def test_every_example_is_known_here(host: Any, module: Any) -> None:
    assert set(documented(type(module.logic))) == set(EXAMPLES)


@pytest.mark.slow
def test_examples_run(host: Any, module: Any, capsys: pytest.CaptureFixture[str]) -> None:
    import slicer

    add_volume(small_ct(size=(96, 96, 24)), "CT")
    printed = {}
    for name in EXAMPLES:
        exec(example_in(documented(type(module.logic))[name]), {"slicer": slicer})
        printed[name] = capsys.readouterr().out.strip()
    assert printed["detect"].startswith("uncertain: FBP or IR or OPT or M60 or M80 0.0 [")
    assert printed["class"] == "CT (M80) FBP M80"
    assert printed["start"] == "CT (M80)_1"
    assert printed["measure_tissues"].startswith("fat -9")
    name, mean = printed["difference"].rsplit(" ", 1)
    assert name == "CT (M80) minus CT"
    assert 0 < float(mean) <= SHIFT_HU
    assert re.fullmatch(r"CT skipped  CT \(M80\) Its result was there\.", printed["standardize_volumes"])
