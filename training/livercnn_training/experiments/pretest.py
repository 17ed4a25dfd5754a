"""Which protocol a segmenter serves best: the pre-test by which Lee et al. 2023 chose their target (M80)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import SimpleITK as sitk

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.extras import require_extra
from LiverCoreLib.line_journal import LineJournal
from LiverCoreLib.result_folder import check_folder

from .exam_measures import Segmenter, part
from .exam_store import obtain
from .exams import PROTOCOLS, ExamPlan, Progress
from .kind_results import mean
from .study_report import write_csv

if TYPE_CHECKING:
    from LiverMetricsLib.cohort import Table
    from LiverMetricsLib.report import Drawing

JOURNAL = "journal.jsonl"
_VERSION = 1
_MEASURED = 0.95
WITH_TRUTH, WITH_OTHERS = "Dice with the true liver", "mean Dice with the masks of the other protocols"


@dataclass(frozen=True)
class PretestOutcome:
    """What came of a pre-test.

    measure: WITH_TRUTH where every exam has a label, else WITH_OTHERS. dice: Exam to protocol to value. best:
    The protocol with the highest mean. sentence: The same in words. failed: Exam to its error. page: report.
    """

    measure: str
    dice: Mapping[str, Mapping[str, float]]
    best: str
    sentence: str
    failed: Mapping[str, str]
    page: Path


class NothingCompared(LiverCNNError):
    """No exam of a pre-test could be segmented."""

    id = "no-exam-measured"


def run_pretest(
    plans: Sequence[ExamPlan], segmenter: Segmenter, folder: Path, progress: Progress
) -> PretestOutcome:
    """Segment every exam in every protocol, compare, and write table, figure and page.

    An exam that an earlier run measured is recalled; one that fails costs itself.

    Raises:
        NothingCompared: All exams failed.
        LiverCNNError: Results that cannot be written, packages that are missing, Cancelled.
    """
    from LiverMetricsLib.report.writing import PACKAGES

    require_extra("A report with figures", "report", PACKAGES)
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Mapping[str, Any]] = {}
    failed: dict[str, str] = {}
    with LineJournal(folder / JOURNAL, _VERSION, "dice") as journal:
        for number, plan in enumerate(plans):
            key = {"pretest": {"name": plan.name, **plan.recipe}, "segmenter": segmenter.key}
            said = part(progress, number, len(plans), plan.name)
            try:
                entry = journal.entry(key)
                if entry is None:
                    entry = _measured(plan, segmenter, folder / "exams", said)
                    journal.add(key, entry)
                found[plan.name] = entry
            except Cancelled:
                raise
            except LiverCNNError as error:
                failed[plan.name] = f"{error} [{error.id}]"
    if not found:
        name, sentence = next(iter(failed.items()))
        raise NothingCompared(f"No exam could be measured; the first, {name}, failed: {sentence}")
    return _written(found, failed, segmenter, folder, progress)


def best_protocol(dice: Mapping[str, Mapping[str, float]]) -> tuple[str, dict[str, float]]:
    """The protocol with the highest mean over the exams, the first of equals, and all means."""
    means = {
        protocol: mean([of_exam[protocol] for of_exam in dice.values() if protocol in of_exam])
        for protocol in PROTOCOLS
        if any(protocol in of_exam for of_exam in dice.values())
    }
    return max(means, key=lambda protocol: -1.0 if math.isnan(means[protocol]) else means[protocol]), means


def _measured(plan: ExamPlan, segmenter: Segmenter, store: Path, progress: Progress) -> dict[str, Any]:
    """Dice of every protocol with the truth where it is known, and with the other protocols."""
    from LiverMetricsLib import compare

    exam, _ = obtain(plan, store, part(progress, 0, len(PROTOCOLS) + 1, f"{plan.name}: scanning"))
    masks: dict[str, sitk.Image] = {}
    for number, (protocol, image) in enumerate(exam.images.items(), start=1):
        said = part(progress, number, len(PROTOCOLS) + 1, f"{plan.name}: {segmenter.name} on {protocol}")
        masks[protocol] = segmenter.mask(image, said)
    entry: dict[str, Any] = {"dice": {}}
    for protocol, mask in masks.items():
        others = [compare(other, mask).dice for name, other in masks.items() if name != protocol]
        of_protocol = {WITH_OTHERS: round(mean(others), 5)}
        if exam.liver is not None:
            of_protocol[WITH_TRUTH] = round(compare(exam.liver, mask).dice, 5)
        # Both empty: undefined, and no credit for a mask that is not there.
        entry["dice"][protocol] = {name: 0.0 if math.isnan(v) else v for name, v in of_protocol.items()}
    return entry


def _written(
    found: Mapping[str, Mapping[str, Any]],
    failed: Mapping[str, str],
    segmenter: Segmenter,
    folder: Path,
    progress: Progress,
) -> PretestOutcome:
    from LiverMetricsLib.report.parts_page import PagePart, write_parts_page

    has_truth = all(WITH_TRUTH in values for entry in found.values() for values in entry["dice"].values())
    measure = WITH_TRUTH if has_truth else WITH_OTHERS
    dice = {exam: {p: v[measure] for p, v in entry["dice"].items()} for exam, entry in found.items()}
    best, means = best_protocol(dice)
    sentence = _sentence(segmenter.name, measure, best, means, len(dice))
    write_csv(
        folder / "pretest.csv",
        [
            {"case": exam, "protocol": p, "method": segmenter.name, **values}
            for exam, entry in found.items()
            for p, values in entry["dice"].items()
        ],
    )
    warnings = tuple(f"{name}: {error}" for name, error in failed.items())
    parts = [
        PagePart(
            "result",
            "Result",
            (sentence,),
            tables=(_table(dice, measure),),
            draw=(lambda: _figure(dice, measure),),
        )
    ]
    if warnings:
        parts.append(PagePart("warnings", "Warnings", warnings, is_warning=True))
    page = write_parts_page(
        folder,
        f"Pre-test: which protocol serves {segmenter.name} best",
        f"{len(dice)} exams; how Lee et al., Korean J Radiol 2023, chose the target of standardization.",
        parts,
        provenance=[(f"Segmenter {segmenter.name}", str(segmenter.model.sha256))],
        progress=lambda fraction, message: progress(_MEASURED + (1 - _MEASURED) * fraction, message),
    )
    return PretestOutcome(measure, dice, best, sentence, failed, page)


def _sentence(segmenter: str, measure: str, best: str, means: Mapping[str, float], count: int) -> str:
    others = sorted((p for p in means if p != best), key=lambda p: -means[p])
    rest = ", ".join(f"{p} {means[p]:.3f}" for p in others)
    margin = means[best] - means[others[0]] if others else math.nan
    close = " The lead is small: look at more exams before choosing." if margin < 0.005 else ""
    return (
        f"{best} serves {segmenter} best: {measure} {means[best]:.3f} on average over {count} exams ({rest})."
        f"{close}"
    )


def _table(dice: Mapping[str, Mapping[str, float]], measure: str) -> Table:
    from LiverMetricsLib.cohort import Column, Table

    protocols = [p for p in PROTOCOLS if any(p in values for values in dice.values())]
    _, means = best_protocol(dice)
    columns = (Column("case", "Exam", kind="text"), *(Column(p, p) for p in protocols))
    rows = [(exam, *(values.get(p) for p in protocols)) for exam, values in dice.items()]
    rows.append(("mean", *(means[p] for p in protocols)))
    return Table("pretest", measure[0].upper() + measure[1:], columns, tuple(rows))


def _figure(dice: Mapping[str, Mapping[str, float]], measure: str) -> Drawing:
    from LiverMetricsLib.report.box_plot import box_plot

    from .study_figures import panel_of

    protocols = [p for p in PROTOCOLS if any(p in values for values in dice.values())]
    columns = [{exam: values[p] for exam, values in dice.items() if p in values} for p in protocols]
    return box_plot(measure[0].upper() + measure[1:], [panel_of("", protocols, columns)], key="pretest")
