"""Runs end once, whatever ends them."""

from __future__ import annotations

from typing import Any

import pytest


def a_run(steps: list, node_ids: tuple = ()) -> Any:
    """A run whose polls do what the steps say: an exception is raised, anything else is the outcome."""
    from LiverCoreLib.errors import Cancelled
    from LiverCoreScene.scene_run import SceneRun

    class Run(SceneRun):
        let_go = 0

        def _advance(self) -> None:
            if self._cancelled:
                raise Cancelled()
            step = steps.pop(0)
            if isinstance(step, BaseException):
                raise step
            self.outcome = step

        def _let_go(self) -> None:
            self.let_go += 1

    return Run(node_ids)


def test_a_fault_of_ours_is_raised_once_and_ends_the_run(host: Any) -> None:
    run = a_run([None, ZeroDivisionError("ours"), "never"])
    assert not run.poll()
    with pytest.raises(ZeroDivisionError):
        run.poll()
    assert (run.poll(), run.outcome, run.let_go) == (True, None, 1)
    assert run.error.id == "internal-error"


def test_an_outcome_ends_the_run(host: Any) -> None:
    run = a_run([None, "landed"])
    assert (run.wait(), run.let_go) == ("landed", 1)
    run.cancel("too late")
    assert run.error is None


def test_a_node_that_goes_cancels_and_says_why(host: Any) -> None:
    import slicer

    from LiverCoreLib.errors import Cancelled

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    run = a_run([None], (node.GetID(),))
    slicer.mrmlScene.RemoveNode(node)
    with pytest.raises(Cancelled, match="Cancelled, because CT was removed."):
        run.wait()
    assert run.let_go == 1
