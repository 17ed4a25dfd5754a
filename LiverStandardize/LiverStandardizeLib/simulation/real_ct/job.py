"""A CT from a file to simulated images in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable, Optional

import SimpleITK as sitk

from LiverCoreLib.ct_checks import check_modality
from LiverCoreLib.images import read_volume
from LiverCoreLib.masks import read_mask
from LiverCoreLib.output import file_suffix
from LiverCoreLib.result_folder import check_folder, finished_together

from ..protocols.six import PROTOCOLS, Settings
from .files import FORMATS, write_images
from .input_beam import Kv
from .input_checks import LIVER_CODES, kv_of_single_energy, organs_of
from .organ_bases import ORGAN_CODES
from .picture import Picture
from .simulate import NOISES, simulate_split
from .split import split_ct
from .stress import Stress

Progress = Optional[Callable[[float, str], None]]

READ, SPLIT = 0.1, 0.3
"""Shares of the time after which the CT is read, and split."""


@dataclass(frozen=True)
class SimulateRequest:
    """labels_are: ``organs``, ``liver`` or ``auto``. kv: None for what headers say. stresses: each a
    scan of its own; None for the CT as it is.

    The rest as for ``simulate_protocols``.
    """

    ct: str
    out: str
    series: str | None = None
    labels: str | None = None
    labels_are: str = "auto"
    protocols: tuple[str, ...] = PROTOCOLS
    ir_strength: int = 3
    stresses: tuple[Stress | None, ...] = (None,)
    noise: str = NOISES[0]
    kv: Kv = None
    phase: str | None = None
    seed: int = 0
    file_format: str = FORMATS[0]
    picture: bool = True


def simulate_file(request: SimulateRequest, progress: Progress = None) -> dict[str, Any]:
    """Read, split, simulate and write; all files or none.

    Returns:
        What was found, warnings, each scan with its round trip, and ``files``.

    Raises:
        UnsupportedImage, MaskError: A file cannot be read, or is no CT of the abdomen.
        DerivedMap, NotSingleEnergy: It is no image at one energy.
        LabelsError: The labels do not belong to the CT.
        StressError: This CT cannot be given a value of the sweep.
        OutputError: The folder cannot be written.
    """
    report = progress or _no_progress
    check_folder(request.out)
    stated_kv = kv_of_single_energy(request.ct, request.series)
    volume = read_volume(request.ct, series=request.series, progress=_part(report, 0, READ))
    check_modality(volume.modality)
    labels, organs = _labels(request)
    split = split_ct(
        volume.image,
        labels,
        organs=organs,
        kv=stated_kv if request.kv is None else request.kv,
        phase=request.phase,
        progress=_part(report, READ, SPLIT),
    )
    name, settings = _name(volume.path), Settings(ir_strength=request.ir_strength)
    source = {"name": name, "sha256": volume.sha256}
    liver_codes = [code for code, organ in organs.items() if organ == "liver"]
    picture = Picture(volume.image, labels, liver_codes) if request.picture else None
    files: list[str] = []
    scans: list[dict[str, Any]] = []
    with finished_together(request.out) as work:
        for number, stress in enumerate(request.stresses):
            share = (1 - SPLIT) / len(request.stresses)
            scan = simulate_split(
                split,
                protocols=request.protocols,
                settings=settings,
                noise=request.noise,
                stress=stress,
                seed=request.seed,
                progress=_part(report, SPLIT + share * number, SPLIT + share * (number + 1)),
            )
            files += write_images(scan, work, name, settings, request.file_format, source)
            scans.append(scan.of_this_scan())
            if picture is not None:
                picture.add(scan.images, "" if stress is None or stress.kind == "kev" else stress.name)
            del scan  # its images must not lie beside those of the next stress
        found = {
            "source": source,
            **asdict(split.findings),
            "warnings": [*volume.warnings, *split.findings.warnings],
            "scans": scans,
        }
        (work / f"{name}.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
        files.append(f"{name}.json")
        if picture is not None:
            picture.draw(split.findings.phase, work / f"{name}.png")
            files.append(f"{name}.png")
    report(1.0, "Done")
    return {**found, "files": [str(Path(request.out) / one) for one in files]}


def _labels(request: SimulateRequest) -> tuple[sitk.Image | None, Mapping[int, str]]:
    if request.labels is None:
        return None, {}
    labels = read_mask(request.labels)
    if request.labels_are == "auto":
        return labels, organs_of(labels)
    return labels, LIVER_CODES if request.labels_are == "liver" else ORGAN_CODES


def _name(path: Path) -> str:
    """How files start: the CT's name without its ending."""
    return path.name if path.is_dir() else path.name[: len(path.name) - len(file_suffix(path))]


def _part(report: Callable[[float, str], None], start: float, stop: float) -> Callable[[float, str], None]:
    return lambda fraction, message: report(start + (stop - start) * fraction, message)


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
