"""Energies in free text: ``60 keV`` is one, ``60 kV`` a tube voltage, ``40-70 keV`` two, so neither."""

from __future__ import annotations

import re

LOWEST_KEV, HIGHEST_KEV = 35.0, 200.0
"""Scanners offer 40 to 190 or 200 keV (Siemens, Philips), 40 to 140 (GE), 35 to 135 (Canon)."""

LOWEST_TUBE_KV, HIGHEST_TUBE_KV = 70.0, 150.0
"""Tube voltages of diagnostic CT."""

_NUMBER = r"(?<![\d.,])\d{2,3}(?:[.,]\d+)?"
_SEVERAL = re.compile(rf"({_NUMBER})(?: ?keV)?\s?(?:-|–|to|/|,|\+|and|&)\s?({_NUMBER})\s?keV", re.IGNORECASE)
_ONE = re.compile(rf"({_NUMBER})[\s-]?keV", re.IGNORECASE)
_OTHER_UNITS = r"\s?(?:mm|%|s\b|ms\b|mA)"
_BARE = re.compile(rf"^\W{{0,3}}(?:plus)?\W{{0,3}}({_NUMBER})(?!\d|[.,]\d|{_OTHER_UNITS})", re.IGNORECASE)


def energies_kev(text: str) -> tuple[float, ...]:
    """The different energies that a text gives in keV, within what scanners offer."""
    texts = [one for pair in _SEVERAL.findall(text) for one in pair] + _ONE.findall(text)
    values = {_number(one) for one in texts}
    return tuple(sorted(value for value in values if is_possible(value)))


def bare_energy_kev(after_the_word: str) -> float | None:
    """The number that follows a word such as MonoE without ``keV``, if it can be an energy."""
    match = _BARE.match(after_the_word)
    value = None if match is None else _number(match.group(1))
    return value if value is not None and is_possible(value) else None


def is_possible(energy_kev: float) -> bool:
    """Whether a scanner offers a monoenergetic image at this energy."""
    return LOWEST_KEV <= energy_kev <= HIGHEST_KEV


def _number(text: str) -> float:
    return float(text.replace(",", "."))
