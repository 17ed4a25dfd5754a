"""The section Models: their cards, and how they are installed, verified, exported and removed."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreLib import package_list
from LiverCoreLib.errors import LiverCNNError

from .models_card import card_html
from .models_drop import DropTarget
from .setup_section import WorkingSection

NEEDED = (package_list.package("safetensors"), package_list.package("jsonschema"))
"""What cards and weights are read with; to compute the stored example, PyTorch has to be there, too."""


class ModelsSection(WorkingSection):
    """Cards are read when the panel is opened; whatever reads weights runs in the worker."""

    UI_FILE = "LiverCoreModels.ui"

    _missing: tuple = ()
    _models: tuple = ()
    _defaults: frozenset = frozenset()
    _filling = False
    _drop: Any = None

    def setup(self) -> None:
        """Connect the buttons."""
        super().setup()
        self.ui.modelBox.connect("currentIndexChanged(int)", self._on_chosen)
        self.ui.installButton.connect("clicked(bool)", self._on_install_zip)
        self.ui.installFolderButton.connect("clicked(bool)", self._on_install_folder)
        self.ui.verifyButton.connect("clicked(bool)", self._on_verify)
        self.ui.exportButton.connect("clicked(bool)", self._on_export)
        self.ui.removeButton.connect("clicked(bool)", self._on_remove)
        self._drop = DropTarget(self.top, self.install)
        self._look()

    def enter(self) -> None:
        """Something may have been installed meanwhile."""
        self._look()
        self.refresh()

    def install(self, source: str, replace: bool = False) -> None:
        """Install the model in a zip or folder; asks before another version is replaced."""
        self.start(
            lambda: self.logic.startModel("install", source=source, replace=replace),
            self._on_installed,
            lambda error: self._on_not_installed(error, source),
        )

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Show the models and the card of the chosen one."""
        super().refresh()
        if self.parameters is None:
            return
        self._fill()
        model = self._chosen()
        usable = model is not None and model.card is not None
        self.ui.cardBrowser.setVisible(model is not None)
        html = "" if model is None else card_html(model, model.id in self._defaults)
        if html != self.ui.cardBrowser.property("livercnnHtml"):  # setting it scrolls to the top
            self.ui.cardBrowser.setProperty("livercnnHtml", html)
            self.ui.cardBrowser.setHtml(html)
        self.ui.verifyButton.enabled = usable
        self.ui.exportButton.enabled = usable
        self.ui.removeButton.enabled = model is not None and self.logic.isRemovable(model)
        self.ui.removeButton.toolTip = (
            _("Remove this model from your computer")
            if self.ui.removeButton.enabled
            else _("Models that came with LiverCNN, or lie in a folder of your site, cannot be removed here")
        )
        reason = self._reason()
        self.ui.reasonLabel.text = reason
        self.ui.reasonLabel.setVisible(bool(reason))

    def _reason(self) -> str:
        if self._missing:
            return _("Not installed: {packages}. Install what is missing above; models need it.").format(
                packages=", ".join(self._missing)
            )
        return "" if self._models else _("No model is installed; install one from a zip or folder.")

    def _look(self) -> None:
        self._missing = tuple(one.name for one in package_list.missing(NEEDED))
        self._models, self._defaults = ((), frozenset()) if self._missing else self.logic.installed()
        self.ui.installButton.enabled = self.ui.installFolderButton.enabled = not self._missing

    def _fill(self) -> None:
        entries = [self._entry(model) for model in self._models]
        if entries != [self.ui.modelBox.itemText(index) for index in range(self.ui.modelBox.count)]:
            self._filling = True
            self.ui.modelBox.clear()
            self.ui.modelBox.addItems(entries)
            self._filling = False
        self._filling = True
        self.ui.modelBox.setCurrentIndex(self._index_to_show())
        self._filling = False
        self.ui.modelBox.enabled = bool(self._models)

    def _index_to_show(self) -> int:
        """Of the model that was chosen, else of a default one, else the first; -1 without any."""
        ids = [model.id for model in self._models]
        if self.parameters.models_shown in ids:
            return ids.index(self.parameters.models_shown)
        return next((ids.index(one) for one in ids if one in self._defaults), min(0, len(ids) - 1))

    def _entry(self, model: Any) -> str:
        if model.card is None:
            return _("{model} (cannot be used)").format(model=model.id)
        text = _("{model} {version}, {modality}").format(
            model=model.id, version=model.card.version, modality=model.card.modality
        )
        return _("{model} (default)").format(model=text) if model.id in self._defaults else text

    def _chosen(self) -> Any:
        index = self.ui.modelBox.currentIndex
        return self._models[index] if 0 <= index < len(self._models) else None

    def _on_chosen(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.models_shown = self._models[index].id

    def _on_install_zip(self) -> None:
        path = qt.QFileDialog.getOpenFileName(
            self.top, _("Install a model"), "", _("Models") + " (*.zip);;" + _("All files") + " (*)"
        )
        if path:
            self.install(path)

    def _on_install_folder(self) -> None:
        path = qt.QFileDialog.getExistingDirectory(self.top, _("Folder of a model"))
        if path:
            self.install(path)

    def _on_installed(self, outcome: dict) -> None:
        self._look()
        if self.parameters is not None:
            self.parameters.models_shown = outcome["id"]
        text = _("Installed: {model} {version}.").format(model=outcome["id"], version=outcome["version"])
        if outcome["hidden_by"] is not None:
            note = _("Another one of that name comes first and stays the one that is used: {folder}.")
            text = f"{text} {note.format(folder=outcome['hidden_by'])}"
        self.tell(text)

    def _on_not_installed(self, error: LiverCNNError, source: str) -> bool:
        if error.id != "model-already-installed":
            return False
        question = _("Another version of this model is installed. Replace it?")
        if not slicer.util.confirmYesNoDisplay(question, windowTitle=_("Liver Set-up")):
            self.tell(_("Nothing was installed; the version that was there stays."))
        else:
            self.install(source, replace=True)
        return True

    def _on_verify(self) -> None:
        self.start(
            lambda: self.logic.startModel("verify", model=str(self._chosen().path)),
            lambda outcome: self.tell(
                _("{sentence} SHA-256 of the whole model: {sha256}").format(
                    sentence=outcome["sentence"], sha256=outcome["sha256"]
                )
            ),
        )

    def _on_export(self) -> None:
        model = self._chosen()
        path = qt.QFileDialog.getSaveFileName(
            self.top, _("Export {model}").format(model=model.id), f"{model.id}.zip", _("Models") + " (*.zip)"
        )
        if path:
            path = path if path.lower().endswith(".zip") else f"{path}.zip"
            self.start(
                lambda: self.logic.startModel("export", model=str(model.path), zip=path),
                lambda outcome: self.tell(
                    _("Exported to {path} ({size:.1f} MB).").format(
                        path=outcome["path"], size=outcome["bytes"] / 1e6
                    )
                ),
            )

    def _on_remove(self) -> None:
        model = self._chosen()
        question = _("Remove {model} from {folder}?").format(model=model.id, folder=model.path)
        if slicer.util.confirmOkCancelDisplay(question, windowTitle=_("Liver Set-up")):
            self.start(
                lambda: self.logic.startModel("remove", model=model.id),
                lambda outcome: self._on_removed(model.id),
            )

    def _on_removed(self, model_id: str) -> None:
        self._look()
        self.tell(_("Removed: {model}.").format(model=model_id))
