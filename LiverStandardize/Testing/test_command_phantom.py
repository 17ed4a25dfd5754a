"""``livercnn phantom --verify``: what it prints and how it ends. The figures themselves: the slow test."""

from __future__ import annotations

import json
import math

import pytest

import livercnn
from LiverStandardizeLib.simulation import checks
from LiverStandardizeLib.simulation.checks import Check, all_checks

GOOD = Check("water", "image", 0.25, -1.0, 1.0, "HU", "definition")
BAD = Check("iodine", "projection", 9.5, -5.0, 5.0, "HU", "NIST")


@pytest.fixture
def verify(monkeypatch, capsys):
    """Run the command with given figures; gives its exit code and what it printed."""

    def run(figures, *arguments):
        monkeypatch.setattr(all_checks, "run_checks", lambda progress=None: figures)
        code = livercnn.main(["phantom", "--verify", "--progress", "none", *arguments])
        return code, capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("measured", "passed"), [(-1.0, True), (1.0, True), (1.01, False), (math.nan, False), (math.inf, False)]
)
def test_a_figure_passes_within_its_range(measured, passed):
    assert Check("", "", measured, -1.0, 1.0, "", "").passed is passed


def test_all_in_range_ends_with_0(verify):
    code, printed = verify([GOOD, GOOD])
    assert code == 0
    assert "0.25 HU" in printed
    assert "-1 to 1" in printed
    assert "2 of 2 in their range" in printed


def test_one_out_of_range_ends_with_1(verify):
    code, printed = verify([GOOD, BAD])
    assert code == 1
    (line,) = [line for line in printed.splitlines() if "iodine" in line]
    assert line.endswith("OUT OF RANGE")
    assert "1 of 2 in their range" in printed


def test_json_holds_every_figure(verify):
    code, printed = verify([GOOD, BAD], "--json")
    assert code == 1
    assert [row["passed"] for row in json.loads(printed)] == [True, False]


def test_without_verify_it_says_what_is_missing(capsys):
    assert livercnn.main(["phantom"]) == 2
    assert "--verify" in capsys.readouterr().err


@pytest.mark.slow
def test_the_simulation_is_what_it_should_be():
    seen = []
    figures = checks.run_checks(lambda fraction, message: seen.append(fraction))
    assert [check for check in figures if not check.passed] == []
    assert {"tables", "image", "projection"} <= {check.engine for check in figures}
    assert seen == sorted(seen)
    assert 0 <= seen[0] < seen[-1] <= 1
