"""What was assumed of scans is told once, whatever the number of exams."""

from __future__ import annotations

import json

from livercnn_training.experiments.exam_run import ExamResult
from livercnn_training.experiments.exam_store import MARKER
from livercnn_training.experiments.exam_warnings import exam_warnings
from livercnn_training.experiments.exams import CT, ExamPlan

TUBE, DARK = "The tube voltage is not stated.", "The liver has 60 HU."


def _result(name: str) -> ExamResult:
    return ExamResult(ExamPlan(name, CT, {"ct": name}, lambda progress: None))


def _keep(store, name: str, about: dict) -> None:
    (store / name).mkdir()
    (store / name / MARKER).write_text(json.dumps({"recipe": {}, "files": [], "about": about}))


def test_each_sentence_is_there_once_with_its_number(tmp_path) -> None:
    _keep(tmp_path, "a", {"warnings": [DARK, TUBE]})
    _keep(tmp_path, "b", {"warnings": [TUBE]})
    _keep(tmp_path, "phantom", {"seed": 1})
    results = [_result(name) for name in ("a", "b", "phantom", "own")]
    assert exam_warnings(results, tmp_path) == [f"2 of 4: {TUBE}", f"1 of 4: {DARK}"]


def test_sentences_that_differ_in_numbers_are_one_with_their_range(tmp_path) -> None:
    cut = "HU are cut off at {} ({} % of the body is there) at 120 kV."
    for name, numbers in (("a", (-125, 1.2)), ("b", (-160, 9.4)), ("c", (-125, 10))):
        _keep(tmp_path, name, {"warnings": [cut.format(*numbers)]})
    expected = "HU are cut off at -160 to -125 (1.2 to 10 % of the body is there) at 120 kV."
    assert exam_warnings([_result(name) for name in "abc"], tmp_path) == [f"3 of 3: {expected}"]


def test_folders_that_are_gone_or_broken_say_nothing(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / MARKER).write_text("{")
    assert exam_warnings([_result("a"), _result("b")], tmp_path) == []
    assert exam_warnings([], tmp_path) == []
