"""The report of a protocol study: one page, tidy tables, figures."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from LiverCoreLib.output import atomic_path

from .exam_warnings import exam_warnings
from .example_figure import example_drawing
from .exams import LESIONS, OWN, Progress
from .findings import findings
from .image_tables import hu_table, targets_table
from .kind_results import KindResults
from .lee_tables import lee_tables
from .lesion_tables import lesion_table
from .study_figures import figures_of

if TYPE_CHECKING:
    from LiverMetricsLib.report.parts_page import PagePart

STATISTICS = "statistics"
_TITLES = {"phantom": "Phantoms", LESIONS: "Phantoms with lesions", "CT": "Validation CTs", OWN: "Own exams"}


def write_study(
    kinds: Sequence[KindResults], folder: Path, provenance: Sequence[tuple[str, str]], progress: Progress
) -> Path:
    """Write the cohort tables, all statistics, and the page with its figures; gives the page.

    Raises LiverCNNError: what cannot be written, or packages that are missing.
    """
    from LiverMetricsLib.cohort.writing import write_tables
    from LiverMetricsLib.report.parts_page import write_parts_page

    for results in kinds:
        if results.rows:
            write_csv(folder / f"cohort-{results.id}.csv", results.rows)
        image_rows = _image_rows(results)
        if image_rows:
            write_csv(folder / f"images-{results.id}.csv", image_rows)
        for reference, analysis in results.analyses.items():
            place = f"{results.id}-{reference.replace(' ', '-').lower()}"
            write_tables(analysis, folder / STATISTICS / place)
    parts = [
        *_lead(kinds, folder / "exams"),
        *(part for results in kinds for part in _parts(results, folder)),
    ]
    exams = sum(len(results.done) for results in kinds)
    return write_parts_page(
        folder,
        "Protocols and standardization: what they do to liver segmentation",
        f"{exams} exams in six protocols each; tables and figures as in Lee et al., Korean J Radiol 2023.",
        parts,
        provenance=provenance,
        progress=progress,
    )


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows under the union of their columns, whole or not at all. Raises OutputError."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _lead(kinds: Sequence[KindResults], store: Path) -> list[PagePart]:
    from LiverMetricsLib.report.parts_page import PagePart

    sentences = [f"{_TITLES[r.kind]}: {sentence}" for r in kinds for sentence in findings(r)]
    failed = [f"{one.plan.name}: {one.error} [{one.error_id}]" for r in kinds for one in r.failed]
    few = [
        f"{_TITLES[r.kind]}: {len(r.done)} exams say little; intervals are wide, and p values mean little."
        for r in kinds
        if 0 < len(r.done) < 10 and r.rows
    ]
    assumed = [f"{_TITLES[r.kind]}, {sentence}" for r in kinds for sentence in exam_warnings(r.done, store)]
    parts = [PagePart("findings", "Findings", tuple(sentences))] if sentences else []
    if failed or few or assumed:
        parts.append(PagePart("warnings", "Warnings", (*few, *failed, *assumed), is_warning=True))
    return parts


def _parts(results: KindResults, folder: Path) -> list[PagePart]:
    from LiverMetricsLib.report.parts_page import PagePart

    if not results.done:
        return []
    title = _TITLES[results.kind]
    tables = []
    if results.standardizers:
        tables.append(targets_table(results))
        tables.append(lesion_table(results) if results.kind == LESIONS else hu_table(results))
    statistics = [table for reference in results.references for table in lee_tables(results, reference)]
    examples = [] if results.kind == LESIONS else [partial(example_drawing, results, results.done[0], folder)]
    return [
        PagePart(
            results.id,
            title,
            facts=tuple(_facts(results)),
            tables=tuple(table for table in (*tables, *statistics) if table.rows),
            draw=(*examples, *figures_of(results)),
        )
    ]


def _facts(results: KindResults) -> list[tuple[str, str]]:
    """Who was examined, and what it cost."""
    names = [one.plan.name for one in results.done]
    facts = [("Exams", f"{len(names)} ({', '.join(names[:5])}{' ...' if len(names) > 5 else ''})")]
    ages = [float(one.plan.recipe["age_years"]) for one in results.done if "age_years" in one.plan.recipe]
    if ages:
        facts.append(("Age", f"mean {sum(ages) / len(ages):.1f} years, {min(ages):g} to {max(ages):g}"))
    if results.kind != LESIONS:
        facts.append(("Segmenters", ", ".join(one.name for one in results.segmenters)))
    facts.append(("Standardizers", ", ".join(one.name for one in results.standardizers) or "none"))
    facts.append(("Cost", cost_words(results)))
    return facts


def cost_words(results: KindResults) -> str:
    """CPU seconds an exam by kind of work, whenever it was measured."""
    works = dict.fromkeys(work for one in results.done for work in one.seconds)
    if not works:
        return "nothing was measured"
    means = {
        work: sum(one.seconds.get(work, 0.0) for one in results.done) / len(results.done) for work in works
    }
    parts = ", ".join(f"{work} {seconds:.1f} s" for work, seconds in means.items())
    return f"{sum(means.values()):.0f} CPU seconds an exam ({parts})"


def _image_rows(results: KindResults) -> list[dict[str, Any]]:
    """Rows of the table of images: HU, noise, crop and lesions of every exam, protocol and standardizer."""
    return [
        {
            "case": one.plan.name,
            "standardizer": standardizer,
            **{name: _csv_cell(value) for name, value in row.items()},
        }
        for one in results.done
        for standardizer, rows in one.image_rows.items()
        for row in rows
    ]


def _csv_cell(value: Any) -> Any:
    """A list as values between semicolons, nothing for one that is not known."""
    if isinstance(value, list):
        return ";".join("" if one is None else str(one) for one in value)
    return value
