"""The scanned phantom as files: an image or a DICOM series for each protocol, labels, a picture.

What a scanner would state of an image lies in the headers of DICOM, and in a JSON file beside other images,
with DICOM keywords as keys: `livercnn protocol` reads either.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Callable, Optional

from LiverCoreLib.image_writing import write_image
from LiverCoreLib.result_folder import finished_together

from .phantom_dicom import write_series
from .phantom_picture import draw_picture
from .phantom_scan import PhantomScan
from .phantom_tags import protocol_tags
from .protocols.six import Settings
from .wordings import STANDARD

DICOM = "dicom"
FORMATS = ("nii.gz", "nrrd", DICOM)
_FORMAT_BESIDE_DICOM = "nii.gz"

Progress = Optional[Callable[[float, str], None]]


def write_phantom(
    scan: PhantomScan,
    folder: str | os.PathLike[str],
    name: str,
    *,
    settings: Settings | None = None,
    file_format: str = FORMATS[0],
    wording: str = STANDARD,
    picture: bool = True,
    progress: Progress = None,
) -> list[Path]:
    """Write ``NAME_M40.nii.gz`` and ``NAME_M40.json`` and so on, ``NAME_labels.nii.gz`` and ``NAME.png``.

    ``NAME_details.nii.gz`` has the liver's vessels and lesions (tissues.DETAILS).
    For DICOM, ``NAME_M40`` is the folder of a series, and the labels are NIfTI. All of it or nothing; what
    has the same name is replaced, the folder is made.

    Args:
        scan: The phantom.
        folder: Where to.
        name: How files start.
        settings: As it was reconstructed.
        file_format: One of FORMATS.
        wording: One of WORDINGS: how headers name the reconstruction.
        picture: Draw all protocols side by side.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops and leaves nothing.

    Returns:
        The files, and the folders of series.

    Raises:
        OutputError: If they cannot be written.
        NoSuchReconstruction: The vendor of that wording does not have one of the protocols.
        ValueError: For an unknown format or wording.
    """
    if file_format not in FORMATS:
        raise ValueError(f"no format {file_format!r}; there are {', '.join(FORMATS)}")
    folder = Path(os.path.abspath(folder))
    settings = settings or Settings()
    report = progress or _no_progress
    names: list[str] = []
    with finished_together(folder) as work:

        def new(file_name: str) -> Path:
            names.append(file_name)
            return work / file_name

        for number, (protocol, image) in enumerate(scan.images.items()):
            start = number / (len(scan.images) + 1)
            report(start, f"Writing {protocol}")
            if file_format == DICOM:
                write_series(
                    scan,
                    protocol,
                    new(f"{name}_{protocol}"),
                    name,
                    settings=settings,
                    wording=wording,
                    progress=_part(report, start, 1 / (len(scan.images) + 1)),
                )
                continue
            tags = protocol_tags(protocol, settings, name, scan, wording)
            text = json.dumps(tags, indent=2, ensure_ascii=False) + "\n"
            new(f"{name}_{protocol}.json").write_text(text, encoding="utf-8")
            write_image(image, new(f"{name}_{protocol}.{file_format}"))
        report(len(scan.images) / (len(scan.images) + 1), "Writing labels")
        plain = _FORMAT_BESIDE_DICOM if file_format == DICOM else file_format
        write_image(scan.labels, new(f"{name}_labels.{plain}"))
        write_image(scan.details, new(f"{name}_details.{plain}"))
        if picture:
            draw_picture(scan, new(f"{name}.png"))
    report(1.0, "Done")
    return [folder / file_name for file_name in names]


def _part(report: Callable[[float, str], None], start: float, share: float) -> Callable[[float, str], None]:
    return lambda fraction, message: report(start + share * fraction, message)


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
