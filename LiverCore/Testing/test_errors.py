"""An error carries an id, one sentence and its details, and cannot be built without an id."""

from __future__ import annotations

import pickle

import pytest

from LiverCoreLib.errors import Cancelled, LiverCNNError


class WithId(LiverCNNError):
    id = "with-id"


def test_keeps_sentence_id_and_details():
    error = WithId("Found 2 slices where 5 are needed.", found=2, expected=5)

    assert str(error) == "Found 2 slices where 5 are needed."
    assert error.id == "with-id"
    assert error.exit_code == 2
    assert error.details == {"found": 2, "expected": 5}


def test_the_call_may_name_a_finer_id():
    assert WithId("Sentence.", id="finer-case").id == "finer-case"
    assert WithId.id == "with-id"


def test_without_an_id_it_cannot_be_built():
    with pytest.raises(TypeError, match="needs an id"):
        LiverCNNError("Sentence.")


@pytest.mark.parametrize("bad_id", ["", "Upper-case", "under_score", "trailing-", "two--dashes", "a b"])
def test_an_id_is_kebab_case(bad_id):
    with pytest.raises(ValueError, match="kebab-case"):
        LiverCNNError("Sentence.", id=bad_id)


@pytest.mark.parametrize("message", ["", "  "])
def test_a_message_is_required(message):
    with pytest.raises(ValueError, match="sentence"):
        WithId(message)


def test_cancelled_has_a_sentence_and_exit_code_130():
    error = Cancelled()

    assert (str(error), error.id, error.exit_code) == ("Cancelled.", "cancelled", 130)


@pytest.mark.parametrize("error", [WithId("Sentence.", id="finer-case", found=1), Cancelled(job="a")])
def test_survives_pickling(error):
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert (str(copy), copy.id, copy.details) == (str(error), error.id, error.details)


def test_repr_names_class_sentence_and_id():
    assert repr(WithId("Sentence.")) == "WithId('Sentence.', id='with-id')"
