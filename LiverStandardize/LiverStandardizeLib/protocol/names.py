"""The six protocols and how they are written."""

from __future__ import annotations

import re

from LiverCoreLib.errors import LiverCNNError

PROTOCOLS = ("FBP", "IR", "OPT", "M40", "M60", "M80")
"""Filtered back projection, iterative, optimum contrast, virtual monoenergetic at 40, 60 and 80 keV."""

MEANINGS = {
    "FBP": "filtered back projection",
    "IR": "iterative reconstruction",
    "OPT": "optimum contrast, a blend of both energies",
    "M40": "virtual monoenergetic, 40 keV",
    "M60": "virtual monoenergetic, 60 keV",
    "M80": "virtual monoenergetic, 80 keV",
}

UNSTATED_ENERGY = "monoenergetic at an unknown energy"

_PROTOCOL_OF_ENERGY = {40.0: "M40", 60.0: "M60", 80.0: "M80"}
_ENERGY_TOLERANCE_KEV = 0.5
_STRENGTHS = range(1, 6)


class UnknownProtocol(LiverCNNError):
    """What was given is not the name of a protocol."""

    id = "unknown-protocol"


def parse_protocol(text: str) -> tuple[str, int | None]:
    """Read a protocol as a user writes it: ``M60``, ``ir``, ``IR3`` for iterative at strength 3.

    Returns:
        The name, one of PROTOCOLS, and the strength or None.

    Raises:
        UnknownProtocol: It is none of them.
    """
    match = re.fullmatch(r"([A-Z]+(?:40|60|80)?)\s*([0-9])?", text.strip().upper())
    if match is not None and match.group(1) in PROTOCOLS:
        name, digit = match.groups()
        if digit is None:
            return name, None
        if name == "IR" and int(digit) in _STRENGTHS:
            return name, int(digit)
    raise UnknownProtocol(
        f"There is no protocol {text!r}; give one of {', '.join(PROTOCOLS)}, or IR1 to IR5 for a strength.",
        given=text,
        known=PROTOCOLS,
    )


def protocol_of_energy(energy_kev: float) -> str | None:
    """M40, M60 or M80, or None for another energy."""
    for ours, name in _PROTOCOL_OF_ENERGY.items():
        if abs(energy_kev - ours) <= _ENERGY_TOLERANCE_KEV:
            return name
    return None


def energy_of_protocol(protocol: str) -> float | None:
    """The energy of M40, M60 or M80 in keV, or None for the others."""
    return next((energy for energy, name in _PROTOCOL_OF_ENERGY.items() if name == protocol), None)


def monoenergetic_name(energy_kev: float | None) -> str:
    """``M60`` for one of ours, else ``monoenergetic 70 keV``; None is an energy that is not stated."""
    if energy_kev is None:
        return UNSTATED_ENERGY
    return protocol_of_energy(energy_kev) or f"monoenergetic {energy_kev:g} keV"
