"""The scanned phantom as files: an image with its tags for each protocol, labels, a picture.

Tags lie in a JSON file beside the image, with DICOM keywords as keys: `livercnn protocol` reads them there.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from LiverCoreLib.image_writing import write_image
from LiverCoreLib.output import OutputError, atomic_path, check_output

from .phantom_picture import draw_picture
from .phantom_scan import PhantomScan
from .protocols.six import ENERGIES_KEV, Settings

FORMATS = (".nii.gz", ".nrrd")
KERNEL = "Br40"
"""A soft abdominal kernel as vendors name it: the one simulated falls to one half at 3.8 lp/cm."""


def write_phantom(
    scan: PhantomScan,
    folder: str | os.PathLike[str],
    name: str,
    *,
    settings: Settings | None = None,
    suffix: str = FORMATS[0],
    picture: bool = True,
) -> list[Path]:
    """Write ``NAME_M40.nii.gz`` and ``NAME_M40.json`` and so on, ``NAME_labels.nii.gz`` and ``NAME.png``.

    All of them or none; files of the same names are replaced, the folder is made. Returns the paths.

    Raises:
        OutputError: If they cannot be written.
        ValueError: If `suffix` is none of FORMATS.
    """
    if suffix not in FORMATS:
        raise ValueError(f"no format {suffix!r}; there are {', '.join(FORMATS)}")
    folder = Path(os.path.abspath(folder))
    settings = settings or Settings()
    written: list[Path] = []
    new_folders = _make_folder(folder)
    try:
        with contextlib.ExitStack() as together:  # temporary names until the last one is written

            def new(file_name: str) -> Path:
                written.append(folder / file_name)
                return together.enter_context(atomic_path(written[-1]))

            for protocol, image in scan.images.items():
                tags = protocol_tags(protocol, settings, name, scan)
                text = json.dumps(tags, indent=2, ensure_ascii=False) + "\n"
                new(f"{name}_{protocol}.json").write_text(text, encoding="utf-8")
                write_image(image, new(f"{name}_{protocol}{suffix}"))
            write_image(scan.labels, new(f"{name}_labels{suffix}"))
            if picture:
                draw_picture(scan, new(f"{name}.png"))
    except BaseException:
        _remove_empty(new_folders)
        raise
    return written


def protocol_tags(protocol: str, settings: Settings, name: str, scan: PhantomScan) -> dict[str, Any]:
    """What a scanner would state of this reconstruction, by DICOM keyword, and what only we know."""
    return {
        "Modality": "CT",
        "Manufacturer": "SlicerLiverCNN, simulated",
        **_reconstruction(protocol, settings),
        "SliceThickness": scan.labels.GetSpacing()[2],
        "ImageComments": f"Simulated: {name}, no patient",
        "SlicerLiverCNN": {"phantom": name, "protocol": protocol, **scan.contrast.to_dict()},
    }


def _reconstruction(protocol: str, settings: Settings) -> dict[str, Any]:
    ordinary = ["DERIVED", "PRIMARY", "AXIAL"]
    if protocol in ENERGIES_KEV:
        energy = ENERGIES_KEV[protocol]
        return {
            "ImageType": [*ordinary, "VMI"],
            "SeriesDescription": f"Phantom Monoenergetic {energy:.0f} keV",
            "ConvolutionKernel": KERNEL,
            "MultienergyCTAcquisition": "YES",
            "MonoenergeticEnergyEquivalent": energy,
        }
    if protocol == "IR":
        return {
            "ImageType": ordinary,
            "SeriesDescription": f"Phantom IR strength {settings.ir_strength}",
            "ConvolutionKernel": [KERNEL, str(settings.ir_strength)],
            "ReconstructionAlgorithm": "ITERATIVE",
        }
    if protocol == "FBP":
        return {
            "ImageType": ordinary,
            "SeriesDescription": "Phantom FBP",
            "ConvolutionKernel": KERNEL,
            "ReconstructionAlgorithm": "FILTER_BACK_PROJ",
        }
    return {
        "ImageType": ordinary,
        "SeriesDescription": "Phantom Optimum Contrast",
        "ConvolutionKernel": KERNEL,
    }


def check_folder(folder: str | os.PathLike[str]) -> None:
    """Raise OutputError before the work if files cannot be written there; leaves it as it was."""
    folder = Path(os.path.abspath(folder))
    new = _make_folder(folder)
    try:
        check_output(folder / "phantom.json")
    finally:
        _remove_empty(new)


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder; gives those that were not there before, the innermost first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(
            f"{folder} is a file; give a folder.", id="not-a-folder", path=str(folder)
        ) from error
    except OSError as error:
        _remove_empty(missing)
        raise OutputError(
            f"The folder {folder} cannot be made ({error.strerror or error}); choose another.",
            id="folder-not-writable",
            path=str(folder),
        ) from error
    return missing


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):  # not there, or someone else has put something in it
            folder.rmdir()
