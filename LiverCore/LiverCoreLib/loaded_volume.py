"""A scan in memory with what is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

# Real voxels may lie below -1024 HU by noise; fillers of scanners are -1500 (rare), -2000, -2048, -3024.
_HIGHEST_FILLER_HU = -1500


@dataclass(frozen=True)
class LoadedVolume:
    """A scan as it was read.

    Attributes:
        image: The voxels in their stored type, on their stored grid (LPS, mm).
        path: The file or folder that was given.
        format: ``NIfTI``, ``NRRD``, ``MetaImage`` or ``DICOM``.
        sha256: SHA-256 (hex) of the file; of several files (DICOM slices by position, .mhd then .raw),
            joined.
        modality: DICOM modality (``CT``, ``MR``), or None where the format does not say.
        series_description: DICOM series description, or None.
        warnings: Plain sentences about what the reader had to assume or noticed.
        tags: DICOM attributes by keyword that name the protocol (``ConvolutionKernel``, ``KVP``, ...);
            none that name the patient.
    """

    image: sitk.Image
    path: Path
    format: str
    sha256: str
    modality: str | None = None
    series_description: str | None = None
    warnings: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Which scan it was, as plain data for a report. size: voxels x, y, z."""
        return {
            "path": str(self.path),
            "format": self.format,
            "sha256": self.sha256,
            "size": list(self.image.GetSize()),
            "spacing_mm": list(self.image.GetSpacing()),
            "series_description": self.series_description,
        }


def intensity_warnings(image: sitk.Image, name: str) -> list[str]:
    """Warn of values below the CT scale: padding outside the field of view."""
    if image.GetPixelID() in (sitk.sitkUInt8, sitk.sitkUInt16, sitk.sitkUInt32, sitk.sitkUInt64):
        return []
    lowest = float(sitk.GetArrayViewFromImage(image).min())
    if lowest <= _HIGHEST_FILLER_HU:
        return [f"{name} is padded with {lowest:g} outside the field of view; such voxels count as air."]
    return []


def lossless_int16(image: sitk.Image) -> sitk.Image:
    """Store a 32-bit integer image in 16 bits where every value fits, to halve its memory."""
    values = sitk.GetArrayViewFromImage(image)
    limits = np.iinfo(np.int16)
    if values.min() < limits.min or values.max() > limits.max:
        return image
    return sitk.Cast(image, sitk.sitkInt16)
