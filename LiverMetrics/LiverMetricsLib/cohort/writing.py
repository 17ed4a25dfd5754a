"""The tables of an analysis as files: one CSV a table, and what to know about them as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from LiverCoreLib.output import OutputError, atomic_path

from ..provenance import versions
from .results import Analysis
from .table import Table

FOLDER = "tables"
ABOUT = "about.txt"

# Every table there can be; those of an earlier run in the same folder are removed.
TABLE_IDS = (
    "descriptives",
    "descriptives-by-observer",
    "comparisons-methods",
    "comparisons-protocols",
    "omnibus",
    "concordance",
    "bland-altman",
    "regression",
    "volume-ratio",
    "standardization-measures",
    "standardization-volume",
    "standardization-concordance",
    "method-pairs",
    "inter-observer-matrix",
    "inter-observer-pairs",
    "inter-observer-icc",
    "inter-observer-overlap",
    "time",
    "time-comparisons",
    "scores",
    "score-classes",
    "score-agreement",
    "corrected-regions",
)

_WIDTH = 100


def write_tables(analysis: Analysis, folder: Path) -> list[Path]:
    """Write every table to ``folder/tables`` as CSV, with ``about.txt`` beside them.

    The folder is made if need be. CSV files are UTF-8 with the mark that makes spreadsheets read it so.
    Tables that an earlier run left and this one does not have are removed.

    Returns:
        The files, tables first.

    Raises:
        OutputError: If something cannot be written.
    """
    place = folder / FOLDER
    _make_folder(place)
    written = []
    for table in analysis.tables:
        path = place / f"{table.id}.csv"
        with atomic_path(path) as temporary:
            temporary.write_bytes(table.to_csv().encode("utf-8-sig"))
        written.append(path)
    about = place / ABOUT
    with atomic_path(about) as temporary:
        temporary.write_text("\n".join(_about(analysis)) + "\n", encoding="utf-8")
    _remove_stale(place, {table.id for table in analysis.tables})
    return [*written, about]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(
            f"{folder} cannot be made: a file has that name; choose another folder.", id="not-a-folder"
        ) from error
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made ({error.strerror}); choose another folder.", id="folder-not-writable"
        ) from error


def _remove_stale(place: Path, kept: set[str]) -> None:
    for table_id in set(TABLE_IDS) - kept:
        (place / f"{table_id}.csv").unlink(missing_ok=True)


def _about(analysis: Analysis) -> Iterator[str]:
    cohort = analysis.cohort
    yield f"Tables of {cohort.source}: {len(cohort.rows)} rows, {len(cohort.cases)} cases."
    yield "Versions: " + ", ".join(f"{name} {version}" for name, version in versions().items() if version)
    yield from _wrapped(f"Warning: {warning}" for warning in analysis.warnings)
    for table in analysis.tables:
        yield from ("", *_about_table(table))


def _about_table(table: Table) -> Iterator[str]:
    yield f"{table.id}.csv: {table.title}"
    yield from _wrapped((table.caption,) if table.caption else ())
    defined = [column for column in table.columns if column.definition]
    yield from _wrapped(f"{column.key}: {column.definition}" for column in defined)
    yield from _wrapped(table.notes)


def _wrapped(texts: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        yield from textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")
