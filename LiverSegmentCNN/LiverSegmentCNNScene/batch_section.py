"""The section that segments many: all CT volumes of the scene, or all scans of a folder."""

from __future__ import annotations

from typing import Any

import ctk
from slicer.i18n import tr as _

from LiverCoreScene import model_choice
from LiverCoreScene.case_section import CaseSection
from LiverCoreScene.case_table import OutcomeTable
from LiverCoreScene.key_box import fill_box
from LiverSegmentCNNLib.batch import Batch
from LiverSegmentCNNLib.batch_folder import FolderBatch
from LiverSegmentCNNLib.options import SegmentOptions

from . import batch_texts
from .batch_parameters import BatchParameterNode
from .batch_table import outcome_table
from .chosen_options import chosen_options
from .parameters import LiverSegmentCNNParameterNode


class BatchSection(CaseSection):
    """Its options are those of the first section."""

    UI_FILE = "LiverSegmentCNNBatch.ui"
    PARAMETERS = BatchParameterNode
    TASK = "segment"
    START = _("Segment all")

    _filling = False

    def setup(self) -> None:
        """Connect buttons and boxes."""
        super().setup()
        for edit in (self.ui.batchFolderEdit, self.ui.batchOutputEdit):
            edit.filters = ctk.ctkPathLineEdit.Dirs
        self.ui.batchSourceBox.connect("currentIndexChanged(int)", self._on_source)
        self.ui.batchFolderEdit.connect("currentPathChanged(QString)", self._on_folder)
        self.ui.batchOutputEdit.connect("currentPathChanged(QString)", self._on_output)

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with parameters and batch."""
        if self.parameters is None or self._filling:
            return
        parameters = self.parameters
        self._filling = True
        fill_box(self.ui.batchSourceBox, batch_texts.sources(), parameters.batch_source)
        for edit, path in (
            (self.ui.batchFolderEdit, parameters.batch_folder),
            (self.ui.batchOutputEdit, parameters.batch_output_folder),
        ):
            if edit.currentPath != path:  # somebody may be typing in it
                edit.setCurrentPath(path)
        self._filling = False
        of_folder = parameters.batch_source == "folder"
        for widget in (
            self.ui.batchFolderLabel,
            self.ui.batchFolderEdit,
            self.ui.batchOutputLabel,
            self.ui.batchOutputEdit,
        ):
            widget.setVisible(of_folder)
        default_model, _models = self._installed
        self.ui.batchOptionsLabel.text = batch_texts.options(self._options(), default_model)
        super().refresh()

    def _options(self) -> SegmentOptions:
        return chosen_options(LiverSegmentCNNParameterNode(self.parameters.parameterNode))

    def _reason(self) -> str:
        options = self._options()
        if self.parameters.batch_source == "scene":
            return self.logic.why_no_batch(options.model or "", self._installed)
        why = model_choice.why_no_model(options.model or "", *self._installed)
        if not why and not self.parameters.batch_folder:
            why = _("Choose the folder that holds the scans.")
        if not why and not self.parameters.batch_output_folder:
            why = _("Choose the folder for the results.")
        return why

    def _on_source(self, index: int) -> None:
        if not self._filling and self.parameters is not None and index >= 0:
            self.parameters.batch_source = self.ui.batchSourceBox.itemData(index)

    def _on_folder(self, path: str) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.batch_folder = path

    def _on_output(self, path: str) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.batch_output_folder = path

    def _begin(self) -> Batch:
        parameters, options = self.parameters, self._options()
        if parameters.batch_source == "scene":
            keep_raw = LiverSegmentCNNParameterNode(parameters.parameterNode).keep_raw
            return self.logic.start_volumes(options=options, redo=parameters.batch_redo, raw=keep_raw)
        return self.logic.start_folder(
            parameters.batch_folder,
            parameters.batch_output_folder,
            options=options,
            redo=parameters.batch_redo,
        )

    def _new_table(self) -> OutcomeTable:
        return outcome_table()

    def _progress(self, batch: Batch) -> str:
        return batch_texts.progress(batch)

    def _ending(self, batch: Batch, why: str) -> str:
        if not isinstance(batch, FolderBatch):
            return batch_texts.ending(batch, why)
        if batch.error is not None:
            return why or str(batch.error)
        return batch_texts.ending(batch, " ".join(one for one in (why, batch.table_problem) if one))
