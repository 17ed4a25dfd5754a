"""Whether an image can be simulated from, and whether labels belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError

from ...protocol.detect import protocol_of_headers
from ...protocol.reading import read_headers
from .input_beam import Kv, kv_of_headers
from .organ_bases import ORGAN_CODES, SUBSTANCES

LIVER_CODES: dict[int, str] = {1: "liver", 2: "liver"}
"""A liver mask, or liver with tumours."""
_TOLERANCE_VOXELS = 0.1


class NotSingleEnergy(LiverCNNError):
    """The image is made of two energies already."""

    id = "not-single-energy"


class LabelsError(LiverCNNError):
    """Labels that do not belong to the CT, or name nothing."""

    id = "labels-do-not-fit"


def kv_of_single_energy(path: str, series: str | None) -> Kv:
    """What the headers of a CT say of its tube voltage, if anything.

    Raises NotSingleEnergy where they call it monoenergetic or optimum contrast; else as ``detect_protocol``
    does.
    """
    headers = read_headers(Path(path), series, _no_progress)
    found = protocol_of_headers(headers.values, name=headers.name, origin=headers.origin)
    if found.energy_kev is not None or found.protocol == "OPT":
        raise NotSingleEnergy(
            f"{path} is {found.name}, made of two energies already; give an ordinary CT of one energy.",
            energy_kev=found.energy_kev,
        )
    return kv_of_headers(headers.values)


def check_labels(image: sitk.Image, labels: sitk.Image, organs: Mapping[int, str]) -> None:
    """Raise LabelsError if labels lie on another lattice or hold none of the codes."""
    unknown = sorted(set(organs.values()) - set(SUBSTANCES))
    if unknown:
        raise ValueError(f"no organ {unknown[0]!r}; there are {', '.join(SUBSTANCES)}")
    if labels.GetSize() != image.GetSize():
        raise LabelsError(
            f"The labels have {_size(labels)} voxels and the CT has {_size(image)}; "
            "give labels drawn on this CT.",
            labels_size=labels.GetSize(),
            size=image.GetSize(),
        )
    for index in ((0, 0, 0), tuple(one - 1 for one in image.GetSize())):
        apart = np.subtract(
            labels.TransformIndexToPhysicalPoint(index), image.TransformIndexToPhysicalPoint(index)
        )
        if np.linalg.norm(apart) > _TOLERANCE_VOXELS * min(image.GetSpacing()):
            raise LabelsError(
                f"The labels lie {np.linalg.norm(apart):.3g} mm beside the CT; give labels drawn on this CT.",
                apart_mm=float(np.linalg.norm(apart)),
            )
    found = codes_in(labels)
    if not found & set(organs):
        raise LabelsError(
            f"The labels hold none of the codes {', '.join(map(str, organs))} but {_listed(found)}; "
            "see the help for what the codes mean.",
            found=sorted(found),
        )


def organs_of(labels: sitk.Image) -> Mapping[int, str]:
    """What codes most likely mean: nothing but 1 and 2 is a liver with tumours, else they are organ codes."""
    return LIVER_CODES if codes_in(labels) <= set(LIVER_CODES) else ORGAN_CODES


def codes_in(labels: sitk.Image) -> set[int]:
    """All values but 0."""
    # Plane by plane: `unique` copies what it is given.
    planes = sitk.GetArrayViewFromImage(labels)
    return {int(code) for plane in planes for code in np.unique(plane)} - {0}


def _size(image: sitk.Image) -> str:
    return " x ".join(map(str, image.GetSize()))


def _listed(codes: set[int]) -> str:
    shown = ", ".join(map(str, sorted(codes)[:10]))
    return shown or "nothing"


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
