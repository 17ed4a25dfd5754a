"""The section Sample data: a CT to try things on."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.errors import LiverCNNError

from . import sample_source
from .sample_nodes import add_ct
from .setup_section import WorkingSection


class SampleSection(WorkingSection):
    """The synthetic abdomen is made here; Slicer's CT is downloaded once the user has agreed."""

    UI_FILE = "LiverCoreSample.ui"

    def setup(self) -> None:
        """Connect the buttons."""
        super().setup()
        self.ui.abdomenButton.connect("clicked(bool)", self.make_abdomen)
        self.ui.liverButton.connect("clicked(bool)", self._on_liver)

    def on_scene_closing(self) -> None:
        """Nothing may land in the next scene."""
        self.cancel(_("Cancelled, because the scene was closed."))

    def make_abdomen(self, checked: bool = False) -> None:
        """Make the synthetic abdomen and put it into the scene."""
        self.start(self.logic.startAbdomen, lambda ct: self._land(ct, _("Synthetic abdomen")))

    def _on_liver(self) -> None:
        try:
            sample = sample_source.ct_liver()
        except LiverCNNError as error:
            self.tell(str(error))
            return
        if sample.path.exists() or self._agreed(sample):
            self.start(lambda: self.logic.startSample(sample), lambda ct: self._land(ct, sample.name))

    def _agreed(self, sample: sample_source.Sample) -> bool:
        question = _(
            "Download {name}?\n\nA CT of the Medical Segmentation Decathlon (Task03_Liver, liver_100), "
            "licence CC BY-SA 4.0.\n\nFrom {uri}\n\nInto {folder}\n\nSlicer does not state its size; the "
            "progress shows it. Its checksum (SHA-256) is compared."
        ).format(name=sample.name, uri=sample.uri, folder=sample.path.parent)
        return slicer.util.confirmOkCancelDisplay(question, windowTitle=_("Liver Set-up"))

    def _land(self, ct: Any, name: str) -> None:
        node = add_ct(ct, name)
        if self.parameters is not None:
            self.parameters.sample_volume = node
        self.tell(_("Loaded: {name}. It is shown in the slice views.").format(name=node.GetName()))
