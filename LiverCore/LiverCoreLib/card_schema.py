"""Reads model.json strictly and checks it against the packaged JSON schema.

What comes back is plain data whose structure and ranges can be relied upon. Every refusal is a
:class:`ModelError` with id ``bad-card`` that carries the dotted path of the bad field.
"""

from __future__ import annotations

import difflib
import functools
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from LiverCoreLib.model_error import ModelError

SCHEMA_PATH = Path(__file__).parent / "Resources" / "model-card.schema.json"

MAX_CARD_BYTES = 1 << 20
_MAX_QUOTED_CHARACTERS = 120
_MAX_INTEGER_CHARACTERS = 18  # what a signed 64-bit number holds


def parse_card_json(content: bytes) -> dict[str, Any]:
    """Return the JSON object in the bytes of a model.json, checked by the schema.

    JSON that readers could understand differently is refused: doubled keys, NaN, Infinity, numbers too
    large for a float, text that is not UTF-8.
    """
    if len(content) > MAX_CARD_BYTES:
        raise _bad_card("", f"it has {len(content)} bytes, more than the {MAX_CARD_BYTES} allowed")
    try:
        data = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object_without_doubled_keys,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            parse_int=_short_integer,
        )
        if isinstance(data, dict):
            check_card_data(data)
            return data
    except UnicodeDecodeError as error:
        raise _bad_card("", f"it is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise _bad_card("", f"it is not JSON ({error.msg}, line {error.lineno})") from error
    except RecursionError as error:
        raise _bad_card("", "it is nested too deeply") from error
    raise _bad_card("", "it is not a JSON object")


def check_card_data(data: Mapping[str, Any]) -> None:
    """Raise ModelError (``bad-card``) where data breaks the schema or holds NaN or infinity."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator().iter_errors(data))
    if error is not None:
        raise _bad_card(_dotted(error.absolute_path), _plain_reason(error))
    _check_finite(data, ())
    low, high = data["input"]["hu_window"]
    if low >= high:
        raise _bad_card("input.hu_window", f"its lower end {low} must lie below its upper end {high}")


@functools.lru_cache(maxsize=1)
def _validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def _plain_reason(error: Any) -> str:
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        unknown = next(key for key in error.instance if key not in known)
        near = difflib.get_close_matches(unknown, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"it has an unknown key {_short(repr(unknown))}{hint}"
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"it lacks {', '.join(map(repr, missing))}"
    if error.validator in ("anyOf", "pattern"):
        return f"{_short(repr(error.instance))} is not allowed here"
    return _short(error.message)


def _check_finite(value: Any, path: tuple[Any, ...]) -> None:
    """A card made in memory has not passed the JSON reader, so its numbers are checked here."""
    if isinstance(value, float) and not math.isfinite(value):
        raise _bad_card(_dotted(path), f"{value} is not finite; write null for a value that does not exist")
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_finite(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _check_finite(item, (*path, index))


def _dotted(path: Iterable[Any]) -> str:
    """('evaluation', 0, 'n') -> 'evaluation[0].n'."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _bad_card(field: str, reason: str) -> ModelError:
    subject = f"The model card's {field!r}" if field else "The model card"
    return ModelError(
        f"{subject} is wrong: {reason}; get the bundle again from its source or correct its model.json.",
        id="bad-card",
        field=field,
    )


def _short(text: str) -> str:
    return text if len(text) <= _MAX_QUOTED_CHARACTERS else f"{text[:_MAX_QUOTED_CHARACTERS]}..."


def _object_without_doubled_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in keys if keys.count(key) > 1)
        raise _bad_card("", f"the key {_short(repr(doubled))} appears twice")
    return data


def _refuse_constant(name: str) -> None:
    raise _bad_card("", f"it holds {name}, which JSON does not have")


def _finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _bad_card("", f"the number {_short(text)} is too large")
    return number


def _short_integer(text: str) -> int:
    if len(text) > _MAX_INTEGER_CHARACTERS:
        raise _bad_card("", f"the number {_short(text)} is too large")
    return int(text)
