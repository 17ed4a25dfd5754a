"""Evidence from free text: the description of a series, comments, the name of the scan protocol."""

from __future__ import annotations

from collections.abc import Iterable

from .attributes import Attributes, source_name
from .energies import bare_energy_kev, energies_kev
from .evidence import DESCRIPTION, HINT, LOOSE, MONOENERGETIC, OPTIMUM_CONTRAST, VENDOR, Evidence
from .forms import BLEND_FORMS, MONOENERGETIC_FORMS, OUR_NAME, RECONSTRUCTION_FORMS, Form, plain
from .names import energy_of_protocol

# The most that each attribute can count. A protocol's name says what a scan was planned for: all series of
# it carry the same, the blend and the maps as well as the monoenergetic ones.
_LIMITS = {
    "SeriesDescription": DESCRIPTION,
    "ImageComments": LOOSE,
    "DerivationDescription": LOOSE,
    "ReconstructionDescription": LOOSE,
    "GEImageBrowserAnnotation": LOOSE,
    "GEIterativeReconAnnotation": LOOSE,
    "GEIterativeReconConfiguration": LOOSE,
    "GEIterativeReconLevel": LOOSE,
    "CanonFilter": VENDOR,
    "ProtocolName": HINT,
}


def text_evidence(attributes: Attributes) -> list[Evidence]:
    """What the texts say, each no louder than its attribute may."""
    voltages = {_rounded(value) for value in attributes.get("KVP", ())}
    found = []
    for keyword, limit in _LIMITS.items():
        for value in attributes.get(keyword, ()):
            for one in _of_text(plain(value), voltages):
                found.append(_limited(one, source_name(keyword), value, limit))
    return found


def _of_text(text: str, voltages_kv: Iterable[float | None]) -> Iterable[Evidence]:
    yield from _monoenergetic(text, voltages_kv)
    for form in (*BLEND_FORMS, *RECONSTRUCTION_FORMS):
        match = form.pattern.search(text)
        if match is not None:
            strength = match.groupdict().get("strength")
            yield _evidence(form, form.says, strength=int(strength) if strength else None)
    ours = OUR_NAME.search(text)
    if ours is not None:
        yield from _named_by_us(ours.group("protocol"))


def _monoenergetic(text: str, voltages_kv: Iterable[float | None]) -> Iterable[Evidence]:
    forms = [(form, form.pattern.search(text)) for form in MONOENERGETIC_FORMS]
    matches = [(form, match) for form, match in forms if match is not None]
    energies = energies_kev(text)
    if not matches:
        for energy in energies:
            if energy in voltages_kv:
                says = f"{energy:g} keV, no word for monoenergetic, and a tube voltage of that number"
                yield Evidence("", "", says, HINT, MONOENERGETIC, energy)
            else:
                yield Evidence("", "", f"{energy:g} keV", LOOSE, MONOENERGETIC, energy)
        return
    form, match = min(matches, key=lambda one: not one[0].verified)
    if energies:
        for energy in energies:
            yield _evidence(form, f"{form.says} at {energy:g} keV", energy_kev=energy)
        return
    bare = bare_energy_kev(text[match.end() :])
    if bare is None:
        yield _evidence(form, f"{form.says}, its energy not stated")
    else:
        yield _evidence(form, f"{form.says}, its energy not stated")
        says = f"{bare:g} after {match.group().strip()!r}, without keV: perhaps its energy"
        level = HINT if bare in voltages_kv else LOOSE
        yield Evidence("", "", says, level, MONOENERGETIC, bare)


def _named_by_us(protocol: str) -> Iterable[Evidence]:
    energy = energy_of_protocol(protocol)
    kind = {"OPT": OPTIMUM_CONTRAST, "FBP": "FBP"}.get(protocol, MONOENERGETIC)
    yield Evidence("", "", f"named {protocol} by this software", DESCRIPTION, kind, energy)


def _evidence(
    form: Form, says: str, *, energy_kev: float | None = None, strength: int | None = None
) -> Evidence:
    whose = "" if form.vendor == "any" else f" of {form.vendor}"
    says += f"; a wording{whose}" + ("" if form.verified else ", not verified")
    return Evidence("", "", says, DESCRIPTION if form.verified else LOOSE, form.kind, energy_kev, strength)


def _limited(one: Evidence, source: str, value: str, limit: float) -> Evidence:
    return Evidence(
        source, value, one.says, min(one.confidence, limit), one.kind, one.energy_kev, one.strength
    )


def _rounded(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
