"""How a reconstruction is named in headers: by the attributes of the DICOM standard, or as a vendor does it.

The forms are those that ``protocol/forms.py``, ``protocol/kernels.py`` and ``protocol/standard_tags.py`` know
and give sources for; with them the detection is tested on real files. Names are not all of it: the images are
those of our own simulation whatever they are called, and the manufacturer is never a vendor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from LiverCoreLib.errors import LiverCNNError

from ..protocol.names import PROTOCOLS

MANUFACTURER = "SlicerLiverCNN, simulated"
"""Of all our images; the simulation knows them again by it."""
STANDARD = "standard"
WORDINGS = (STANDARD, "siemens", "ge", "philips", "canon")

_ORDINARY = ["DERIVED", "PRIMARY", "AXIAL"]
_KERNEL = "Br40"
"""A soft abdominal kernel as vendors name it: the one simulated falls to one half at 3.8 lp/cm."""

_LACKS = {"ge": ("OPT",), "philips": ("OPT",), "canon": ("OPT",)}
_PERCENT_PER_STRENGTH = 20
"""GE's scale for a strength of ours, for the name alone: scales of vendors do not convert."""


class NoSuchReconstruction(LiverCNNError):
    """A vendor whose wording was asked for does not have one of the protocols."""

    id = "no-such-reconstruction"


def wanted_protocols(names: Sequence[str] | None, wording: str) -> list[str]:
    """Protocols in the order of PROTOCOLS: those that were named, or all that this vendor has.

    Raises:
        NoSuchReconstruction: One was named that it does not have: optimum contrast is Siemens' alone.
    """
    lacks = _LACKS.get(wording, ())
    for name in names or ():
        if name in lacks:
            raise NoSuchReconstruction(
                f"No scanner of {wording} makes {name} images; leave {name} out or choose another wording."
            )
    return [name for name in PROTOCOLS if (name in names if names else name not in lacks)]


def reconstruction_tags(
    protocol: str, wording: str, ir_strength: int, energy_kev: float | None
) -> dict[str, Any]:
    """Values by DICOM keyword, or by our own name for a private attribute (``protocol/attributes.py``).

    Args:
        protocol: One of PROTOCOLS.
        wording: One of WORDINGS.
        ir_strength: 1-5, for IR.
        energy_kev: Of a monoenergetic image, None for others.

    Raises:
        NoSuchReconstruction: This vendor does not have it.
        ValueError: For an unknown wording.
    """
    if wording not in WORDINGS:
        raise ValueError(f"no wording {wording!r}; there are {', '.join(WORDINGS)}")
    wanted_protocols([protocol], wording)
    if energy_kev is not None:
        return _monoenergetic(wording, f"{energy_kev:.0f}", energy_kev)
    ordinary = {"standard": _standard, "siemens": _siemens, "ge": _ge, "philips": _philips, "canon": _canon}
    return {"ImageType": _ORDINARY, **ordinary[wording](protocol, ir_strength)}


def _monoenergetic(wording: str, kev: str, energy_kev: float) -> dict[str, Any]:
    if wording == STANDARD:
        return {
            "ImageType": [*_ORDINARY, "VMI"],
            "SeriesDescription": f"Phantom Monoenergetic {kev} keV",
            "ConvolutionKernel": _KERNEL,
            "MultienergyCTAcquisition": "YES",
            "MonoenergeticEnergyEquivalent": energy_kev,
        }
    only = {
        "siemens": {
            "SeriesDescription": f"Phantom DE_Abdomen  Qr40  Monoenergetic Plus {kev} keV",
            "ConvolutionKernel": "Qr40",
            "KVP": 150.0,
        },
        "ge": {
            "SeriesDescription": f"Phantom MONO {kev} keV",
            "ConvolutionKernel": "STANDARD",
            "KVP": 140.0,
            "GEMonochromaticEnergy": kev,
        },
        "philips": {
            "SeriesDescription": f"Phantom MonoE {kev}keV[HU]",
            "ConvolutionKernel": "B",
            "KVP": 120.0,
        },
        "canon": {
            "SeriesDescription": f"Phantom Monochromatic {kev}keV",
            "ConvolutionKernel": "FC08",
            "KVP": 135.0,
        },
    }
    return {"ImageType": _ORDINARY, **only[wording]}


def _standard(protocol: str, ir_strength: int) -> dict[str, Any]:
    if protocol == "OPT":
        return {"SeriesDescription": "Phantom Optimum Contrast", "ConvolutionKernel": _KERNEL}
    if protocol == "IR":
        return {
            "SeriesDescription": f"Phantom IR strength {ir_strength}",
            "ConvolutionKernel": [_KERNEL, str(ir_strength)],
            "ReconstructionAlgorithm": "ITERATIVE",
        }
    return {
        "SeriesDescription": "Phantom FBP",
        "ConvolutionKernel": _KERNEL,
        "ReconstructionAlgorithm": "FILTER_BACK_PROJ",
    }


def _siemens(protocol: str, ir_strength: int) -> dict[str, Any]:
    if protocol == "OPT":
        return {
            "SeriesDescription": "Phantom DE_Abd Optimum Contrast",
            "ConvolutionKernel": _KERNEL,
            "KVP": 150.0,
        }
    kernel = [f"{_KERNEL}d", str(ir_strength)] if protocol == "IR" else _KERNEL
    shown = f"{_KERNEL}  {ir_strength}" if protocol == "IR" else _KERNEL
    return {
        "SeriesDescription": f"Phantom DE_Abdomen  {shown}  F_0.6",
        "ConvolutionKernel": kernel,
        "KVP": 150.0,
    }


def _ge(protocol: str, ir_strength: int) -> dict[str, Any]:
    method = f"ASIR_{_PERCENT_PER_STRENGTH * ir_strength}" if protocol == "IR" else "FBP"
    return {
        "SeriesDescription": f"Phantom STND {method}",
        "ConvolutionKernel": "STANDARD",
        "KVP": 140.0,
    }


def _philips(protocol: str, ir_strength: int) -> dict[str, Any]:
    """Filtered images of Philips say nothing of their method: it cannot be told from iDose by headers."""
    if protocol == "IR":
        return {
            "SeriesDescription": f"Phantom Abdomen, iDose ({ir_strength})",
            "ConvolutionKernel": "B",
            "KVP": 120.0,
            "PhilipsIDoseLevel": str(ir_strength),
        }
    return {"SeriesDescription": "Phantom Abdomen", "ConvolutionKernel": "B", "KVP": 120.0}


def _canon(protocol: str, ir_strength: int) -> dict[str, Any]:
    """AIDR 3D comes as mild, standard and strong."""
    if protocol == "IR":
        level = ("MILD", "MILD", "STD", "STR", "STR")[ir_strength - 1]
        method = f"AIDR 3D {level}"
    else:
        method = "ORG"
    return {
        "SeriesDescription": f"Phantom {method}",
        "ConvolutionKernel": "FC08",
        "KVP": 135.0,
        "CanonFilter": method,
    }
