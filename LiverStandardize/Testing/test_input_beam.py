"""The beam of a CT: what iodine is worth in it, and what headers say of it."""

from __future__ import annotations

import pytest
import torch

from LiverStandardizeLib.simulation.real_ct.input_beam import MIXED, input_beam, kv_of_headers
from LiverStandardizeLib.simulation.wordings import MANUFACTURER


def test_iodine_is_worth_less_the_higher_the_voltage() -> None:
    worth = [float(input_beam(kv).worth_in_adults().iodine) for kv in (70, 80, 90, 100, 120, 130.0, 140)]
    assert worth == sorted(worth, reverse=True)
    assert float(input_beam(120).worth_in_adults().iodine) == pytest.approx(25.1, abs=0.1)
    assert float(input_beam(MIXED).worth_in_adults().iodine) == pytest.approx(33.4, abs=0.3)
    between = input_beam(130)
    assert (between.low, between.high, between.low_share) == ("120", "140", 0.5)


def test_an_unknown_voltage_is_taken_for_the_usual_one() -> None:
    assert input_beam(None) == input_beam(120.0)
    assert input_beam(120).name == "120 kV"


@pytest.mark.parametrize("kv", [60, 150, float("nan"), "dual"])
def test_voltages_without_a_spectrum_are_refused(kv: float | str) -> None:
    with pytest.raises(ValueError):
        input_beam(kv)


def test_what_two_beams_show_is_shared() -> None:
    both = torch.tensor([[10.0, 20.0]])
    assert input_beam(100).seen(both).tolist() == [10.0]
    assert input_beam(MIXED).seen(both).tolist() == pytest.approx([14.0])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"KVP": 120}, 120.0),
        ({"0018|0060": "100 "}, 100.0),
        ({"DICOM.KVP": [80.0]}, 80.0),
        ({"KVP": 120, "DICOM.KVP": "100"}, None),
        ({"KVP": 150}, MIXED),
        ({"KVP": 0}, None),
        ({"KVP": "unknown"}, None),
        ({"KVP": 140, "Manufacturer": MANUFACTURER}, MIXED),
        ({"KVP": 140, "0008|0070": "SIEMENS"}, 140.0),
        ({}, None),
    ],
)
def test_headers_say_what_they_say(headers: dict, expected: float | str | None) -> None:
    assert kv_of_headers(headers) == expected
