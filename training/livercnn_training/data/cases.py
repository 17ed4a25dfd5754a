"""Find labelled cases: the project's shared data, or a plain folder of one's own."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from LiverCoreLib.errors import LiverCNNError

_IMAGE_NAMES = ("ct", "mr", "image", "volume")
_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")


class DataError(LiverCNNError):
    """Training or evaluation data that cannot be found or does not fit together."""

    id = "training-data"


@dataclass(frozen=True)
class Case:
    """One labelled scan: paths, and which label values together are the liver."""

    name: str
    image: Path
    labels: Path
    liver_values: tuple[int, ...]
    split: str
    modality: str

    @property
    def data_set(self) -> str:
        """The first part of the name, such as ``ct-btcv``."""
        return self.name.split("/")[0]


def shared_data_folder() -> Path:
    """Return the data folder: LIVERCNN_DATA, else ``../shared/data`` beside the repository.

    Raises DataError where there is no manifest.csv in it; a mistyped setting never falls back.
    """
    named = os.environ.get("LIVERCNN_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "data"
    if not (folder / "manifest.csv").is_file():
        raise DataError(
            f"No data in '{folder}': set LIVERCNN_DATA to a folder that holds manifest.csv and its cases."
        )
    return folder


def shared_cases(
    split: str, data_sets: Sequence[str] | None = None, folder: Path | None = None
) -> list[Case]:
    """Return the labelled cases of one split ("train" or "validation") in the manifest's order."""
    folder = folder or shared_data_folder()
    cases = []
    with open(folder / "manifest.csv", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["split"] != split or not row["labels"]:
                continue
            if data_sets and row["case"].split("/")[0] not in data_sets:
                continue
            modality = row["modality"].split()[0]
            values = tuple(int(value) for value in row["liver_label"].split("+"))
            image = folder / row["case"] / f"{modality.lower()}.nii.gz"
            cases.append(
                Case(row["case"], image, folder / row["case"] / row["labels"], values, split, modality)
            )
    return cases


def folder_cases(
    folder: Path, split: str = "train", liver_values: tuple[int, ...] = (1,), modality: str = "CT"
) -> list[Case]:
    """Return the cases of a plain folder, sorted by name. Two layouts are understood.

    A folder a case (``CASE/ct.nii.gz`` or image, volume, mr; ``CASE/liver.nii.gz`` or label, labels,
    mask), or ``images/`` and ``labels/`` with equal file names. Raises DataError for a case without its
    label.
    """
    folder = Path(folder)
    if (folder / "images").is_dir():
        pairs = _paired_folders(folder / "images", folder / "labels")
    else:
        pairs = _folder_a_case(folder)
    if not pairs:
        raise DataError(
            f"'{folder}' holds no cases: expected CASE/ct.nii.gz with CASE/liver.nii.gz, or images/ and "
            "labels/."
        )
    return [
        Case(f"{folder.name}/{name}", image, labels, liver_values, split, modality)
        for name, (image, labels) in sorted(pairs.items())
    ]


def _paired_folders(images: Path, labels: Path) -> dict[str, tuple[Path, Path]]:
    pairs = {}
    for image in sorted(images.iterdir()):
        stem = _stem(image)
        if stem is None:
            continue
        label = _first_existing(labels, (stem,))
        if label is None:
            raise DataError(f"'{image}' has no label of the same name in '{labels}'.")
        pairs[stem] = (image, label)
    return pairs


def _folder_a_case(folder: Path) -> dict[str, tuple[Path, Path]]:
    pairs = {}
    for case in sorted(path for path in folder.iterdir() if path.is_dir()):
        image = _first_existing(case, _IMAGE_NAMES)
        if image is None:
            continue
        label = _first_existing(case, ("liver", "label", "labels", "mask"))
        if label is None:
            raise DataError(f"'{case}' has an image but no label (liver, label, labels or mask).")
        pairs[case.name] = (image, label)
    return pairs


def _stem(path: Path) -> str | None:
    return next((path.name[: -len(suffix)] for suffix in _SUFFIXES if path.name.endswith(suffix)), None)


def _first_existing(folder: Path, names: Sequence[str]) -> Path | None:
    for name in names:
        for suffix in _SUFFIXES:
            if (folder / f"{name}{suffix}").is_file():
                return folder / f"{name}{suffix}"
    return None
