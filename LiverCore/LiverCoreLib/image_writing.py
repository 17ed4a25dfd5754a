"""Writing an image so that it is either whole and in place, or not there at all."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

import SimpleITK as sitk

from .file_layout import metaimage_layout, nifti_layout, nrrd_layout
from .image_checks import UnsupportedImage
from .integrity import check_whole
from .nifti import read_nifti_header
from .output import OutputError, atomic_path, check_output, file_suffix
from .quiet import quiet_itk

logger = logging.getLogger(__name__)

IMAGE_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".seg.nrrd", ".mha")
_COMPRESSION_LEVEL = 2  # of 9: a mask of 78 million voxels in 0.05 s; higher levels save little and take long


def check_image_output(path: str | os.PathLike[str]) -> None:
    """Raise OutputError early if an image cannot be written to ``path``; see ``output.check_output``."""
    if file_suffix(path) == ".mhd":
        raise OutputError(
            f"{os.fspath(path)} would be two files, which cannot be replaced in one step; use .mha instead.",
            id="unsupported-output-format",
            path=os.fspath(path),
        )
    check_output(path, IMAGE_SUFFIXES)


def write_image(
    image: sitk.Image, path: str | os.PathLike[str], *, metadata: Mapping[str, str] | None = None
) -> None:
    """Write a 3-D image, compressed unless the extension is .nii; then see that it is whole.

    Metadata already on the image is not written: it may come from DICOM and name the patient.

    Args:
        image: The image; left as it is.
        path: .nii.gz, .nii, .nrrd, .seg.nrrd or .mha. NIfTI keeps positions in single precision.
        metadata: Texts for the header. NRRD and MetaImage keep them; NIfTI has no place for them.

    Raises:
        OutputError: As ``output.atomic_path``, and ``unsupported-output-format`` or ``write-failed``.
        ValueError: If a metadata text is not one line.
    """
    check_image_output(path)
    writer = sitk.ImageFileWriter()
    writer.SetUseCompression(file_suffix(path) != ".nii")
    writer.SetCompressionLevel(_COMPRESSION_LEVEL)
    with atomic_path(path) as temporary:
        writer.SetFileName(str(temporary))
        try:
            with quiet_itk():
                writer.Execute(_with_metadata(image, metadata or {}))
            _check_written(temporary, image)
        except (RuntimeError, UnsupportedImage) as error:
            # ITK says "could not write" for every reason: where no byte can be added, the disk is full.
            _raise_if_no_space(temporary)
            logger.debug("Writing %s failed: %s", path, error)
            raise OutputError(
                f"{os.fspath(path)} could not be written whole; check the disk and its free space.",
                id="write-failed",
                path=os.fspath(path),
            ) from error


def _with_metadata(image: sitk.Image, metadata: Mapping[str, str]) -> sitk.Image:
    """Return the image with exactly this metadata; a copy, unless there is none on either side."""
    keys = image.GetMetaDataKeys()
    if not keys and not metadata:
        return image
    result = sitk.Image(image)
    result.MakeUnique()  # EraseMetaData alone would reach the caller's image, which shares its header
    for key in keys:
        result.EraseMetaData(key)
    for key, value in metadata.items():
        if any(ord(character) < 32 for character in key + value):
            raise ValueError(f"A header field is one line of text, found {key!r}: {value!r}.")
        result.SetMetaData(key, value)
    return result


def _check_written(path: Path, image: sitk.Image) -> None:
    """Look at the file: its length must be right, and its checksum that of the voxels."""
    suffix = file_suffix(path)
    if suffix in (".nii", ".nii.gz"):
        files = nifti_layout(path, read_nifti_header(path))
    else:
        files = metaimage_layout(path) if suffix == ".mha" else nrrd_layout(path)
    check_whole(files, sitk.GetArrayViewFromImage(image))


def _raise_if_no_space(path: Path) -> None:
    with open(path, "ab") as stream:
        stream.write(b"\0" * 65536)
        stream.flush()
        os.fsync(stream.fileno())
