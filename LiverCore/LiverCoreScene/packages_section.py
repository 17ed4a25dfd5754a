"""The section What is missing: the packages that Slicer lacks, and how they get there."""

from __future__ import annotations

import importlib
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreLib import package_list
from LiverCoreLib.errors import LiverCNNError

from . import packages_texts
from .setup_section import WorkingSection


class PackagesSection(WorkingSection):
    """Nothing is downloaded before the user has been told what, how large and from where, and agreed."""

    UI_FILE = "LiverCorePackages.ui"
    FRACTION_IS_KNOWN = False

    _shown_lines = 0
    _missing: tuple = ()

    def setup(self) -> None:
        """Connect the buttons."""
        super().setup()
        self.ui.installButton.connect("clicked(bool)", self._on_install)
        self.ui.folderButton.connect("clicked(bool)", self._on_folder)
        self.ui.reportsBox.connect("toggled(bool)", self.refresh)
        self.ui.logButton.setVisible(False)
        self._look()

    def enter(self) -> None:
        """Something may have been installed meanwhile."""
        self._look()
        self.refresh()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Lock what is not possible, and say why."""
        super().refresh()
        self.ui.installButton.enabled = bool(self._online())
        self.ui.folderButton.enabled = bool(self._wanted())
        torch_missing = any(one.module == "torch" for one in self._missing)
        needs_extension = torch_missing and not self.logic.torchExtension()
        self.ui.reasonLabel.text = packages_texts.extension_missing() if needs_extension else ""
        self.ui.reasonLabel.setVisible(needs_extension)

    def _look(self) -> None:
        """See what is there and what is missing, and list it."""
        importlib.invalidate_caches()
        self._missing = package_list.missing()
        required = tuple(one for one in self._missing if not one.extra)
        for_reports = tuple(one for one in self._missing if one.extra)
        self.ui.summaryLabel.text = packages_texts.summary(required, for_reports)
        self.ui.listLabel.text = packages_texts.listing(package_list.PACKAGES)
        self.ui.reportsBox.setVisible(bool(for_reports))

    def show_lines(self, lines: list) -> None:
        """Add what pip has said since to the log."""
        for line in lines[self._shown_lines :]:
            self.ui.logText.appendPlainText(line)
        self._shown_lines = len(lines)

    def _wanted(self) -> tuple:
        """The packages that are to be installed: missing, and chosen."""
        return tuple(one for one in self._missing if not one.extra or self.ui.reportsBox.checked)

    def _online(self) -> tuple:
        """Those of them that can come from the network."""
        return tuple(one for one in self._wanted() if one.module != "torch" or self.logic.torchExtension())

    def _on_install(self) -> None:
        wanted = self._online()
        if wanted and self._agreed(packages_texts.question(wanted)):
            self._install(wanted, "")

    def _on_folder(self) -> None:
        wanted = self._wanted()
        title = _("Folder with wheels of {packages}").format(packages=packages_texts.names(wanted))
        folder = qt.QFileDialog.getExistingDirectory(self.top, title)
        if folder and wanted:
            self.start(
                lambda: self.logic.startWheelCheck(wanted, folder),
                lambda found: self._on_wheels(wanted, folder, found),
            )

    def _on_wheels(self, wanted: tuple, folder: str, found: dict) -> None:
        if found["lacking"]:
            self.tell(packages_texts.lacking(wanted, folder, found["lacking"]))
        elif self._agreed(packages_texts.question_for_folder(wanted, folder, found["bytes"])):
            self._install(wanted, folder)

    def _agreed(self, question: str) -> bool:
        return slicer.util.confirmOkCancelDisplay(question, windowTitle=_("Liver Set-up"))

    def _install(self, wanted: tuple, folder: str) -> None:
        self._shown_lines = 0
        self.ui.logText.clear()
        self.ui.logButton.setVisible(True)
        self.start(
            lambda: self.logic.startInstall(wanted, folder),
            lambda outcome: self._on_installed(wanted),
            self._on_failed,
        )

    def _on_installed(self, wanted: tuple) -> None:
        self._look()
        self.tell(packages_texts.done(wanted))

    def _on_failed(self, error: LiverCNNError) -> bool:
        self._look()
        if error.id == "cancelled":
            self.tell(_("Cancelled. What pip had finished by then stays; the list shows what is there."))
        return error.id == "cancelled"
