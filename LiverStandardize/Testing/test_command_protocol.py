"""``livercnn protocol``: a readable answer, JSON, and one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dicom_writing import write_series

import livercnn


def test_the_answer_names_protocol_confidence_and_evidence(tmp_path: Path, capsys) -> None:
    write_series(tmp_path, ConvolutionKernel=("I30f", 3), KVP=120)
    assert livercnn.main(["protocol", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Protocol: IR, strength 3 (iterative reconstruction)"
    assert lines[1].startswith("Confidence: 0.9 of 1: ")
    assert lines[2] == "Read: DICOM headers"
    assert "  ConvolutionKernel (0018,1210) = 'I30f\\3': iterative at strength 3" in lines
    assert any(line.startswith("  KVP (0018,0060) = '120'") for line in lines)


def test_conflicts_are_set_apart(tmp_path: Path, capsys) -> None:
    write_series(tmp_path, ConvolutionKernel=("Br40", 3), description="Abd FBP")
    assert livercnn.main(["protocol", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Protocol: uncertain: IR or FBP"
    assert len(lines[lines.index("In conflict:") + 1 : -1]) == 2
    assert lines[-1] == "If you know it, state it with --protocol."


def test_nothing_found_says_so(tmp_path: Path, capsys) -> None:
    write_series(tmp_path, description="")
    assert livercnn.main(["protocol", str(tmp_path), "--no-hu"]) == 0
    assert "No attribute that would tell was found." in capsys.readouterr().out


def test_json_holds_the_whole_result(tmp_path: Path, capsys) -> None:
    write_series(tmp_path, description="MonoE 60keV[HU]", KVP=120)
    assert livercnn.main(["protocol", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["protocol"], found["energy_kev"], found["confidence"]) == ("M60", 60.0, 0.8)
    assert found["evidence"][0]["source"] == "SeriesDescription (0008,103E)"
    assert set(found) >= {"name", "status", "strength", "candidates", "conflicts", "origin"}


def test_a_stated_protocol_and_a_series(tmp_path: Path, capsys) -> None:
    write_series(tmp_path, number=4, description="MonoE 60keV[HU]")
    write_series(tmp_path, number=5, description="MonoE 80keV[HU]")
    assert livercnn.main(["protocol", str(tmp_path), "--series", "5", "--protocol", "M60"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Protocol: M60 (virtual monoenergetic, 60 keV)\nConfidence: 1 of 1")
    assert "In conflict:\n  SeriesDescription (0008,103E) = 'MonoE 80keV[HU]'" in printed


@pytest.mark.parametrize(
    ("arguments", "error_id"),
    [
        (["absent.nii.gz"], "file-not-found"),
        ([".", "--protocol", "M70"], "unknown-protocol"),
        ([], "wrong-arguments"),
        ([".", "--serie", "3"], "wrong-arguments"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(tmp_path, monkeypatch, capsys, arguments, error_id) -> None:
    monkeypatch.chdir(tmp_path)
    assert livercnn.main(["protocol", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.endswith(f"[{error_id}]\n")


def test_a_map_is_refused_in_one_line(tmp_path: Path, capsys) -> None:
    write_series(tmp_path, description="Iodine Density[mg/ml]")
    assert livercnn.main(["protocol", str(tmp_path)]) == 2
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert "is an iodine map" in printed
    assert printed.endswith("[derived-map]\n")
