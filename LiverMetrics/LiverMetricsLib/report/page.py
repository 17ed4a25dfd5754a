"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from LiverCoreLib.html_page import page_style

from .checklist_answers import checklist_answers
from .checklists import TO_BE_FILLED, filled_checklists
from .data_summary import data_table, facts
from .definition_list import definition_list, definitions_note, statistics_list
from .drawing import counted
from .letters import letters_warning
from .source import input_checksum, software_versions
from .table_view import table_view

if TYPE_CHECKING:
    from ..cohort.results import Analysis
    from ..cohort.rows import Cohort

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class ShownFigure:
    """A figure of the page: its words, its SVG, and the names of its files."""

    id: str
    title: str
    caption: str
    alt: str
    svg: str
    files: tuple[str, ...]


def render_page(cohort: Cohort, analysis: Analysis, figures: Sequence[ShownFigure], title: str | None) -> str:
    """The page as HTML. Everything is escaped but the style and the SVG of the figures, which are ours."""
    return render_template("report.html", **_content(cohort, analysis, title), figures=figures)


def render_template(name: str, **content: Any) -> str:
    """A template of ours with its content, escaped, and the style of all pages."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = plain
    return environment.get_template(name).render(style=page_style(), **content)


def plain(text: str) -> str:
    """The text in words that no reader takes for a number."""
    return re.sub(r"\bNaN\b", "undefined", text.replace("undefined (NaN)", "undefined"))


def _content(cohort: Cohort, analysis: Analysis, title: str | None) -> dict[str, Any]:
    versions = software_versions()
    answers = checklist_answers(cohort, analysis, analysis.tables, versions)
    return {
        "title": title or f"Liver segmentation: agreement in {counted(len(cohort.cases), 'case')}",
        "date": datetime.now(timezone.utc).date().isoformat(),
        "facts": facts(cohort),
        "data": table_view(data_table(cohort), 0),
        "tables": [table_view(table, number) for number, table in enumerate(analysis.tables, start=1)],
        "warnings": list(dict.fromkeys([*cohort.warnings, *analysis.warnings, *letters_warning(cohort)])),
        "definitions": definition_list(cohort),
        "definitions_note": definitions_note(),
        "statistics": statistics_list(),
        "checklists": filled_checklists(answers),
        "to_be_filled": TO_BE_FILLED,
        "versions": versions,
        "source": Path(cohort.source).name,
        "checksum": input_checksum(cohort.source),
    }
