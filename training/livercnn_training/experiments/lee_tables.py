"""Tables 2, 3 and 4 of Lee et al. 2023, and the numbers of figures 4 and 5, from the cohort's statistics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

from .kind_results import KindResults, stage_name

if TYPE_CHECKING:
    from LiverMetricsLib.cohort import Table

_TESTED = (
    "original_mean", "original_sd", "standardized_mean", "standardized_sd", "n", "difference",
    "difference_low", "difference_high", "p_t_corrected", "p_wilcoxon_corrected",
)  # fmt: skip
_GROUP = ("method", "protocol", "stage")
_LIMITS = ("n", "bias", "bias_low", "bias_high", "lower_limit", "upper_limit", "slope_p")
_TITLES = {"method": "Segmenter", "stage": "Standardizer"}


def lee_tables(results: KindResults, reference: str) -> list[Table]:
    """Dice, volume difference, concordance and limits of agreement against one reference."""
    analysis = results.analyses[reference]
    against = f"against the {reference}"
    known = {table.id: table for table in analysis.tables}
    wanted: list[tuple[str, str, str, Sequence[str], Callable[[Mapping[str, Any]], bool]]] = [
        (
            "standardization-measures", "dice", f"Dice {against} (as table 2 of Lee et al. 2023)",
            (*_GROUP, *_TESTED), lambda row: row["measure"] == "Dice",
        ),
        (
            "standardization-volume", "volume", f"Volume difference {against} (as table 3)",
            ("unit", *_GROUP, *_TESTED), lambda row: True,
        ),
        (
            "standardization-concordance", "concordance", f"Concordance of volumes {against} (as table 4)",
            (*_GROUP, *(f"{stage}_{end}" for stage in ("original", "standardized")
                        for end in ("n", "ccc", "ccc_low", "ccc_high"))),
            lambda row: True,
        ),
        (
            "bland-altman", "limits", f"Bland-Altman limits {against}, % of it (as figures 4 and 5)",
            (*_GROUP, *_LIMITS), lambda row: row["unit"] == "% of reference",
        ),
    ]  # fmt: skip
    return [
        narrowed(
            known[source], f"{results.id}-{reference.replace(' ', '-').lower()}-{name}", title, keys, keep
        )
        for source, name, title, keys, keep in wanted
        if source in known
    ]


def narrowed(
    table: Table,
    table_id: str,
    title: str,
    keys: Sequence[str],
    keep: Callable[[Mapping[str, Any]], bool],
) -> Table:
    """Some columns and rows of a table, in the order of the keys; a stage is named by its standardizer."""
    columns = {column.key: column for column in table.columns}
    shown = [key for key in keys if key in columns]
    rows = []
    for row in table.rows:
        cells = dict(zip(columns, row))
        if keep(cells):
            rows.append(tuple(_cell(key, cells[key]) for key in shown))
    titled = tuple(replace(columns[key], title=_TITLES.get(key, columns[key].title)) for key in shown)
    # Notes with a letter belong to the column of remarks, which is in the whole table alone.
    notes = tuple(note for note in table.notes if not re.match(r"[a-z]+: ", note))
    return replace(table, id=table_id, title=title, columns=titled, rows=tuple(rows), notes=notes)


def _cell(key: str, value: Any) -> Any:
    return stage_name(value) if key == "stage" else value
