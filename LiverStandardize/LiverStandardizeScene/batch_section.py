"""The section that standardizes many: the CT volumes of the scene."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene.case_section import CaseSection
from LiverCoreScene.case_table import OutcomeTable

from . import batch_texts
from .batch_list import VolumeList
from .batch_volumes import Batch, left_out_volumes, offered_volumes
from .parameters import BatchParameters, StandardizeParameters


class BatchSection(CaseSection):
    """Its model is that of the first section."""

    UI_FILE = "LiverStandardizeBatch.ui"
    PARAMETERS = BatchParameters
    TASK = "standardize"
    START = _("Standardize all")

    def setup(self) -> None:
        """Connect the button, and make the list."""
        super().setup()
        self._list = VolumeList(self.ui.batchVolumesTable, self.refresh)
        self.ui.batchButton.connect("contentsCollapsed(bool)", self._on_collapsed)

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with the scene and the batch."""
        if self.parameters is None:
            return
        if self._batch is None:
            self._list.show(offered_volumes())
            self.ui.batchSkippedLabel.text = batch_texts.left_out(left_out_volumes())
            self.ui.batchSkippedLabel.setVisible(bool(self.ui.batchSkippedLabel.text))
        super().refresh()

    @property
    def _model(self) -> str:
        """The model that the first section shows."""
        return StandardizeParameters(self.parameters.parameterNode).model

    def _reason(self) -> str:
        return self.logic.why_no_batch(self._model, self._installed)

    def _on_collapsed(self, collapsed: bool) -> None:
        if not collapsed:
            self.refresh()  # opening shows everything

    def _begin(self) -> Batch:
        return self.logic.start_volumes(model=self._model, redo=self.parameters.batch_redo)

    def _new_table(self) -> OutcomeTable:
        return batch_texts.outcome_table()

    def _progress(self, batch: Batch) -> str:
        return batch_texts.progress(batch)

    def _ending(self, batch: Batch, why: str) -> str:
        return batch_texts.ending(batch, why)
