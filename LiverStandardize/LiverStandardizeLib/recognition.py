"""Which protocol an image is to be standardized as, and what to tell whoever uses the result."""

from __future__ import annotations

from dataclasses import replace

import SimpleITK as sitk

from .protocol.decide import decide_by_candidates
from .protocol.detect import protocol_of_headers, state_protocol
from .protocol.detection import DETECTED, GIVEN_BY_USER, GUESSED, OTHER, UNCERTAIN, ProtocolDetection
from .protocol.evidence import MONOENERGETIC, OPTIMUM_CONTRAST, POLYCHROMATIC, Evidence
from .protocol.intensities import FAT_HU, candidates_by_fat, contradicts_fat, measure_fat_hu
from .protocol.refusals import DerivedMap

_SPECTRAL_EVIDENCE = (MONOENERGETIC, OPTIMUM_CONTRAST, POLYCHROMATIC)
_FROM_ONE_ENERGY = {"FBP", "IR"}


def recognize(
    image: sitk.Image, hu_offset: float, protocol: str | None, detection: ProtocolDetection | None
) -> tuple[ProtocolDetection, Evidence]:
    """The protocol of an image, and what its HU say.

    Args:
        image: A CT.
        hu_offset: What makes HU of its values when added.
        protocol: What the user states, or None or ``auto``.
        detection: What its headers say, or None where there are none.

    Returns:
        The answer: what is stated, else what the headers say, else what HU leave possible; and what the HU of
        fat say about it, which is one of its conflicts where they contradict.

    Raises:
        UnknownProtocol: ``protocol`` is none.
    """
    fat_hu = measure_fat_hu(sitk.Cast(image, sitk.sitkFloat32) + hu_offset if hu_offset else image)
    measured, candidates = candidates_by_fat(fat_hu)
    if protocol is not None and protocol != "auto":
        before = detection if detection is not None else protocol_of_headers({}, origin="HU")
        answer = before if before.status == GIVEN_BY_USER else state_protocol(protocol, before)
    elif detection is not None and (detection.protocol or detection.candidates):
        answer = detection
    else:
        answer = decide_by_candidates(measured, candidates)
        if detection is not None:
            answer = replace(answer, evidence=(*answer.evidence, *detection.evidence))
        return answer, measured
    if answer.protocol is not None and contradicts_fat(fat_hu, answer.protocol):
        answer = replace(
            answer, evidence=(*answer.evidence, measured), conflicts=(*answer.conflicts, measured)
        )
    return answer, measured


def refuse_stated_map(detection: ProtocolDetection) -> None:
    """Refuse a map whose protocol was stated all the same.

    Raises:
        DerivedMap: The headers call it an iodine map, a virtual non-contrast image or the like.
    """
    if detection.maps:
        strongest = detection.maps[0]
        raise DerivedMap(
            f"The headers call it: {strongest.says} ({strongest.source} = '{strongest.value}'), whose values "
            "are not attenuation; give the CT it was made from, or force it if that is wrong.",
            evidence=tuple(one.to_dict() for one in detection.maps),
        )


def recognition_warnings(detection: ProtocolDetection, measured: Evidence, target: str) -> list[str]:
    """Plain sentences about what is not certain of a protocol."""
    warnings = [*_uncertainty(detection, target), *_conflicts(detection, measured)]
    if _is_single_energy(detection):
        warnings.append(
            f"Nothing says that this scan was made with two energies{_voltage(detection)}. What "
            f"iodine would measure at {target} cannot be computed from one energy; the model guesses it from "
            "what scans with two looked like. Use the result for segmentation; measure HU in the original."
        )
    return warnings


def _uncertainty(detection: ProtocolDetection, target: str) -> list[str]:
    known = f"; if it is {target} already, keep the original" if target in detection.candidates else ""
    if detection.status == OTHER:
        return [
            f"The image is {detection.candidates[0]}, which is none of the protocols that the model learned; "
            "the result is less certain."
        ]
    if detection.status == UNCERTAIN:
        return [
            f"Which protocol this is, is not certain ({' or '.join(detection.candidates)}); state it if you "
            f"know it{known}."
        ]
    if detection.status == GUESSED:
        return [f"That this is {detection.protocol} is a guess from its HU alone{known}."]
    if detection.protocol is None:
        return [f"Which protocol this is, is not known; state it if you know it; if it is {target}, keep it."]
    return []


def _conflicts(detection: ProtocolDetection, measured: Evidence) -> list[str]:
    said = "was stated" if detection.status == GIVEN_BY_USER else "is what the headers say"
    warnings = []
    for one in detection.conflicts:
        if one == measured and detection.protocol is not None:
            low, high = FAT_HU[detection.protocol]
            warnings.append(
                f"{detection.protocol} {said}, but it has {measured.value}, where {low} to {high} HU are "
                f"expected ({measured.says}); check the protocol."
            )
        elif detection.status in (GIVEN_BY_USER, DETECTED):
            warnings.append(f"{detection.name} {said}, but {one}.")
    return warnings


def _is_single_energy(detection: ProtocolDetection) -> bool:
    """Whether an ordinary reconstruction is not known to come from a scan with two energies."""
    possible = {detection.protocol} if detection.protocol else set(detection.candidates)
    dual = any(one.kind in _SPECTRAL_EVIDENCE for one in detection.evidence)
    return not dual and bool(possible & _FROM_ONE_ENERGY) and possible <= {*_FROM_ONE_ENERGY, "OPT"}


def _voltage(detection: ProtocolDetection) -> str:
    stated = [one.value for one in detection.evidence if one.source.startswith("KVP")]
    return f" ({stated[0]} kV is stated)" if stated else ""
