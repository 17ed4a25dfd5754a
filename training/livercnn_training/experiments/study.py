"""The protocol study from end to end: exams, controls, measuring, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.extras import require_extra
from LiverCoreLib.result_folder import check_folder

from .exam_measures import Segmenter
from .exam_run import run_exams
from .exam_store import obtain
from .exams import CT, LESIONS, OWN, PHANTOM, ExamPlan, Progress
from .experiment_error import ExperimentError
from .kind_results import KindResults
from .phantom_exams import FIRST_FIT_SEED, PhantomSize, phantom_plans
from .simple_standardizers import fit_histogram, fit_linear
from .standardizers import NetworkStandardizer, Standardizer
from .study_report import write_study

_MEASURED = 0.93
"""Share of the time after which everything is measured and the report begins."""
_FIT = 0.1
"""Share of a kind's time in which its controls are fitted."""


@dataclass(frozen=True)
class StudyRequest:
    """What to study.

    folder: receives everything. models: ids or paths of segmenters, none is the default one; the first is the
    main one. standardizers: ids or paths. controls: Whether the simple rules take part. phantoms,
    lesion_phantoms: How many; size: of them. cts: Whether the validation CTs take part. own: A folder of own
    exams, or None. fit: Training exams of each kind on which the controls are fitted.
    """

    folder: Path
    models: tuple[str, ...] = ()
    standardizers: tuple[str, ...] = ()
    controls: bool = True
    phantoms: int = 40
    lesion_phantoms: int = 3
    size: PhantomSize = PhantomSize()
    cts: bool = False
    own: Path | None = None
    fit: int = 4
    device: str = "auto"
    threads: int | None = None


@dataclass(frozen=True)
class StudyOutcome:
    """What came of it. page: report.html."""

    kinds: tuple[KindResults, ...]
    page: Path


class NothingMeasured(LiverCNNError):
    """Every exam failed."""

    id = "no-exam-measured"


def run_study(request: StudyRequest, progress: Progress) -> StudyOutcome:
    """Make the study; what an earlier run with the same folder measured is taken over.

    Raises:
        LiverCNNError: For a request that cannot be fulfilled, a model that cannot be loaded, results that
            cannot be written, and Cancelled. Exams that fail are in the report.
    """
    from LiverMetricsLib.report.writing import PACKAGES

    require_extra("A report with figures", "report", PACKAGES)
    check_folder(request.folder)
    plans = exam_plans(request)
    segmenters = load_segmenters(request.models, request.device, request.threads)
    networks = [NetworkStandardizer.load(one, request.device) for one in request.standardizers]
    _refuse_same_names([one.name for one in segmenters], "models")
    _refuse_same_names([one.name for one in networks], "standardizers")
    request.folder.mkdir(parents=True, exist_ok=True)
    kinds = []
    exams = sum(map(len, plans.values()))
    done = 0
    for kind, of_kind in plans.items():
        of_this = _between(progress, _MEASURED * done / exams, _MEASURED * (done + len(of_kind)) / exams)
        controls = _controls(request, kind, _between(of_this, 0.0, _FIT))
        standardizers: list[Standardizer] = [*networks, *controls]
        said = _between(of_this, _FIT, 1.0)
        results = run_exams(of_kind, segmenters, standardizers, request.folder, said)
        kinds.append(KindResults(kind, tuple(results), tuple(segmenters), tuple(standardizers)))
        done += len(of_kind)
    if not any(results.done for results in kinds):
        first = next(result for results in kinds for result in results.failed)
        raise NothingMeasured(
            f"No exam could be measured; the first, {first.plan.name}, failed: {first.error}"
        )
    page = write_study(kinds, request.folder, _provenance(request, kinds), _between(progress, _MEASURED, 1.0))
    return StudyOutcome(tuple(kinds), page)


def exam_plans(request: StudyRequest) -> dict[str, list[ExamPlan]]:
    """Kind to plans of its exams. Raises ExperimentError where there is none."""
    plans: dict[str, list[ExamPlan]] = {}
    if request.phantoms:
        plans[PHANTOM] = phantom_plans(request.phantoms, request.size)
    if request.lesion_phantoms and (request.controls or request.standardizers):
        from .lesion_exams import lesion_plans

        plans[LESIONS] = lesion_plans(request.lesion_phantoms, request.size)
    if request.cts:
        from .ct_exams import ct_plans

        plans[CT] = ct_plans("validation")
    if request.own is not None:
        from .own_exams import own_plans

        plans[OWN] = own_plans(request.own, needs_target=True)
    if not any(kind != LESIONS for kind in plans):
        raise ExperimentError(
            "There are no exams: ask for phantoms, the validation CTs or a folder of your own."
        )
    return plans


def load_segmenters(models: Sequence[str], device: str, threads: int | None) -> list[Segmenter]:
    """By id or path; the default model if none is named. Raises ModelError."""
    from LiverSegmentCNNLib import load_model

    return [Segmenter(load_model(one), device, threads) for one in (models or (None,))]


def _controls(request: StudyRequest, kind: str, progress: Progress) -> list[Standardizer]:
    """The simple rules, fitted on training exams of the kind; own exams take the phantoms'."""
    if not request.controls:
        return []
    if kind == CT:
        from .ct_exams import ct_plans, spread

        plans = spread(ct_plans("train"), request.fit)
    else:
        plans = phantom_plans(request.fit, request.size, FIRST_FIT_SEED)
    exams = []
    for number, plan in enumerate(plans):
        said = _between(progress, number / len(plans), (number + 1) / len(plans))
        exam, _ = obtain(plan, request.folder / "exams", said)
        exams.append(replace(exam, liver=None, lesions=None))
    return [fit_linear(exams), fit_histogram(exams)]


def _refuse_same_names(names: Sequence[str], what: str) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise ExperimentError(
            f"Two {what} are called {twice[0]!r}; a study tells them apart by their ids: change one in its "
            "card."
        )


def _between(progress: Progress, low: float, high: float) -> Progress:
    return lambda fraction, message: progress(low + (high - low) * fraction, message)


def _provenance(request: StudyRequest, kinds: Sequence[KindResults]) -> list[tuple[str, str]]:
    entries = []
    for segmenter in kinds[0].segmenters:
        entries.append((f"Segmenter {segmenter.name}", str(segmenter.model.sha256)))
    for results in kinds[:1]:
        for one in results.standardizers:
            if not one.is_simple:
                entries.append((f"Standardizer {one.name}", str(one.key["sha256"])))
    if request.controls:
        entries.append(
            ("Controls", f"fitted on {request.fit} training exams of each kind, none of them here")
        )
    if request.phantoms:
        x, y, z = request.size.voxels
        entries.append(("Phantoms", f"{x} x {y} x {z} voxels; scans from the image engine, portal phase"))
    return entries
