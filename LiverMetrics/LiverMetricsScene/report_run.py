"""One analysis of a cohort under way, from the scene or a file and back into the scene.

Nodes are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.jobs import JobRunner
from LiverMetricsLib.background_cohort import CohortOutcome, start_cohort
from LiverMetricsLib.cohort_job import CohortRequest
from LiverMetricsLib.cohort_results import CohortResults

from .report_input import TableRows
from .report_nodes import keep_results


@dataclass(frozen=True)
class ReportOutcome:
    """What landed. node: the text node that keeps the results. tables: folder of the CSV files, or None.
    page: the HTML report, or None.
    """

    node: Any
    results: CohortResults
    tables: Path | None
    page: Path | None


class ReportRun:
    """An analysis under way. It ends as cancelled when the scene is closed or its table is removed.

    Attributes:
        outcome: What landed, once it is done; None before, and after an error.
        error: LiverCNNError that ended it, or None.
    """

    def __init__(self, table: Any, request: CohortRequest, results: Any, runner: JobRunner) -> None:
        """table: node, or None for the file of the request. results: text node to fill again, or None."""
        self.outcome: ReportOutcome | None = None
        self.error: LiverCNNError | None = None
        self._table_id = None if table is None else table.GetID()
        self._results_id = None if results is None else results.GetID()
        self._cancelled, self._why = False, ""
        rows = None if table is None else TableRows(table)
        self._name = Path(request.table or "").stem if rows is None else rows.source
        folder = Path(slicer.app.temporaryPath)
        self.work = start_cohort(runner, request, rows, self._name, folder)
        self._tags = [
            slicer.mrmlScene.AddObserver(slicer.vtkMRMLScene.NodeAboutToBeRemovedEvent, self._on_removal),
            slicer.mrmlScene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, self._on_close),
        ]

    @property
    def finished(self) -> bool:
        """Whether it is over, one way or another."""
        return self.outcome is not None or self.error is not None

    def cancel(self, why: str = "") -> None:
        """Stop; it is finished at a later poll. why: a sentence for the user who did not ask for it."""
        if not self.finished:
            self._cancelled, self._why = True, self._why or why
            self.work.cancel()

    def poll(self) -> bool:
        """See what has happened, and land the result when it is there. Returns whether it is finished."""
        if not self.finished and self.work.poll():
            try:
                result = self.work.outcome()
                if self._cancelled:  # too late for the work, in time for the scene
                    raise Cancelled()
                self.outcome = self._land(result)
            except Cancelled as cancelled:
                self.error = Cancelled(self._why) if self._why else cancelled
            except LiverCNNError as error:
                self.error = error
            finally:
                self._forget_scene()
        return self.finished

    def wait(self) -> ReportOutcome:
        """Wait for the end; raises the error if there is no outcome. Ctrl+C cancels."""
        with contextlib.suppress(LiverCNNError):  # poll keeps it
            self.work.wait()
        self.poll()
        if self.error is not None:
            raise self.error
        assert self.outcome is not None
        return self.outcome

    def end(self) -> None:
        """Cancel, and wait (at most 2 s or so) until nothing is left of it: for a panel that goes."""
        self.cancel()
        with contextlib.suppress(LiverCNNError):  # nobody is left to be told
            self.wait()

    def _land(self, result: CohortOutcome) -> ReportOutcome:
        node = keep_results(result.text, self._name, self._results_id)
        return ReportOutcome(node, result.results, result.tables, result.page)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_removal(self, caller: Any, event: str, node: Any) -> None:
        if node.GetID() == self._table_id:
            self.cancel(_("Cancelled, because {name} was removed.").format(name=node.GetName()))

    def _on_close(self, caller: Any, event: str) -> None:
        self.cancel(_("Cancelled, because the scene was closed."))

    def _forget_scene(self) -> None:
        for tag in self._tags:
            slicer.mrmlScene.RemoveObserver(tag)
        self._tags = []
