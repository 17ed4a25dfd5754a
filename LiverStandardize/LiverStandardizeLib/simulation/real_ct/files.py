"""Simulated images as files, each with what a scanner would state of it in a JSON file beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from LiverCoreLib.image_writing import write_image

from ..protocols.six import Settings
from ..wordings import MANUFACTURER, STANDARD, reconstruction_tags
from .simulate import SimulatedCT

FORMATS = ("nii.gz", "nrrd")


def write_images(
    scan: SimulatedCT, folder: Path, name: str, settings: Settings, file_format: str, source: dict[str, Any]
) -> list[str]:
    """Write ``NAME_M40.nii.gz`` and ``NAME_M40.json`` and so on into a folder that exists.

    source: what of the CT goes into the JSON. Returns the file names. Raises OutputError.
    """
    written = []
    ending = "" if scan.stress is None or scan.stress.kind == "kev" else f"_{scan.stress.name}"
    for protocol, image in scan.images.items():
        stem = f"{name}_{protocol}{ending}"
        tags = simulated_tags(scan, protocol, settings, source)
        text = json.dumps(tags, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{stem}.json").write_text(text, encoding="utf-8")
        write_image(image, folder / f"{stem}.{file_format}")
        written += [f"{stem}.json", f"{stem}.{file_format}"]
    return written


def simulated_tags(
    scan: SimulatedCT, protocol: str, settings: Settings, source: dict[str, Any]
) -> dict[str, Any]:
    """By DICOM keyword, in the standard's words, and what only we know."""
    energy = float(protocol[1:]) if protocol.startswith("M") else None
    tags = reconstruction_tags(protocol, STANDARD, settings.ir_strength, energy)
    # The same words as a phantom's, so that detection is tested on both.
    tags["SeriesDescription"] = tags["SeriesDescription"].replace("Phantom", "Simulated", 1)
    return {
        "Modality": "CT",
        "Manufacturer": MANUFACTURER,
        **tags,
        "SliceThickness": scan.slice_mm,
        "ImageComments": "Simulated from a single-energy CT; not for diagnosis",
        "SlicerLiverCNN": {"protocol": protocol, "simulated_from": source, **scan.to_dict()},
    }
