"""A comparison as a file: CSV with every digit, or one HTML page."""

from __future__ import annotations

from typing import Any

from LiverCoreLib.output import atomic_path, check_output, file_suffix
from LiverMetricsLib.comparison_table import comparison_table, tab_separated
from LiverMetricsLib.report.comparison_page import write_comparison_page

SUFFIXES = (".csv", ".html")


def export(pairs: Any, path: str) -> None:
    """Write comparisons to a file, by its extension: .csv or .html.

    Raises:
        OutputError: If it cannot be written; what was there before is still there.
    """
    check_output(path, SUFFIXES)
    if file_suffix(path) == ".html":
        write_comparison_page(path, pairs)
        return
    with atomic_path(path) as temporary:
        # With the mark by which spreadsheets know UTF-8, as in the tables of a cohort.
        temporary.write_bytes(comparison_table(pairs).to_csv().encode("utf-8-sig"))


def clipboard_text(pairs: Any) -> str:
    """Comparisons for a spreadsheet: tab-separated, every digit."""
    return tab_separated(comparison_table(pairs))
