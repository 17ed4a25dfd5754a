"""How vendors word their reconstructions in free text: a table of patterns, each with where it was seen.

``UNVERIFIED`` marks wordings that are known from product names or papers and were not found in a public
header or in code that reads such headers; they count less. Underscores are read as spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .evidence import DEEP_LEARNING, FILTERED, ITERATIVE, MONOENERGETIC, OPTIMUM_CONTRAST, POLYCHROMATIC

UNVERIFIED = "unverified"

# Public code whose authors read real series by these names.
_MISAG = "github.com/MISAG-BUT/Spinal-Multiple-Myeloma-SEG: series of a public Philips spectral data set"
_STANFORD = "public code that sorts a hospital's Siemens series ('DE_Head  1.5  Qr32  3  A_80kV')"
_SOMATOM = "public code that reads '... Q30s  2 Monoenergetic Plus 60 keV' and '... RhoZ Rho' of a SOMATOM"
_SYNGO = "public notes on series named 'mono 70 keV' by syngo.via"
_CATPHAN = "public code that compares reconstructions of a Catphan: 'FBP', 'ORG', 'ASIR_50', 'AIDR 3D STD'"
_CACS = "github.com/Berni1557/CACSFilter: 'aidr', 'id', 'asir', 'imr' and 'org', 'fbp' in series descriptions"
_DISCHARGE = "series of the DISCHARGE trial in public code: '... CTA/HALF DISCHARGE 720ms AIDR 3D STD CTA'"
_OURS = "our own outputs, named '<name> (M80)'"


@dataclass(frozen=True)
class Form:
    """A wording: what it stands for, whose it is, and where it was seen."""

    kind: str
    pattern: re.Pattern[str]
    vendor: str
    source: str
    says: str

    @property
    def verified(self) -> bool:
        """Whether the wording was seen in public data."""
        return self.source != UNVERIFIED


def _form(kind: str, pattern: str, vendor: str, source: str, says: str) -> Form:
    return Form(kind, re.compile(pattern, re.IGNORECASE), vendor, source, says)


MONOENERGETIC_FORMS = (
    _form(MONOENERGETIC, r"mono\W?energetic", "Siemens", _SOMATOM, "a monoenergetic image"),
    _form(MONOENERGETIC, r"\bmono ?e(?=[\W\d]|$)", "Philips", _MISAG, "a monoenergetic image (MonoE)"),
    _form(MONOENERGETIC, r"\bmono(?=\s*\d)", "Siemens", _SYNGO, "a monoenergetic image (Mono)"),
    _form(MONOENERGETIC, r"\bmono(?: ?\+| plus\b)", "Siemens", UNVERIFIED, "a monoenergetic image (Mono+)"),
    _form(MONOENERGETIC, r"\bVMI(?=[\W\d]|$)", "any", UNVERIFIED, "a virtual monoenergetic image (VMI)"),
    _form(MONOENERGETIC, r"\bmono\W?chromatic\b", "GE, Canon", UNVERIFIED, "a monochromatic image"),
    _form(MONOENERGETIC, r"\bGSI mono\b", "GE", UNVERIFIED, "a monochromatic image of spectral CT (GSI)"),
)

BLEND_FORMS = (
    _form(OPTIMUM_CONTRAST, r"\bopt(?:imum|imal)[ -]?contrast\b", "Siemens", _STANFORD, "optimum contrast"),
    _form(POLYCHROMATIC, r"(?<![\w.])F 0\.\d", "Siemens", _STANFORD, "a linear blend of both tubes"),
    _form(POLYCHROMATIC, r"(?<![\w.])M 0\.\d", "Siemens", UNVERIFIED, "a linear blend of both tubes"),
    _form(POLYCHROMATIC, r"\bA \d{2,3} ?kV\b", "Siemens", _STANFORD, "the low-voltage tube alone"),
    _form(POLYCHROMATIC, r"\bB Sn ?\d{2,3} ?kV\b", "Siemens", _STANFORD, "the high-voltage tube alone"),
    _form(POLYCHROMATIC, r"\b(?:linear|mixed) (?:blend|image)", "any", UNVERIFIED, "a linear blend"),
)

# A strength is read from a group of that name: Siemens' own 1-5, the scale of our IR.
RECONSTRUCTION_FORMS = (
    _form(ITERATIVE, r"\b(?:SAFIRE|ADMIRE)\b(?:\W{0,2}(?:S|strength)?\W{0,2}(?P<strength>[1-5])\b)?",
          "Siemens", UNVERIFIED, "SAFIRE or ADMIRE"),
    _form(ITERATIVE, r"\bQIR\b(?:\W{0,2}(?P<strength>[1-4])\b)?", "Siemens", UNVERIFIED, "QIR"),
    _form(ITERATIVE, r"\bIRIS\b", "Siemens", UNVERIFIED, "IRIS"),
    _form(ITERATIVE, r"\bASIR(?:\W?V)?(?=[\W\d]|$)", "GE", _CATPHAN, "ASiR, with a scale of its own"),
    _form(ITERATIVE, r"\bveo\b", "GE", UNVERIFIED, "Veo"),
    _form(ITERATIVE, r"\biDose ?4?(?=[\W\d]|$)", "Philips", _CACS, "iDose, with a scale of its own"),
    _form(ITERATIVE, r"\bIMR(?=[\W\d]|$)", "Philips", _CACS, "IMR, with a scale of its own"),
    _form(ITERATIVE, r"\bAIDR(?=[\W\d]|$)", "Canon", _DISCHARGE, "AIDR, with a scale of its own"),
    _form(ITERATIVE, r"\bFIRST (?:body|cardiac|lung)\b", "Canon", UNVERIFIED, "FIRST"),
    _form(ITERATIVE, r"\biterative\b", "any", UNVERIFIED, "iterative reconstruction"),
    _form(ITERATIVE, r"\(IR\)$", "ours", _OURS, "named so by this software"),
    _form(FILTERED, r"\bW?FBP\b", "any", _CATPHAN, "filtered back projection"),
    _form(FILTERED, r"\bORG\b", "Canon", _CATPHAN, "ORG: without AIDR"),
    _form(DEEP_LEARNING, r"\bTF (?:low|medium|high)\b", "GE", _CATPHAN, "TrueFidelity"),
    _form(DEEP_LEARNING, r"\b(?:TrueFidelity|DLIR)\b", "GE", UNVERIFIED, "TrueFidelity"),
    _form(DEEP_LEARNING, r"\bAiCE\b", "Canon", UNVERIFIED, "AiCE"),
    _form(DEEP_LEARNING, r"\bPrecise Image\b", "Philips", UNVERIFIED, "Precise Image"),
)  # fmt: skip

_VNC, _ZEFF = "virtual non-contrast image", "effective atomic number map"
_PERFUSION = "public code that sorts series: 'perfusion parameter maps'"

# Never one of ours, whatever else the text says.
MAP_FORMS = (
    ("iodine map", r"\biodine (?:density|no water|map|overlay|concentration|removed)", _MISAG),
    ("iodine map", r"\biodine ?\( ?water ?\)|\bMD ?\(? ?iodine", "public code: GE's '2.5mm IODINE(WATER)'"),
    ("material density map", r"\bwater ?\( ?iodine ?\)|\bmaterial density\b", UNVERIFIED),
    ("iodine map", r"\biodine(?! ?(?:contrast|CM|KM|\d|mg|ml|i\.?v))(?=\W*(?:\[|$))", UNVERIFIED),
    (_VNC, r"\bvirtual (?:non|un)\W?(?:contrast|enhanced)|\b(?:VNC|VUE)\b", UNVERIFIED),
    (_ZEFF, r"\bZ\W?eff(?:ective)?\b|\beffective (?:atomic|Z)\b|\beff\W?Z\b", UNVERIFIED),
    ("electron density map", r"\belectron density\b|\bRhoZ\b|\bRho ?/ ?Z\b|%\s?EDW", _SOMATOM),
    ("calcium suppressed image", r"\bcalcium suppression\b|\bCaSupp", _MISAG),
    ("uric acid map", r"\buric acid\b", UNVERIFIED),
    ("fat fraction map", r"\bfat (?:fraction|map|percentage)\b", UNVERIFIED),
    ("perfusion map", r"\bperfusion (?:parameter )?maps?\b|\bblood (?:flow|volume)\b", _PERFUSION),
    ("perfusion map", r"\b(?:CBF|CBV|MTT|TTP|PBV)\b", UNVERIFIED),
    ("spectral base image", r"\bspectral base image", UNVERIFIED),
)
_MAPS = tuple((name, re.compile(pattern, re.IGNORECASE), source) for name, pattern, source in MAP_FORMS)

OUR_NAME = re.compile(r"\((?P<protocol>FBP|OPT|M40|M60|M80)\)$")


def plain(text: str) -> str:
    """Free text as the patterns expect it: underscores as blanks, single blanks."""
    return " ".join(text.replace("_", " ").split())


def map_in_text(text: str) -> str | None:
    """The name of the map that a series description announces, or None."""
    return next((name for name, pattern, _ in _MAPS if pattern.search(plain(text))), None)
