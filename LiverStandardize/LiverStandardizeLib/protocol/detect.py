"""Detect the protocol of a scan, from headers first and from HU as a last resort."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

from .attributes import read_attributes
from .decide import contradicts, decide, decide_by_candidates
from .descriptions import text_evidence
from .detection import GIVEN_BY_USER, UNKNOWN, ProtocolDetection
from .evidence import GIVEN, Evidence
from .kernels import kernel_evidence
from .names import energy_of_protocol, parse_protocol
from .refusals import map_evidence, refuse_map, refuse_what_is_no_ct
from .standard_tags import tag_evidence

if TYPE_CHECKING:
    import SimpleITK as sitk

Progress = Optional[Callable[[float, str], None]]


def detect_protocol(
    path: str | os.PathLike[str],
    *,
    series: str | int | None = None,
    protocol: str = "auto",
    use_hu: bool = True,
    progress: Progress = None,
) -> ProtocolDetection:
    """Say which protocol a CT is.

    Args:
        path: A DICOM folder or file, or a .nii(.gz), .nrrd, .mha or .mhd file, with or without a JSON file
            beside it.
        series: Which DICOM series, as for ``read_volume``.
        protocol: ``auto``, or what the user knows it to be (``M60``, ``IR3``): that is the answer then, and
            evidence against it is listed in ``conflicts``.
        use_hu: Read the voxels where the headers say nothing.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops.

    Raises:
        UnsupportedImage: It cannot be read, or is a localizer or no CT.
        DerivedMap: It is an iodine, virtual non-contrast, effective atomic number, electron density, fat
            fraction or perfusion map, and no protocol was given.
        UnknownProtocol: ``protocol`` is none.
        BadSidecar: The JSON file beside the image is damaged.
    """
    from .reading import read_headers

    report = progress if progress is not None else _no_progress
    source = Path(path)
    if protocol != "auto":
        parse_protocol(protocol)
    headers = read_headers(source, series, report)
    answer = protocol_of_headers(headers.values, protocol=protocol, name=headers.name, origin=headers.origin)
    if answer.status == UNKNOWN and use_hu:
        answer = _by_hu(source, series, report, answer)
    report(1.0, "Done")
    return answer


def protocol_of_headers(
    headers: Mapping[Any, Any], *, protocol: str = "auto", name: str = "The scan", origin: str = "headers"
) -> ProtocolDetection:
    """Say which protocol headers describe; nothing is read from a disk.

    Args:
        headers: Values by DICOM keyword or tag in any of the ways of ``attributes.py``; others are ignored.
        protocol: As for ``detect_protocol``.
        name: How to call the scan in messages.
        origin: Where the headers come from, for the result.

    Raises:
        UnsupportedImage, DerivedMap, UnknownProtocol: As for ``detect_protocol``.
    """
    attributes = read_attributes(headers)
    refuse_what_is_no_ct(attributes, name)
    maps = map_evidence(attributes)
    if protocol == "auto":
        refuse_map(maps, name)
    evidence = [*tag_evidence(attributes), *text_evidence(attributes), *kernel_evidence(attributes)]
    answer = decide([*maps, *evidence], origin)
    return answer if protocol == "auto" else state_protocol(protocol, answer, maps)


def protocol_of_voxels(image: sitk.Image, headers: ProtocolDetection) -> ProtocolDetection:
    """The answer of the voxels (HU) where headers say nothing of use; what they did say stays beside it."""
    from .intensities import candidates_by_hu

    measured, candidates = candidates_by_hu(image)
    answer = decide_by_candidates(measured, candidates)
    return replace(answer, evidence=(*answer.evidence, *headers.evidence))


def state_protocol(
    protocol: str, detected: ProtocolDetection, maps: Sequence[Evidence] = ()
) -> ProtocolDetection:
    """What the user says, and what speaks against it. Raises UnknownProtocol."""
    name, strength = parse_protocol(protocol)
    if strength is None and detected.protocol == name:
        strength = detected.strength
    stated = Evidence("given", protocol, "stated by the user", GIVEN)
    against = [one for one in detected.evidence if contradicts(one, name, strength)]
    return replace(
        detected,
        protocol=name,
        status=GIVEN_BY_USER,
        energy_kev=energy_of_protocol(name),
        strength=strength,
        confidence=GIVEN,
        candidates=(name,),
        evidence=(stated, *detected.evidence),
        conflicts=(*maps, *against),
    )


def _by_hu(
    source: Path, series: str | int | None, progress: Callable[[float, str], None], headers: ProtocolDetection
) -> ProtocolDetection:
    """The answer of the voxels, with what the headers said beside it."""
    from LiverCoreLib.images import read_volume

    return protocol_of_voxels(read_volume(source, series=series, progress=progress).image, headers)


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
