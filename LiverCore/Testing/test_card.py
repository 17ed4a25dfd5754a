"""A card survives its round trip, and every kind of bad card is refused with the path of the bad field."""

from __future__ import annotations

import copy
import dataclasses
import json

import pytest

from LiverCoreLib.card import Card, SegmentOutput
from LiverCoreLib.model_error import ModelError


def refusal(data):
    with pytest.raises(ModelError) as caught:
        Card.from_dict(data)
    return caught.value


def test_round_trip(card_data):
    card = Card.from_dict(card_data)

    assert card.to_dict() == card_data
    assert Card.from_dict(card.to_dict()) == card
    assert Card.from_json(json.dumps(card_data).encode()) == card


def test_typed_access(card_data):
    card = Card.from_dict(card_data)

    assert card.architecture.config["widths"] == [4, 8]
    assert card.input.spacing_mm == (2.0, 2.0, 2.0)
    assert card.input.hu_window == (-150, 250)
    assert isinstance(card.output, SegmentOutput)
    assert card.segment_output.threshold == 0.5
    assert card.segment_output.postprocessing.keep == "largest_component"
    assert card.golden.tolerance == 0.01


def test_is_frozen_and_its_raw_data_is_a_copy(card_data):
    card = Card.from_dict(card_data)
    card.raw["training"]["data"].clear()
    card_data["training"]["data"].clear()

    with pytest.raises(dataclasses.FrozenInstanceError):
        card.id = "other"
    assert card.training["data"][0]["name"] == "none"


def test_golden_may_be_absent(card_data):
    del card_data["golden"]

    assert Card.from_dict(card_data).golden is None
    assert "golden" not in Card.from_dict(card_data).to_dict()


def test_a_standardizer_states_its_target_and_is_no_segmenter(card_data):
    card_data.update(task="standardize", output={"kind": "hu", "target_protocol": "M80"})
    card_data["architecture"]["name"] = "standardizer"
    card = Card.from_dict(card_data)

    assert card.to_dict() == card_data
    with pytest.raises(ModelError, match="made to standardize, not to segment") as caught:
        _ = card.segment_output
    assert caught.value.id == "wrong-task"


BAD_FIELDS = {
    "schema_version": ("schema_version", 2),
    "id": ("id", "../evil"),
    "id with newline": ("id", "tiny-ct\n"),
    "id that Windows reserves": ("id", "con"),
    "version": ("version", "one"),
    "task": ("task", "classify"),
    "weights.file": ("weights.file", "../../etc/passwd"),
    "weights.sha256": ("weights.sha256", "abc"),
    "weights.size_bytes": ("weights.size_bytes", -1),
    "golden.tolerance": ("golden.tolerance", 0),
    "input.orientation": ("input.orientation", "RAS"),
    "input.spacing_mm": ("input.spacing_mm", [2, 2]),
    "input.hu_window": ("input.hu_window", [250, -150]),
    "input.median_filter_voxels": ("input.median_filter_voxels", 2),
    "output.threshold": ("output.threshold", 1.5),
    "output.postprocessing.keep": ("output.postprocessing.keep", "smallest"),
    "architecture.config.hook": ("architecture.config.hook", {"module": "os"}),
    "training.seed": ("training.seed", "zero"),
    "name": ("name", "clear\u001b[2Jthe screen"),
    "intended_use": ("intended_use", 3),
}


@pytest.mark.parametrize("case", BAD_FIELDS)
def test_a_bad_field_is_named_by_its_dotted_path(card_data, case):
    path, value = BAD_FIELDS[case]
    *parents, last = path.split(".")
    place = card_data
    for parent in parents:
        place = place[parent]
    place[last] = value

    error = refusal(card_data)

    assert error.id == "bad-card"
    assert error.details["field"].startswith(path)
    assert path in str(error)


def test_a_place_in_a_list_is_named(card_data):
    card_data["evaluation"][0]["n"] = 0

    assert refusal(card_data).details["field"] == "evaluation[0].n"


def test_unknown_keys_are_refused_at_every_level_with_a_suggestion(card_data):
    closed = [("", card_data)] + [
        (key, card_data[key]) for key in ("architecture", "weights", "golden", "input", "output", "training")
    ]
    closed += [
        ("evaluation[0]", card_data["evaluation"][0]),
        ("training.data[0]", card_data["training"]["data"][0]),
    ]
    for path, place in closed:
        place["surprise"] = 1
        error = refusal(card_data)
        assert (error.id, error.details["field"]) == ("bad-card", path)
        assert "unknown key 'surprise'" in str(error)
        del place["surprise"]

    card_data["input"]["hu_windo"] = [0, 1]
    assert "did you mean 'hu_window'?" in str(refusal(card_data))


def test_missing_keys_are_named(card_data):
    for key in [key for key in card_data if key != "golden"]:
        broken = copy.deepcopy(card_data)
        del broken[key]
        assert f"it lacks '{key}'" in str(refusal(broken))


@pytest.mark.parametrize("name", ["os.system", "resnet", ""])
def test_architectures_outside_the_list_are_refused(card_data, name):
    card_data["architecture"]["name"] = name

    assert refusal(card_data).id == "unknown-architecture"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(card_data, number):
    card_data["evaluation"][0]["metrics"]["dice"]["sd"] = number

    error = refusal(card_data)

    assert error.details["field"] == "evaluation[0].metrics.dice.sd"
    assert "write null" in str(error)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"model"', "not a JSON object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"id": "a", "id": "b"}', "'id' appears twice"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (1 << 20) + b"{}", "more than"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too large"),
    ],
)
def test_text_that_is_no_card_is_refused(content, reason):
    with pytest.raises(ModelError, match=reason) as caught:
        Card.from_json(content)
    assert caught.value.id == "bad-card"
