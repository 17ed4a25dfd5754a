"""Models: cards to be read, installed from zips and folders, verified, exported, removed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from event_loop import EventLoopWatch
from panel_traces import traces
from setup_driving import wait, zipped
from slicerhost.dialogs import ANSWERS


@pytest.fixture
def section(set_up: Any) -> Any:
    """The section Models, as it stands after the panel was opened."""
    return set_up.widget.models


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, host: Any) -> list:
    """The questions asked; all are answered with Yes unless the list starts with False."""
    import slicer

    asked: list = []

    def answer(text: str, windowTitle: str | None = None, **options: Any) -> bool:  # noqa: N803
        asked.append(text)
        return asked[0] is not False

    for name in ("confirmOkCancelDisplay", "confirmYesNoDisplay"):
        monkeypatch.setattr(slicer.util, name, answer)
    return asked


def entries(section: Any) -> list[str]:
    box = section.ui.modelBox
    return [box.itemText(index) for index in range(box.count)]


def install(host: Any, section: Any, path: Path) -> str:
    ANSWERS.append(str(path))
    (section.ui.installFolderButton if path.is_dir() else section.ui.installButton).click()
    return wait(host, section)


def test_shipped_models_are_listed_with_readable_cards(section: Any) -> None:
    assert any("unet3d-ct" in entry for entry in entries(section))
    assert sum("(default)" in entry for entry in entries(section)) == 2  # a segmenter and a standardizer
    assert "(default)" in section.ui.modelBox.currentText
    ids = [model.id for model in section.logic.installed()[0]]
    section.ui.modelBox.setCurrentIndex(ids.index("deepmedic3-ct"))
    section.ui.modelBox.setCurrentIndex(ids.index("unet3d-ct"))
    text = section.ui.cardBrowser.toPlainText()
    parts = ("For:", "Not for:", "May fail:", "Trained on:", "Licence of the weights:", "SHA-256", "n = 4")
    assert all(part in text for part in parts)
    assert "95th percentile distance, mm" in text
    assert section.parameters.models_shown == "unet3d-ct"
    assert not section.ui.removeButton.enabled
    assert "cannot be removed" in section.ui.removeButton.toolTip


@pytest.mark.slow
def test_a_model_goes_in_is_verified_goes_out_and_is_removed(
    host: Any, section: Any, bundle_folder: Path, tmp_path: Path, answers: list
) -> None:
    clock = EventLoopWatch()
    told = install(host, section, zipped(bundle_folder, tmp_path / "tiny.zip"))
    assert clock.stop() < 0.1
    assert told == "Installed: tiny-ct 1.0.0."
    assert section.ui.modelBox.currentText == "tiny-ct 1.0.0, CT"
    assert (tmp_path / "home" / "LiverCNN" / "Models" / "tiny-ct" / "model.json").is_file()

    section.ui.verifyButton.click()
    assert "weights" in wait(host, section)  # of another network than its card says: made for these tests

    ANSWERS.append(str(tmp_path / "out"))
    section.ui.exportButton.click()
    assert wait(host, section).startswith(f"Exported to {tmp_path / 'out.zip'} (")

    section.ui.removeButton.click()
    assert wait(host, section) == "Removed: tiny-ct."
    assert not any("tiny-ct" in entry for entry in entries(section))
    assert len(answers) == 1
    assert install(host, section, tmp_path / "out.zip") == "Installed: tiny-ct 1.0.0."
    assert [path.name for path in (tmp_path / "home" / "LiverCNN" / "Models").iterdir()] == ["tiny-ct"]


@pytest.mark.slow
def test_the_default_model_computes_here_what_its_makers_did(host: Any, section: Any) -> None:
    ids = [model.id for model in section.logic.installed()[0]]
    section.ui.modelBox.setCurrentIndex(ids.index("unet3d-ct"))
    section.ui.verifyButton.click()
    told = wait(host, section)
    assert "'unet3d-ct' " in told
    assert " is whole; its output differs from the stored one by " in told
    assert "SHA-256 of the whole model: " in told


def test_another_version_is_replaced_only_after_a_question(
    host: Any, section: Any, bundle_folder: Path, answers: list
) -> None:
    install(host, section, bundle_folder)
    card = json.loads((bundle_folder / "model.json").read_text())
    card["version"] = "2.0.0"
    (bundle_folder / "model.json").write_text(json.dumps(card))
    answers.append(False)
    assert install(host, section, bundle_folder).startswith("Nothing was installed")
    assert "tiny-ct 1.0.0, CT" in entries(section)
    answers[0] = True
    assert install(host, section, bundle_folder) == "Installed: tiny-ct 2.0.0."
    assert "tiny-ct 2.0.0, CT" in entries(section)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no zip", "is not a whole zip file"),
        (b"PK\x05\x06" + 18 * b"\0", "has no model.json"),
    ],
)
def test_a_broken_zip_is_refused_in_words(
    host: Any, section: Any, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "broken.zip"
    path.write_bytes(content)
    assert sentence in install(host, section, path)
    assert not (tmp_path / "home").exists()


def test_changed_weights_are_refused(host: Any, section: Any, spoil: Any, tmp_path: Path) -> None:
    folder = spoil("weights.safetensors", b"\0" * 300)
    assert "weights.safetensors" in install(host, section, folder)
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_is_named(
    host: Any, section: Any, bundle_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    assert "could not be written" in install(host, section, bundle_folder)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_user_folder_is_named(
    host: Any, section: Any, bundle_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir(mode=0o555)
    assert "could not be written" in install(host, section, bundle_folder)


def test_an_export_into_nowhere_is_told(host: Any, section: Any, tmp_path: Path) -> None:
    ANSWERS.append(str(tmp_path / "nowhere" / "out.zip"))
    section.ui.exportButton.click()
    assert "does not exist" in wait(host, section)


def test_a_model_that_cannot_be_used_is_listed_with_its_problem(
    host: Any, set_up: Any, section: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / "LiverCNN" / "Models" / "aaa"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text("{}")
    set_up.widget.enter()
    assert "aaa (cannot be used)" in entries(section)
    section.ui.modelBox.setCurrentIndex(entries(section).index("aaa (cannot be used)"))
    assert "Cannot be used:" in section.ui.cardBrowser.toPlainText()
    assert (section.ui.verifyButton.enabled, section.ui.removeButton.enabled) == (False, True)


def test_without_packages_the_section_says_so(
    set_up: Any, section: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from LiverCoreLib import package_list

    monkeypatch.setattr(package_list, "is_installed", lambda one: one.module != "jsonschema")
    set_up.widget.enter()
    assert section.ui.reasonLabel.text.startswith("Not installed: jsonschema.")
    assert not section.ui.installButton.enabled
    assert section.ui.cardBrowser.isHidden()


@pytest.mark.filterwarnings("ignore:.*QDragEnterEvent.*:DeprecationWarning")
def test_a_zip_that_is_dropped_on_the_section_is_installed(
    host: Any, section: Any, bundle_folder: Path, tmp_path: Path
) -> None:
    import qt

    path = zipped(bundle_folder, tmp_path / "tiny.zip")
    drop(section.top, urls=[qt.QUrl.fromLocalFile(str(path))])
    assert wait(host, section) == "Installed: tiny-ct 1.0.0."
    drop(section.top, text="no file")
    assert section.work is None


def drop(widget: Any, urls: tuple = (), text: str = "") -> None:
    """Drag something onto a widget and let go."""
    import qt

    data = qt.QMimeData()
    data.setUrls(urls) if urls else data.setText(text)
    button, key = qt.Qt.LeftButton, qt.Qt.NoModifier
    enter = qt.QDragEnterEvent(qt.QPoint(5, 5), qt.Qt.CopyAction, data, button, key)
    qt.QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        event = qt.QDropEvent(qt.QPointF(5, 5), qt.Qt.CopyAction, data, button, key)
        qt.QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("interruption", ["cancel", "reload", "quit"])
def test_interruptions_leave_nothing_behind(
    host: Any, set_up: Any, section: Any, tmp_path: Path, interruption: str
) -> None:
    before = traces()
    section.ui.verifyButton.click()
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 30)
    if interruption == "cancel":
        section.ui.cancelButton.click()
        assert wait(host, section) == "Cancelled."
    elif interruption == "reload":
        set_up.widget.onReload()
    else:
        host.finish()
    host.process_events(lambda: traces() <= before, 10)


def test_the_shown_model_is_kept_in_the_scene(host: Any, section: Any, tmp_path: Path) -> None:
    ids = [model.id for model in section.logic.installed()[0]]
    section.ui.modelBox.setCurrentIndex(len(ids) - 1)
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    host.open_scene(tmp_path / "scene.mrb")
    assert section.ui.modelBox.currentIndex == len(ids) - 1
