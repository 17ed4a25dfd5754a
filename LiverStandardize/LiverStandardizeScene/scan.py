"""What tells the protocol of a volume node, taken out of the scene for a thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
import slicer

from LiverCoreLib.images import IMAGE_FORMATS
from LiverCoreLib.output import file_suffix
from LiverCoreLib.voxel_view import VoxelView
from LiverCoreScene import volumes
from LiverCoreScene.standardized import standardization_of
from LiverCoreScene.voxel_views import voxel_view

_INSTANCES = "DICOM.instanceUIDs"
_OF_HEADERS = "DICOM."
_MOST_SLICES, _MOST_PIXELS = 64, 128


@dataclass(frozen=True)
class Scan:
    """A volume to look at.

    attributes: of the node, such as ``DICOM.ConvolutionKernel``. dicom_file: of the series in Slicer's DICOM
    database, or None. file: from which the volume was loaded, or None. report: of the standardization that
    made it, or None. voxels: seen, not copied.
    """

    name: str
    attributes: dict[str, str]
    dicom_file: Path | None
    file: Path | None
    report: dict[str, Any] | None
    voxels: VoxelView

    def some_slices(self) -> sitk.Image:
        """Up to 64 slices, whole."""
        step = -(-self.voxels.values.shape[0] // _MOST_SLICES)
        return self._image(self.voxels.values[::step], (1, 1, step))

    def all_slices(self) -> sitk.Image:
        """All slices, in each up to 128 x 128 pixels or so."""
        _depth, height, width = self.voxels.values.shape
        step_y, step_x = height // _MOST_PIXELS or 1, width // _MOST_PIXELS or 1
        return self._image(self.voxels.values[:, ::step_y, ::step_x], (step_x, step_y, 1))

    def _image(self, values: np.ndarray, steps: tuple[int, int, int]) -> sitk.Image:
        """Part of the voxels; steps: every how many-th along x, y, z."""
        image = sitk.GetImageFromArray(np.ascontiguousarray(values))
        axes_mm = np.array(self.voxels.axes_mm) * np.array(steps)[:, None]  # a row an axis
        spacing_mm = np.linalg.norm(axes_mm, axis=1)
        image.SetSpacing(spacing_mm.tolist())
        image.SetDirection((axes_mm / spacing_mm[:, None]).T.ravel().tolist())
        image.SetOrigin(self.voxels.origin_mm)
        return image


def scan_of(volume: Any) -> Scan:
    """What there is of a volume node that has voxels; quick."""
    names = [name for name in volume.GetAttributeNames() if name.startswith(_OF_HEADERS)]
    return Scan(
        volume.GetName(),
        {name: volume.GetAttribute(name) for name in names if name != _INSTANCES},
        _file_in_database(volume.GetAttribute(_INSTANCES) or ""),
        _file_of(volume),
        standardization_of(volume),
        voxel_view(volume),
    )


def key_of(volume: Any) -> tuple:
    """What tells whether a volume is still the one that was looked at."""
    return (volume.GetID(), volumes.voxels_state(volume))


def _file_in_database(instance_uids: str) -> Path | None:
    """A file of the series a volume was loaded from, if Slicer's database still has it."""
    database = getattr(slicer, "dicomDatabase", None)  # a Slicer without DICOM has none
    uids = instance_uids.split()
    if database is None or not database.isOpen or not uids:
        return None
    return _existing(database.fileForInstance(uids[0]))


def _file_of(volume: Any) -> Path | None:
    storage = volume.GetStorageNode()
    path = None if storage is None else _existing(storage.GetFileName())
    return path if path is not None and file_suffix(path) in IMAGE_FORMATS else None


def _existing(name: str | None) -> Path | None:
    path = Path(name) if name else None
    return path if path is not None and path.is_file() else None
