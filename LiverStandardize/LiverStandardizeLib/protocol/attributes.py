"""Which attributes are read, and how they may be written.

Headers reach us as DICOM keywords (``ConvolutionKernel``, also as dcm2niix writes them into a JSON file), as
tags (``0018|1210`` of ITK, ``(0018,1210)``, ``00181210`` of the DICOM JSON model, PS3.18 annex F), and in
NRRD headers with the prefix ``DICOM.`` of Slicer's node attributes. Tags and keywords: PS3.6, checked against
pydicom 3's dictionary; private ones against its private dictionary where it has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Attributes = dict[str, tuple[str, ...]]
"""Keyword -> the different values found under it, sorted."""

TAGS = {
    "ImageType": "0008,0008",
    "Modality": "0008,0060",
    "Manufacturer": "0008,0070",
    "SeriesDescription": "0008,103E",
    "DerivationDescription": "0008,2111",
    "KVP": "0018,0060",
    "ProtocolName": "0018,1030",
    "ConvolutionKernel": "0018,1210",
    "ReconstructionAlgorithm": "0018,9315",
    "MultienergyCTAcquisition": "0018,9361",
    "MonoenergeticEnergyEquivalent": "0018,937C",
    "ReconstructionDescription": "0018,9531",
    "ImageComments": "0020,4000",
    "RescaleType": "0028,1054",
    # Private attributes go by names of our own, since their tags depend on the block a file reserves.
    "GEIterativeReconAnnotation": "0053,xx40",
    "GEIterativeReconConfiguration": "0053,xx42",
    "GEIterativeReconLevel": "0053,xx43",
    "GEImageBrowserAnnotation": "0053,xx66",
    "GEMonochromaticEnergy": "0053,xx75",
    "PhilipsIDoseLevel": "01F7,xx9B",
    "CanonFilter": "7005,xx0B",
}

_LONGEST_VALUE = 1000
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4})\s*[|,]?\s*([0-9A-Fa-f]{4})\)?")
_KEYWORD_OF_TAG = {tag: keyword for keyword, tag in TAGS.items()}
_KEYWORD_OF_FOLDED = {keyword.casefold(): keyword for keyword in TAGS}


def source_name(keyword: str) -> str:
    """How to call an attribute in messages: ``ConvolutionKernel (0018,1210)``."""
    return f"{keyword} ({TAGS[keyword]})"


def read_attributes(headers: Mapping[Any, Any]) -> Attributes:
    """Pick the attributes that matter out of headers of any of the kinds above; the rest is ignored."""
    found: dict[str, set[str]] = {}
    for key, value in headers.items():
        keyword = _keyword(str(key))
        text = _text(value)
        if keyword is not None and text:
            found.setdefault(keyword, set()).add(text)
    return {keyword: tuple(sorted(values)) for keyword, values in found.items()}


def tokens(text: str) -> list[str]:
    """The values of a multi-valued attribute, in upper case; a printed list (``['A', 'B']``) is one, too."""
    return [token.upper() for token in re.findall(r"[^\\\[\]'\"]+", text) if token.strip(" ,")]


def _keyword(key: str) -> str | None:
    name = key.strip()
    if name[:6].casefold() == "dicom.":
        name = name[6:]
    match = _TAG.fullmatch(name)
    if match is not None:
        return _KEYWORD_OF_TAG.get(f"{match.group(1)},{match.group(2)}".upper())
    return _KEYWORD_OF_FOLDED.get(name.casefold())


def _text(value: Any) -> str:
    """A value as DICOM writes it: backslashes between several."""
    if isinstance(value, Mapping):  # the DICOM JSON model
        value = value.get("Value")
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        text = "\\".join(_text(one) for one in value)
    elif isinstance(value, float):
        text = f"{value:g}"
    else:
        text = str(value)
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST_VALUE])
    return " ".join(printable.split())
