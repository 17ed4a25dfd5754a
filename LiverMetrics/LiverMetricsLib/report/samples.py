"""What is drawn: measurements of a cohort, arranged into panels and groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..cohort.measures import measure_of
from ..cohort.rows import Cohort, Row
from .drawing import Panel
from .region_bars import Corrections
from .score_bars import Scores

# Groups stand side by side in a panel: what a study compares. Panels separate the rest.
_COMPARED = ("method", "against", "stage")
_SEPARATED = ("observer", "protocol")
_UNNAMED = "all"

_Key = tuple[str, ...]


def panels_of(cohort: Cohort, measure: str) -> tuple[Panel, ...]:
    """Panels of one measure: a group for each method (and stage), a panel for each observer and protocol.

    Where there is one method only, the observers, else the protocols, are the groups. What does not vary is
    not mentioned. A measure of the mask alone is taken once, whatever the mask was compared with.
    """
    rows = [row for row in cohort.rows if measure in row.values]
    ignored = {"against"} if measure_of(measure).of_mask else set()
    compared, separated = _split(rows, ignored)
    panels = []
    for place in _distinct(rows, separated):
        inside = [row for row in rows if _key(row, separated) == place]
        panels.append(_panel(inside, compared, separated, measure))
    return tuple(panels)


def scores_of(cohort: Cohort) -> tuple[Scores, ...]:
    """Scores of each method and observer, in the order of the table."""
    rows = [row for row in cohort.rows if "score" in row.values]
    keys = _varying(rows, ("method", "stage", "protocol", "observer"))
    groups: dict[_Key, dict[_Key, float]] = {}
    for row in rows:
        groups.setdefault(_key(row, keys), {}).setdefault(_mask(row), row.values["score"])
    return tuple(Scores(_words(keys, key), np.array(list(found.values()))) for key, found in groups.items())


def corrections_of(cohort: Cohort) -> tuple[Corrections, ...]:
    """Corrected regions of each observer, for the methods that were corrected, in the order of the table.

    A method without any corrected region, such as manual segmentation, is left out: its masks were made, not
    corrected.
    """
    corrected = {row.method for row in cohort.rows if row.regions}
    rows = [row for row in cohort.rows if row.regions is not None and row.method in corrected]
    keys = _varying(rows, ("method", "stage", "protocol", "observer"))
    groups: dict[_Key, dict[_Key, tuple[str, ...]]] = {}
    for row in rows:
        groups.setdefault(_key(row, keys), {}).setdefault(_mask(row), row.regions or ())
    return tuple(Corrections(_words(keys, key), tuple(found.values())) for key, found in groups.items())


def _split(rows: Sequence[Row], ignored: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which keys make groups and which make panels."""
    compared = tuple(key for key in _varying(rows, _COMPARED) if key not in ignored)
    separated = _varying(rows, _SEPARATED)
    if not compared and separated:
        compared, separated = separated[:1], separated[1:]
    return compared, separated


def _panel(
    rows: Sequence[Row], compared: tuple[str, ...], separated: tuple[str, ...], measure: str
) -> Panel:
    groups = _distinct(rows, compared)
    cases = sorted({row.case for row in rows})
    values = np.full((len(cases), len(groups)), np.nan)
    missing = np.ones(values.shape, dtype=bool)
    place = {case: number for number, case in enumerate(cases)}
    for row in reversed(rows):  # the first of several rows of one mask decides
        at = place[row.case], groups.index(_key(row, compared))
        values[at] = row.values[measure]
        missing[at] = False
    return Panel(
        title=_words(separated, _key(rows[0], separated)) if separated else "",
        groups=tuple(_words(compared, key) if compared else _only_method(rows) for key in groups),
        cases=tuple(cases),
        values=values,
        missing=missing,
    )


def _only_method(rows: Sequence[Row]) -> str:
    return rows[0].method or _UNNAMED


def _varying(rows: Sequence[Row], keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if len({getattr(row, key) for row in rows}) > 1)


def _distinct(rows: Sequence[Row], keys: tuple[str, ...]) -> list[_Key]:
    """Combinations in the order of the table."""
    return list(dict.fromkeys(_key(row, keys) for row in rows))


def _key(row: Row, keys: tuple[str, ...]) -> _Key:
    return tuple(getattr(row, key) for key in keys)


def _mask(row: Row) -> _Key:
    return (row.case, row.observer, row.method, row.protocol, row.stage)


def _words(keys: tuple[str, ...], values: _Key) -> str:
    """Such as "cnn, standardized, observer 2"; an observer's name that does not say so is introduced."""
    parts: list[str] = []
    for key, value in zip(keys, values):
        if key == "against":
            if value and parts:
                parts[-1] += f" vs {value}"
            continue
        bare = key == "observer" and key not in value.lower()
        parts.append(f"{key} {value}" if bare and value else value or f"no {key}")
    return ", ".join(parts) or _UNNAMED
