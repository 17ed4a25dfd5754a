"""Comparing mask files in the background worker: tests against a reference, and maps of one test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

import numpy as np
import SimpleITK as sitk

from .agreement import AgreementMaps, SurfaceMap, agreement_maps
from .engine import compare

LABELMAP_FILE, SURFACE_FILE = "agreement.nrrd", "surface.npz"

Progress = Callable[[float, str], None]


def compare_masks(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Entry point of the background worker: compare every test with the reference.

    Args:
        arguments: ``reference`` and ``tests``, a path and a list of paths of masks, and ``options``, the
            keyword arguments of ``compare``.
        temporary_folder: Not needed here.
        progress: Told before each test.

    Returns:
        ``comparisons``: ``Comparison.to_dict()`` of each test, in their order.
    """
    del temporary_folder
    reference = sitk.ReadImage(arguments["reference"])
    paths, found = arguments["tests"], []
    for number, path in enumerate(paths):
        progress(number / len(paths), "comparing the segments")
        found.append(compare(reference, sitk.ReadImage(path), **arguments["options"]).to_dict())
    return {"comparisons": found}


def map_agreement(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Entry point of the background worker: map where a test and the reference differ.

    Args:
        arguments: ``reference`` and ``test``, paths of masks, ``options``, the keyword arguments of
            ``agreement_maps``, and ``folder``, where the maps are written for ``read_maps``.
        temporary_folder: Not needed here: it is gone when the program reads the maps.
        progress: Told at the start.

    Returns:
        ``warnings`` of the maps.
    """
    del temporary_folder
    progress(0.0, "measuring where the segments differ")
    maps = agreement_maps(
        sitk.ReadImage(arguments["reference"]), sitk.ReadImage(arguments["test"]), **arguments["options"]
    )
    folder = Path(arguments["folder"])
    sitk.WriteImage(maps.labelmap, str(folder / LABELMAP_FILE), useCompression=False)
    for name, surface in (("test", maps.on_test), ("reference", maps.on_reference)):
        np.savez(
            folder / f"{name}-{SURFACE_FILE}",
            points_lps=surface.points_lps,
            signed_distance_mm=surface.signed_distance_mm,
            triangles=surface.triangles,
        )
    return {"warnings": list(maps.warnings)}


def read_maps(folder: Path, warnings: tuple[str, ...] = ()) -> AgreementMaps:
    """The maps that ``map_agreement`` wrote."""
    labelmap = sitk.ReadImage(str(folder / LABELMAP_FILE))
    on_test, on_reference = _read_surface(folder, "test"), _read_surface(folder, "reference")
    return AgreementMaps(labelmap, on_test, on_reference, warnings)


def _read_surface(folder: Path, name: str) -> SurfaceMap:
    with np.load(folder / f"{name}-{SURFACE_FILE}") as arrays:
        return SurfaceMap(**arrays)
