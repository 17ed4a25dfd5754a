"""The logic from scripts: the examples in its documentation run as they stand there."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

import pytest
from compare_driving import MODULE, put_under, two_observers

METHODS = ("compareSegments", "showDifferences", "colourSurface", "goToLargestDistance", "exportComparison")


@pytest.fixture
def module(host: Any) -> Any:
    return host.load(MODULE)


def example_in(documented: Any) -> str:
    """The code behind "Example::" in a docstring."""
    _before, marker, after = inspect.getdoc(documented).partition("Example::\n")
    assert marker, f"{documented.__name__} has no example"
    lines = [line for line in after.splitlines() if not line or line.startswith("    ")]
    return textwrap.dedent("\n".join(lines))


def run_example(module: Any, code: str) -> dict[str, Any]:
    import slicer

    names = {"slicer": slicer, "LiverMetricsLogic": module.source.LiverMetricsLogic}
    exec(compile(code, "example", "exec"), names)
    return names


def test_the_example_of_the_class_runs(host: Any, module: Any, capsys: pytest.CaptureFixture) -> None:
    two_observers()
    names = run_example(module, example_in(module.source.LiverMetricsLogic))
    comparison = names["outcome"].comparisons[0]
    assert capsys.readouterr().out == f"{comparison.dice} {comparison.hd95_mm}\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_the_example_of_each_method_runs(host: Any, module: Any, name: str) -> None:
    two_observers()
    run_example(module, example_in(getattr(module.source.LiverMetricsLogic, name)))


def test_what_cannot_be_compared_is_an_error_with_the_panels_sentence(host: Any, module: Any) -> None:
    import numpy as np
    import slicer

    from LiverCoreLib.errors import LiverCNNError

    _volume, manual, cnn = two_observers()
    shear = np.eye(4)
    shear[0, 1] = 0.3
    put_under(cnn, shear)
    for tests, sentence in (
        ([], "Tick the segments"),
        ([(manual, "liver")], "is the reference and a test"),
        ([(cnn, "liver")], "harden the transform"),
        ([(cnn, "no such segment")], "gone"),
    ):
        with pytest.raises(LiverCNNError, match=sentence):
            module.logic.compareSegments(manual, "liver", tests)
    assert slicer.util.getNodesByClass("vtkMRMLTableNode") == []
