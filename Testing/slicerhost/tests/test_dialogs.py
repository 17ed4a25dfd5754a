"""Choosers of files answer what the test said, and an unanswered one is an incident."""

from __future__ import annotations

from typing import Any

import pytest

from slicerhost.dialogs import ANSWERS
from slicerhost.incidents import INCIDENTS, UNANSWERED_DIALOG


def test_answers_are_given_in_their_order(host: Any) -> None:
    import qt

    ANSWERS.extend(["/one", "/two"])
    assert qt.QFileDialog.getExistingDirectory(None, "Where from?") == "/one"
    assert qt.QFileDialog.getOpenFileName(None, "What?", "", "Zip (*.zip)") == "/two"


def test_a_dialog_that_nobody_answers_is_an_incident(host: Any) -> None:
    import qt

    assert qt.QFileDialog.getSaveFileName(None, "Where to?") == ""
    assert [one.kind for one in INCIDENTS.take()] == [UNANSWERED_DIALOG]


def test_arguments_that_qt_would_refuse_are_refused(host: Any) -> None:
    import qt

    with pytest.raises(TypeError):
        qt.QFileDialog.getSaveFileName("not a widget", "Where to?")


def test_sample_data_can_be_registered_once(host: Any) -> None:
    import SampleData

    logic = SampleData.SampleDataLogic()
    for _ in range(2):
        logic.registerCustomSampleDataSource(
            category="Probe", sampleName="probe", uris="probe:1", fileNames="p.nrrd", nodeNames="Probe"
        )
    assert [one.fileNames for one in logic.sampleDataSourcesByCategory("Probe")] == [["p.nrrd"]]
    assert logic.sourceForSampleName("CTLiver").checksums[0].startswith("SHA256:")
    with pytest.raises(ValueError, match="same length"):
        SampleData.SampleDataSource("two", uris=["a", "b"], fileNames=["one"])
