"""From evidence to an answer, by rules that do not depend on the order in which evidence was found.

1. Is the image monoenergetic, optimum contrast or of an ordinary spectrum? The strongest evidence decides,
   unless evidence that contradicts it is nearly as strong: then the answer is "uncertain" and names both.
2. Of a monoenergetic image, which energy? The same rule.
3. Otherwise: filtered, iterative or deep-learning reconstruction? The same rule. A kernel alone says nothing
   against a monoenergetic image, which has one, too.
Weak evidence (``HINT``) never decides; where it alone points to another protocol, the answer is "uncertain".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Callable

from .detection import DETECTED, GUESSED, OTHER, UNCERTAIN, UNKNOWN, ProtocolDetection
from .evidence import (
    DECIDES,
    DEEP_LEARNING,
    EITHER_RECONSTRUCTION,
    FILTERED,
    INTENSITY,
    ITERATIVE,
    MONOENERGETIC,
    OPTIMUM_CONTRAST,
    POLYCHROMATIC,
    RECONSTRUCTION_KINDS,
    SPECTRAL_KINDS,
    Evidence,
    strongest_first,
)
from .names import UNSTATED_ENERGY, energy_of_protocol, monoenergetic_name, protocol_of_energy

MARGIN = 0.2
"""How much stronger evidence must be to overrule what contradicts it."""

_DEEP_LEARNING_NAME = "deep-learning reconstruction"


@dataclass(frozen=True)
class _Contest:
    """One question: the answers that stand, the strongest first, and the evidence against the first."""

    answers: tuple[Hashable, ...]
    confidence: float
    against: tuple[Evidence, ...]

    @property
    def is_open(self) -> bool:
        return len(self.answers) > 1


def decide(evidence: Iterable[Evidence], origin: str) -> ProtocolDetection:
    """Weigh the evidence.

    Args:
        evidence: All that was found, in any order.
        origin: What was read, for the result.
    """
    found = tuple(sorted(set(evidence), key=strongest_first))
    spectral = _contest(found, SPECTRAL_KINDS, lambda one: one.kind)
    if not spectral.answers or spectral.answers == (POLYCHROMATIC,):
        return _by_reconstruction(found, spectral, origin)
    if spectral.is_open or spectral.confidence < DECIDES:
        return _open(found, spectral, origin)
    if spectral.answers[0] == OPTIMUM_CONTRAST:
        return _answer(found, "OPT", spectral.confidence, spectral.against, origin)
    return _by_energy(found, spectral, origin)


def decide_by_candidates(evidence: Evidence, candidates: tuple[str, ...]) -> ProtocolDetection:
    """The answer where HU are all there is: a guess if one protocol fits, else uncertain."""
    if len(candidates) == 1:
        energy = energy_of_protocol(candidates[0])
        return ProtocolDetection(
            candidates[0], GUESSED, energy, None, INTENSITY, candidates, (evidence,), (), "HU"
        )
    status = UNCERTAIN if candidates else UNKNOWN
    return ProtocolDetection(None, status, candidates=candidates, evidence=(evidence,), origin="HU")


def contradicts(one: Evidence, protocol: str, strength: int | None) -> bool:
    """Whether evidence speaks for something else than a protocol that the user named."""
    if protocol in ("FBP", "IR"):
        if one.kind == ITERATIVE and protocol == "IR":
            return None not in (strength, one.strength) and strength != one.strength
        return one.kind in (MONOENERGETIC, OPTIMUM_CONTRAST, *RECONSTRUCTION_KINDS) and one.kind != protocol
    if protocol == "OPT":
        return one.kind in (MONOENERGETIC, POLYCHROMATIC)
    if one.kind == MONOENERGETIC:
        return one.energy_kev is not None and protocol_of_energy(one.energy_kev) != protocol
    return one.kind in (OPTIMUM_CONTRAST, POLYCHROMATIC)


def _by_energy(found: tuple[Evidence, ...], spectral: _Contest, origin: str) -> ProtocolDetection:
    energies = _contest(found, (MONOENERGETIC,), lambda one: one.energy_kev)
    names = tuple(monoenergetic_name(energy) for energy in energies.answers)  # type: ignore[arg-type]
    conflicts = spectral.against + energies.against
    if not names or energies.is_open or energies.confidence < DECIDES:
        return _uncertain(found, names or (UNSTATED_ENERGY,), conflicts, origin)
    energy = energies.answers[0]
    assert isinstance(energy, float)
    protocol = protocol_of_energy(energy)
    return ProtocolDetection(
        protocol,
        DETECTED if protocol is not None else OTHER,
        energy_kev=energy,
        confidence=energies.confidence,
        candidates=names,
        evidence=found,
        conflicts=conflicts,
        origin=origin,
    )


def _by_reconstruction(found: tuple[Evidence, ...], spectral: _Contest, origin: str) -> ProtocolDetection:
    contest = _contest(found, RECONSTRUCTION_KINDS, lambda one: one.kind)
    names = _reconstruction_names(found, contest, spectral)
    if not names:
        return ProtocolDetection(None, UNKNOWN, evidence=found, origin=origin)
    conflicts = contest.against + spectral.against
    if len(names) > 1 or contest.confidence < DECIDES:
        return _uncertain(found, names, conflicts, origin)
    if contest.answers[0] == DEEP_LEARNING:
        return ProtocolDetection(
            None, OTHER, confidence=contest.confidence, candidates=names, evidence=found,
            conflicts=conflicts, origin=origin,
        )  # fmt: skip
    if contest.answers[0] == FILTERED:
        return _answer(found, "FBP", contest.confidence, conflicts, origin)
    strengths = _contest(found, (ITERATIVE,), lambda one: one.strength)
    strength = strengths.answers[0] if len(strengths.answers) == 1 else None
    conflicts += strengths.against
    return _answer(found, "IR", contest.confidence, conflicts, origin, strength)  # type: ignore[arg-type]


def _open(found: tuple[Evidence, ...], spectral: _Contest, origin: str) -> ProtocolDetection:
    """Several kinds of image are possible: name them all."""
    names: list[str] = []
    for kind in spectral.answers:
        if kind == MONOENERGETIC:
            energies = _contest(found, (MONOENERGETIC,), lambda one: one.energy_kev)
            names += [monoenergetic_name(energy) for energy in energies.answers or (None,)]  # type: ignore[arg-type]
        elif kind == OPTIMUM_CONTRAST:
            names.append("OPT")
    contest = _contest(found, RECONSTRUCTION_KINDS, lambda one: one.kind)
    if POLYCHROMATIC in spectral.answers or spectral.confidence < DECIDES:
        names += _reconstruction_names(found, contest, spectral)
    conflicts = tuple(one for one in found if one.kind in SPECTRAL_KINDS)
    return _uncertain(found, tuple(names), conflicts, origin)


def _reconstruction_names(
    found: tuple[Evidence, ...], contest: _Contest, spectral: _Contest
) -> tuple[str, ...]:
    """FBP, IR or both; none if nothing says that the image was reconstructed at all."""
    if contest.answers:
        named = {FILTERED: "FBP", ITERATIVE: "IR", DEEP_LEARNING: _DEEP_LEARNING_NAME}
        return tuple(named[str(kind)] for kind in contest.answers)
    is_open = any(one.kind == EITHER_RECONSTRUCTION for one in found)
    return ("FBP", "IR") if is_open or POLYCHROMATIC in spectral.answers else ()


def _contest(
    found: tuple[Evidence, ...],
    kinds: tuple[str, ...],
    answer_of: Callable[[Evidence], Hashable | None],
) -> _Contest:
    """Let the answers to one question compete; evidence without an answer takes no side."""
    strongest: dict[Hashable, float] = {}
    sides = [(answer_of(one), one) for one in found if one.kind in kinds]
    for answer, one in sides:
        if answer is not None:
            strongest.setdefault(answer, one.confidence)  # found is sorted: the first is the strongest
    if not strongest:
        return _Contest((), 0.0, ())
    best = max(strongest.values())
    standing = [answer for answer, confidence in strongest.items() if confidence > best - MARGIN + 1e-9]
    standing.sort(key=lambda answer: (-strongest[answer], str(answer)))
    against = (
        one for answer, one in sides if answer is not None and (len(standing) > 1 or answer != standing[0])
    )
    return _Contest(tuple(standing), best, tuple(against))


def _answer(
    found: tuple[Evidence, ...],
    protocol: str,
    confidence: float,
    conflicts: tuple[Evidence, ...],
    origin: str,
    strength: int | None = None,
) -> ProtocolDetection:
    return ProtocolDetection(
        protocol,
        DETECTED,
        strength=strength,
        confidence=confidence,
        candidates=(protocol,),
        evidence=found,
        conflicts=conflicts,
        origin=origin,
    )


def _uncertain(
    found: tuple[Evidence, ...], names: tuple[str, ...], conflicts: tuple[Evidence, ...], origin: str
) -> ProtocolDetection:
    candidates = tuple(dict.fromkeys(names))
    return ProtocolDetection(
        None, UNCERTAIN, candidates=candidates, evidence=found, conflicts=conflicts, origin=origin
    )
