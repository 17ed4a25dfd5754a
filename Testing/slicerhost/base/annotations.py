"""What may stand in ``Annotated[...]`` of a parameter: its limits, its default, and hints for its widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar


class Validator:
    """Refuses values by raising ValueError."""

    def validate(self, value: Any) -> None:
        raise NotImplementedError


def _require(fits: bool, value: Any, rule: Validator) -> None:
    if not fits:
        raise ValueError(f"{value!r} does not fit {rule}")


@dataclass(frozen=True)
class Minimum(Validator):
    minimum: float

    def validate(self, value: Any) -> None:
        _require(value >= self.minimum, value, self)


@dataclass(frozen=True)
class Maximum(Validator):
    maximum: float

    def validate(self, value: Any) -> None:
        _require(value <= self.maximum, value, self)


@dataclass(frozen=True)
class WithinRange(Validator):
    minimum: float
    maximum: float

    def validate(self, value: Any) -> None:
        _require(self.minimum <= value <= self.maximum, value, self)


@dataclass(frozen=True)
class RangeBounds(Validator):
    """Limits of a FloatRange."""

    minimum: float
    maximum: float

    def validate(self, value: Any) -> None:
        _require(self.minimum <= value.minimum <= value.maximum <= self.maximum, value, self)


@dataclass(frozen=True)
class Choice(Validator):
    choices: Any

    def validate(self, value: Any) -> None:
        _require(value in self.choices, value, self)


@dataclass(frozen=True)
class NotNone(Validator):
    def validate(self, value: Any) -> None:
        _require(value is not None, value, self)


class Default:
    """The value of a parameter that was never set."""

    def __init__(self, value: Any = None, *, generator: Callable[[], Any] | None = None) -> None:
        self._value, self._generator = value, generator

    @property
    def value(self) -> Any:
        return self._generator() if self._generator else self._value


@dataclass(frozen=True)
class Decimals:
    value: int


@dataclass(frozen=True)
class SingleStep:
    value: float


_Kind = TypeVar("_Kind")


def first(annotations: tuple[Any, ...], kind: type[_Kind]) -> _Kind | None:
    """The first annotation of a kind."""
    return next((one for one in annotations if isinstance(one, kind)), None)
