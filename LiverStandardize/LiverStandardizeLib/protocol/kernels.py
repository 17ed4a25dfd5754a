"""Evidence from the convolution kernel.

Siemens writes the method into it: a second value is the strength of iteration (``Br40f\\3`` in the headers
of the public CT-RATE data set, ``J30s\\3`` in public code), and in the older names the first letter is I or
J for images that SAFIRE made (``I30f``) where B and H are filtered back projection (``B30f``, ``H30s``).
Lists of both, measured on one Catphan, are in public code for SOMATOM AS+ and Flash, which also has
``Q30s`` and ``Q33f`` among the iterative and ``D33f`` among the filtered ones. Some archives write value
and strength in one (``J30f4``, ``Hr38s3``). GE's, Philips' and Canon's kernels (``STANDARD``, ``B``,
``FC08``) name the filter alone: an image has the same with ASiR, iDose or AIDR.
"""

from __future__ import annotations

import re

from .attributes import Attributes, source_name
from .evidence import (
    EITHER_RECONSTRUCTION,
    FILTERED,
    ITERATIVE,
    KERNEL,
    LOOSE,
    NONE,
    VENDOR,
    Evidence,
)
from .forms import RECONSTRUCTION_FORMS

# Body, head, quantitative ...: Br40, Bl57d, Hr38s, Qr40, Ur77, Sa36; and the older B30f, I30f, D30f.
_NEW_NAME = re.compile(r"[BHQUSTNIJ][A-Z]\d{2}[A-Z]?(?P<strength>[1-5])?")
_OLD_NAME = re.compile(r"(?P<family>[A-Z])\d{2}[A-Z](?P<strength>[1-5])?|(?P<short>[BHIJ])\d{2}")
_ITERATIVE_FAMILIES = "IJ"
_PROBABLY_ITERATIVE_FAMILIES = "Q"
_FILTER_ONLY = re.compile(
    r"FC\d{2}[A-Z-]*"  # Canon
    r"|STANDARD|SOFT|DETAIL|BONE|BONEPLUS|CHEST|LUNG|EDGE|ULTRA|STND\+?"  # GE
    r"|[A-Z]{1,2}"  # Philips: A, B, C, D, YA, YB ...
)


def kernel_evidence(attributes: Attributes) -> list[Evidence]:
    """What each kernel says of filtered or iterative reconstruction; never anything of an energy."""
    source = source_name("ConvolutionKernel")
    return [
        Evidence(source, value, says, confidence, kind, strength=strength)
        for value in attributes.get("ConvolutionKernel", ())
        for says, confidence, kind, strength in [_read(value)]
    ]


def _read(value: str) -> tuple[str, float, str | None, int | None]:
    """Say what one kernel means: words, confidence, kind and strength."""
    for form in RECONSTRUCTION_FORMS:
        if form.pattern.search(value.replace("_", " ")):
            return f"the kernel names {form.says}", LOOSE, form.kind, None
    parts = [part for part in re.split(r"[\\\[\]'\",\s_/;]+", value.upper()) if part]
    if not parts:
        return "no kernel", NONE, None, None
    new, old = _NEW_NAME.fullmatch(parts[0]), _OLD_NAME.fullmatch(parts[0])
    match = new or old
    if match is None:
        if _FILTER_ONLY.fullmatch(parts[0].rstrip("#")):
            return "names the filter, not whether iteration was used", NONE, EITHER_RECONSTRUCTION, None
        return "not a kernel known here", NONE, None, None
    written = match.groupdict().get("strength") or (parts[1] if len(parts) > 1 else None)
    if written in ("1", "2", "3", "4", "5"):
        return f"iterative at strength {written}", VENDOR, ITERATIVE, int(written)
    if written not in (None, "0"):
        return f"a Siemens kernel with {written!r} for a strength, which is none", NONE, None, None
    family = "" if new is not None else match.group("family") or match.group("short")
    if family and family in _ITERATIVE_FAMILIES:
        return "iterative (SAFIRE), its strength not stated", VENDOR, ITERATIVE, None
    if family and family in _PROBABLY_ITERATIVE_FAMILIES:
        return "iterative, by a list of such kernels", LOOSE, ITERATIVE, None
    return "a kernel of filtered back projection: no strength of iteration", KERNEL, FILTERED, None
