"""Headers as scanners write them: each answer is right, or says honestly that it is uncertain."""

from __future__ import annotations

import pytest
from protocol_cases import DECIDED, MAPS, UNCERTAIN, UNKNOWN

from LiverCoreLib.errors import LiverCNNError
from LiverStandardizeLib.protocol import protocol_of_headers


@pytest.mark.parametrize("case", DECIDED)
def test_the_protocol_is_detected(case: str) -> None:
    headers, name, confidence = DECIDED[case]
    found = protocol_of_headers(headers)
    assert (found.name, found.confidence) == (name, confidence), found.to_dict()
    assert found.status == ("other" if "none of the six" in name else "detected")
    assert found.evidence[0].source.split(" ")[0] in {*headers, "KVP"}


@pytest.mark.parametrize("case", UNCERTAIN)
def test_what_cannot_be_decided_is_uncertain(case: str) -> None:
    headers, candidates = UNCERTAIN[case]
    found = protocol_of_headers(headers)
    assert found.status == "uncertain", found.to_dict()
    assert (found.protocol, found.confidence) == (None, 0.0)
    assert list(found.candidates) == candidates
    assert all(candidate in found.name for candidate in candidates)


@pytest.mark.parametrize("case", UNKNOWN)
def test_headers_that_say_nothing_give_unknown(case: str) -> None:
    found = protocol_of_headers(UNKNOWN[case])
    assert (found.status, found.protocol, found.candidates) == ("unknown", None, ())


@pytest.mark.parametrize("case", MAPS)
def test_maps_are_refused(case: str) -> None:
    with pytest.raises(LiverCNNError) as caught:
        protocol_of_headers(MAPS[case], name="Series 5")
    assert caught.value.id == "derived-map"
    assert str(caught.value).startswith("Series 5 is a")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "error_id"),
    [
        ({"ImageType": "ORIGINAL\\PRIMARY\\LOCALIZER\\CT_SOM5 TOP", "KVP": "120"}, "localizer"),
        ({"Modality": "MR", "SeriesDescription": "T2 60 keV"}, "not-ct"),
        ({"Modality": "PT"}, "not-ct"),
    ],
)
def test_what_is_no_ct_is_refused(headers: dict[str, str], error_id: str) -> None:
    with pytest.raises(LiverCNNError) as caught:
        protocol_of_headers(headers)
    assert caught.value.id == error_id


def test_contradicting_strengths_leave_the_strength_open() -> None:
    found = protocol_of_headers({"ConvolutionKernel": "Br40\\3", "0018|1210": "Br40\\2"})
    assert (found.protocol, found.strength) == ("IR", None)
    assert {one.strength for one in found.conflicts} == {2, 3}


def test_what_was_overruled_is_listed() -> None:
    found = protocol_of_headers(
        {"ProtocolName": "DE Mono 60 keV", "SeriesDescription": "DE_Abd F_0.5", "ConvolutionKernel": "Br40"}
    )
    assert [one.source for one in found.conflicts] == ["ProtocolName (0018,1030)"]


# --- what the user states ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "name", "energy", "strength"),
    [
        ("M60", "M60", 60.0, None),
        ("ir3", "IR", None, 3),
        (" OPT ", "OPT", None, None),
        ("FBP", "FBP", None, None),
    ],
)
def test_a_stated_protocol_is_the_answer(stated: str, name: str, energy: float, strength: int) -> None:
    found = protocol_of_headers({"ConvolutionKernel": "FC08"}, protocol=stated)
    assert (found.protocol, found.energy_kev, found.strength) == (name, energy, strength)
    assert (found.status, found.confidence, found.conflicts) == ("given", 1.0, ())


def test_what_speaks_against_a_stated_protocol_is_listed() -> None:
    headers = {"SeriesDescription": "MonoE 40keV[HU]", "ConvolutionKernel": "B", "KVP": "120"}
    assert not protocol_of_headers(headers, protocol="M40").conflicts
    against = protocol_of_headers(headers, protocol="M80").conflicts
    assert [one.energy_kev for one in against] == [40.0]
    assert [one.energy_kev for one in protocol_of_headers(headers, protocol="FBP").conflicts] == [40.0]


def test_a_stated_protocol_overrides_a_map_and_says_so() -> None:
    found = protocol_of_headers({"SeriesDescription": "Iodine"}, protocol="M60")
    assert found.protocol == "M60"
    assert "iodine map" in [one.says for one in found.conflicts]


@pytest.mark.parametrize("stated", ["", "M70", "IR6", "IR0", "FBP3", "M60 keV", "x"])
def test_what_is_no_protocol_is_refused(stated: str) -> None:
    with pytest.raises(LiverCNNError) as caught:
        protocol_of_headers({}, protocol=stated)
    assert caught.value.id == "unknown-protocol"
    assert "M60" in str(caught.value)
