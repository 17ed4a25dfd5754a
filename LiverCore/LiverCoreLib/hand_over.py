"""Handing an image over to the worker, in a file that soon goes."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from .output import OutputError
from .voxel_view import VoxelView


def write_plain(image: sitk.Image | VoxelView, path: Path) -> None:
    """Write without compression, which would take longer than the network on a graphics card.

    Raises:
        OutputError: ``write-failed``, as a rule because the disk is full.
    """
    try:
        if isinstance(image, VoxelView):
            image.write_nrrd(path)
        else:
            sitk.WriteImage(image, str(path), useCompression=False)
    except (RuntimeError, OSError) as error:
        raise OutputError(
            f"The image could not be handed over through {path.parent}; check the free space of that disk.",
            id="write-failed",
            path=str(path),
        ) from error
