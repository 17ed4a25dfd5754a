"""Which DICOM series a folder holds, and which of them is the scan that was asked for.

Nothing is guessed: where more than one series could be meant, the error lists them and says how to
choose. Only what can never be a volume (a localizer, a single picture, a report) is passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .dicom_headers import (
    IMAGE_TYPE,
    MODALITY,
    SERIES_DESCRIPTION,
    SERIES_NUMBER,
    SERIES_UID,
    SOP_INSTANCE_UID,
    SliceHeader,
)
from .image_checks import UnsupportedImage

_NEVER_SCANS = {"SEG", "RTDOSE", "RTIMAGE", "PR", "SR", "KO", "DOC"}
_LOCALIZER_WORDS = {"LOCALIZER", "SCOUT", "TOPOGRAM"}
_MOST_SERIES_LISTED = 20

# What tells volumes at the same slice positions apart, in the order tried: tag and name for messages.
_VOLUME_ATTRIBUTES = (
    ("0018|0081", "echo time"),
    ("0018|0086", "echo number"),
    ("0020|0100", "temporal position"),
    ("0020|0012", "acquisition number"),
    ("0018|9087", "b-value"),
    ("0018|1060", "trigger time"),
    (IMAGE_TYPE, "image type"),
    ("0008|0032", "acquisition time"),
)


@dataclass(frozen=True)
class DicomSeries:
    """The slices that share a SeriesInstanceUID, or one of several volumes among them.

    Attributes:
        uid, number, description, modality: As the first slice says; empty if absent.
        slices: The slices in no particular order, each SOPInstanceUID once.
        volume: 0 for a whole series; 1, 2, ... where it holds several volumes at the same positions.
        difference: What sets this volume apart, such as ``acquisition number 2``; empty for a whole series.
    """

    uid: str
    number: str
    description: str
    modality: str
    slices: tuple[SliceHeader, ...]
    volume: int = 0
    difference: str = ""

    @property
    def is_localizer(self) -> bool:
        """True for the overview pictures made to plan a scan."""
        return _is_localizer(self.slices[0])

    @property
    def may_be_volume(self) -> bool:
        """False for what can never be the scan: a localizer, a single picture, a result of other software."""
        if self.is_localizer or self.modality in _NEVER_SCANS:
            return False
        return len(self.slices) > 1 or self.slices[0].frames > 1

    def __str__(self) -> str:
        count = len(self.slices)
        kind = "localizer, " if self.is_localizer else ""
        slices = "1 slice" if count == 1 else f"{count} slices"
        text = f"{self.number or self.uid} '{self.description}' ({self.modality}, {kind}{slices})"
        return " ".join(text.split())


def group_series(headers: Sequence[SliceHeader]) -> tuple[list[DicomSeries], list[str]]:
    """Sort slices into series; localizer pictures inside a series become one of their own.

    Returns:
        The series by number, and warnings (files that are copies of each other).
    """
    groups: dict[tuple[str, bool], list[SliceHeader]] = {}
    seen = set()
    copies = 0
    for header in headers:
        uid = header.text(SOP_INSTANCE_UID)
        if uid and uid in seen:
            copies += 1
            continue
        seen.add(uid)
        groups.setdefault((header.text(SERIES_UID), _is_localizer(header)), []).append(header)
    series = [
        DicomSeries(
            uid=uid,
            number=slices[0].text(SERIES_NUMBER),
            description=slices[0].text(SERIES_DESCRIPTION),
            modality=slices[0].text(MODALITY),
            slices=tuple(slices),
        )
        for (uid, _), slices in groups.items()
    ]
    series.sort(key=lambda one: (_numeric(one.number), one.uid))
    warnings = [f"{copies} DICOM files are copies of others and were left out."] if copies else []
    return series, warnings


def choose_series(
    series: Sequence[DicomSeries], wanted: str | int | None, source: Path
) -> tuple[DicomSeries, list[str]]:
    """Pick one volume.

    Args:
        series: All series found, at least one.
        wanted: None, a series number, a SeriesInstanceUID, an unambiguous part of a description, or any of
            these with ``:K`` for the K-th volume of a series.
        source: The folder, or a file of the wanted series.

    Returns:
        The series or volume, and warnings on what was left out.

    Raises:
        UnsupportedImage: ``several-series``, ``no-such-series``, ``ambiguous-series``, ``several-volumes``
            or ``localizer``.
    """
    if wanted is None:
        chosen, warnings = _only_possible(series, source)
        volumes = split_volumes(chosen)
        if len(volumes) == 1:
            return volumes[0], warnings
        of_file = [one for one in volumes if any(header.path == source for header in one.slices)]
        if of_file:
            return of_file[0], warnings
        raise _several_volumes(volumes, source)
    text, volume_number = _parse_wanted(str(wanted))
    chosen = _matching(series, text, source)
    volumes = split_volumes(chosen)
    if volume_number is None and len(volumes) > 1:
        raise _several_volumes(volumes, source)
    if volume_number is not None and not 1 <= volume_number <= len(volumes):
        raise UnsupportedImage(
            f"Series {chosen.number or chosen.uid} holds {len(volumes)} volume(s), not {volume_number}.",
            id="no-such-series",
        )
    return volumes[(volume_number or 1) - 1], []


def split_volumes(series: DicomSeries) -> list[DicomSeries]:
    """Take a series apart where it holds several volumes at the same slice positions.

    Echoes, time points and phases are told apart by the first attribute that leaves no position twice.

    Returns:
        The series itself alone if no position repeats or no attribute explains the repetition.
    """
    if not _repeats(series.slices):
        return [series]
    for tag, name in _VOLUME_ATTRIBUTES:
        groups: dict[str, list[SliceHeader]] = {}
        for header in series.slices:
            groups.setdefault(header.text(tag), []).append(header)
        if len(groups) > 1 and not any(_repeats(slices) for slices in groups.values()):
            ordered = sorted(groups, key=lambda value: (_numeric(value), value))
            return [
                replace(series, slices=tuple(groups[value]), volume=index, difference=f"{name} {value}")
                for index, value in enumerate(ordered, start=1)
            ]
    return [series]


def _only_possible(series: Sequence[DicomSeries], source: Path) -> tuple[DicomSeries, list[str]]:
    if source.is_file():
        of_file = [one for one in series if any(header.path == source for header in one.slices)]
        if of_file:
            return of_file[0], []
    if len(series) == 1:
        return series[0], []
    possible = [one for one in series if one.may_be_volume]
    if len(possible) == 1:
        others = "; ".join(str(one) for one in series if one is not possible[0])
        return possible[0], [f"Series {possible[0]} was read; left out: {others}."]
    if not possible and all(one.is_localizer for one in series):
        return series[0], []
    raise UnsupportedImage(
        f"{source} holds {len(series)} DICOM series; choose one with --series NUMBER (or UID): "
        f"{_listed(series)}.",
        id="several-series",
        series=tuple((one.number, one.uid, one.description, one.modality, len(one.slices)) for one in series),
    )


def _matching(series: Sequence[DicomSeries], text: str, source: Path) -> DicomSeries:
    """Find by UID, else by number, else by part of the description; localizers if nothing else fits."""
    rules = (
        lambda one: one.uid == text,
        lambda one: one.number != "" and _numeric(one.number) == _numeric(text),
        lambda one: text.lower() in one.description.lower(),
    )
    for rule in rules:
        found = [one for one in series if rule(one)]
        found = [one for one in found if not one.is_localizer] or found
        if len(found) == 1:
            return found[0]
        if found:
            raise UnsupportedImage(
                f"'{text}' fits {len(found)} series of {source}; choose one by its UID: "
                + "; ".join(f"{one.uid} is {one}" for one in found[:_MOST_SERIES_LISTED])
                + ".",
                id="ambiguous-series",
            )
    raise UnsupportedImage(
        f"{source} holds no series '{text}'; choose one of: {_listed(series)}.",
        id="no-such-series",
        wanted=text,
    )


def _parse_wanted(text: str) -> tuple[str, int | None]:
    """Split ``4:2`` into series and volume; a colon elsewhere belongs to the description."""
    match = re.fullmatch(r"(.*\S)\s*:\s*(\d+)", text.strip())
    if match:
        return match.group(1), int(match.group(2))
    return text.strip(), None


def _several_volumes(volumes: Sequence[DicomSeries], source: Path) -> UnsupportedImage:
    number = volumes[0].number or volumes[0].uid
    choices = "; ".join(
        f"{number}:{one.volume} ({one.difference}, {len(one.slices)} slices)"
        for one in volumes[:_MOST_SERIES_LISTED]
    )
    return UnsupportedImage(
        f"Series {number} '{volumes[0].description}' of {source} holds {len(volumes)} volumes at the same "
        "place (time "
        f"points, phases or echoes); choose one with --series: {choices}.",
        id="several-volumes",
        volumes=len(volumes),
    )


def _repeats(slices: Sequence[SliceHeader]) -> bool:
    counts = Counter(
        (tuple(round(x, 2) for x in one.position_mm), tuple(round(x, 3) for x in one.orientation or ()))
        for one in slices
        if one.position_mm is not None
    )
    return any(count > 1 for count in counts.values())


def _is_localizer(header: SliceHeader) -> bool:
    values = {value.strip().upper() for value in header.text(IMAGE_TYPE).split("\\")}
    return bool(values & _LOCALIZER_WORDS)


def _numeric(text: str) -> float:
    """A number for sorting and comparing; what is no number comes last and equals nothing."""
    try:
        return float(text)
    except ValueError:
        return float("inf") if text == "" else float("nan")


def _listed(series: Sequence[DicomSeries]) -> str:
    # Numbers that several series share would not choose: then the UID is given as well.
    counts = Counter(one.number for one in series)
    names = [str(one) if counts[one.number] == 1 else f"{one} UID {one.uid}" for one in series]
    more = f"; and {len(names) - _MOST_SERIES_LISTED} more" if len(names) > _MOST_SERIES_LISTED else ""
    return "; ".join(names[:_MOST_SERIES_LISTED]) + more
