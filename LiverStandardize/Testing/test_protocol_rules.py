"""Laws of detection: no header raises anything but a refusal, order does not matter, confidence is honest."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from protocol_cases import DECIDED, UNCERTAIN

from LiverCoreLib.errors import LiverCNNError
from LiverStandardizeLib.protocol import PROTOCOLS, protocol_of_headers
from LiverStandardizeLib.protocol.attributes import TAGS
from LiverStandardizeLib.protocol.energies import energies_kev
from LiverStandardizeLib.protocol.evidence import DECIDES, MEANING_OF_LEVEL
from LiverStandardizeLib.protocol.forms import BLEND_FORMS, MONOENERGETIC_FORMS, RECONSTRUCTION_FORMS

REFUSALS = {"derived-map", "localizer", "not-ct"}

WORDS = ["Mono", "MonoE", "keV", "kV", "60", "80", "40keV", "VMI", "Br40", "\\", "3", "I30f", "ASIR", "F_0.5"]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=8).map("".join),
)
VALUES = st.one_of(
    TEXTS,
    st.none(),
    st.floats(),
    st.integers(),
    st.lists(TEXTS, max_size=4),
    st.dictionaries(st.sampled_from(["vr", "Value"]), st.lists(TEXTS, max_size=2), max_size=2),
)
KEYWORDS = st.sampled_from(sorted(TAGS))
HEADERS = st.dictionaries(st.one_of(KEYWORDS, st.text(max_size=12)), VALUES, max_size=8)


def answer(headers):
    """What is detected, or the id of the refusal."""
    try:
        return protocol_of_headers(headers)
    except LiverCNNError as error:
        assert error.id in REFUSALS
        return error.id


@given(HEADERS)
@example({"SeriesDescription": "Mono " + "9" * 900 + " keV"})
@example({"ConvolutionKernel": "\\\\\\", "SeriesDescription": "Mono\x1b[2J \udcff 60 keV\n"})
@example({"MonoenergeticEnergyEquivalent": "1e999", "KVP": "nan"})
def test_no_header_breaks_it_and_every_answer_is_consistent(headers) -> None:
    found = answer(headers)
    if isinstance(found, str):
        return
    json.dumps(found.to_dict(), ensure_ascii=False).encode()  # as the command prints it
    assert all(str(one).isprintable() for one in found.evidence)
    assert found.confidence in MEANING_OF_LEVEL
    assert found.name
    assert set(found.conflicts) <= set(found.evidence)
    if found.protocol is not None:
        assert found.protocol in PROTOCOLS
        assert found.candidates == (found.protocol,)
        assert found.confidence >= DECIDES
    else:
        assert found.status in ("other", "uncertain", "unknown")
    assert (found.confidence > 0) == (found.status in ("detected", "other"))
    assert (found.status == "unknown") == (not found.candidates)


@given(HEADERS, st.randoms(use_true_random=False))
def test_the_order_of_headers_does_not_matter(headers, order: random.Random) -> None:
    items = list(headers.items())
    order.shuffle(items)
    assert answer(dict(items)) == answer(headers)


@pytest.mark.parametrize("case", [*DECIDED, *UNCERTAIN])
def test_tags_count_as_keywords_do(case: str) -> None:
    headers = {**DECIDED, **UNCERTAIN}[case][0]
    spellings = (
        lambda key: TAGS[key].replace(",", "|").lower(),
        lambda key: f"({TAGS[key].replace(',', ', ')})",
        lambda key: TAGS[key].replace(",", ""),
        lambda key: f"DICOM.{key}",
    )
    expected = protocol_of_headers(headers)
    for spelling in spellings:
        rewritten = {key if "xx" in TAGS[key] else spelling(key): value for key, value in headers.items()}
        assert protocol_of_headers(rewritten) == expected


def test_the_dicom_json_model_counts_too() -> None:
    found = protocol_of_headers({"00181210": {"vr": "SH", "Value": ["Br40d", "3"]}})
    assert found.name == "IR, strength 3"


@given(st.dictionaries(st.text(max_size=12), TEXTS, max_size=4))
def test_attributes_that_do_not_matter_change_nothing(others) -> None:
    others = {f"X{key}": value for key, value in others.items()}
    headers = {"ConvolutionKernel": "I30f\\3"}
    assert protocol_of_headers({**others, **headers}) == protocol_of_headers(headers)


@given(st.integers(0, 999), st.sampled_from(["", " ", "  "]), st.sampled_from(["keV", "kev", "KEV"]))
def test_energies_are_read_within_what_scanners_offer(energy: int, blank: str, unit: str) -> None:
    expected = (float(energy),) if 35 <= energy <= 200 else ()
    assert energies_kev(f"DE {energy}{blank.strip() or blank[:1]}{unit} Abd") == expected


@pytest.mark.parametrize("text", ["80 kV", "80kVp", "Br80", "80", "8.80 kV", "511 keV", "keV 80", "x80k eV"])
def test_what_is_no_energy_is_not_read_as_one(text: str) -> None:
    assert energies_kev(text) == ()


def test_every_wording_says_where_it_was_seen_or_that_it_was_not() -> None:
    for form in (*MONOENERGETIC_FORMS, *BLEND_FORMS, *RECONSTRUCTION_FORMS):
        assert form.source
        assert form.vendor
        assert form.verified == (form.source != "unverified")
