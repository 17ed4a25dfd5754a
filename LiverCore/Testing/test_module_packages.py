"""What is missing: told, asked for once, installed for real (from a folder of tiny wheels), cancelled."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from event_loop import EventLoopWatch
from panel_traces import traces
from setup_driving import wait, wheel
from slicerhost.dialogs import ANSWERS

from LiverCoreLib import package_list


class Asked:
    """Notes what is asked, and answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import slicer

        self.questions: list[str] = []
        self.answer = True
        for name in ("confirmOkCancelDisplay", "confirmYesNoDisplay"):
            monkeypatch.setattr(slicer.util, name, self._ask)

    def _ask(self, text: str, windowTitle: str | None = None, **options: Any) -> bool:  # noqa: N803
        self.questions.append(text)
        return self.answer


@pytest.fixture
def asked(host: Any, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip installs to, instead of the Python that runs the tests; no network either."""
    folder = tmp_path / "site"
    monkeypatch.setenv("PIP_TARGET", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return folder


@pytest.fixture
def lacks(site: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes packages missing until they are in ``site``."""

    def lack(*modules: str) -> None:
        real = package_list.is_installed

        def is_there(one: Any) -> bool:
            return (site / one.module).is_dir() if one.module in modules else real(one)

        monkeypatch.setattr(package_list, "is_installed", is_there)

    return lack


def show(set_up: Any) -> Any:
    """The section, after the panel was opened again."""
    set_up.widget.enter()
    return set_up.widget.packages


def test_nothing_missing_is_said(set_up: Any, lacks: Any) -> None:
    section = show(set_up)
    assert section.ui.summaryLabel.text == "Nothing is missing."
    assert not section.ui.installButton.enabled
    assert not section.ui.folderButton.enabled
    assert "PyTorch" in section.ui.listLabel.text


def test_each_missing_package_says_what_for_how_large_and_from_where(set_up: Any, lacks: Any) -> None:
    lacks("torch", "safetensors", "matplotlib")
    section = show(set_up)
    assert section.ui.summaryLabel.text.startswith("Missing: PyTorch, safetensors.")
    text = section.ui.listLabel.text
    assert "Computes the networks." in text
    assert "At least 860 MB once installed" in text
    assert "About 0.6 MB to download, 1.4 MB once installed; from the package index" in text
    assert not section.ui.reportsBox.isHidden()
    assert section.ui.reasonLabel.text.startswith("PyTorch is installed with the help of the extension")


def test_one_question_with_sizes_and_origins_before_any_download(
    host: Any, set_up: Any, lacks: Any, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    lacks("torch", "safetensors", "jinja2")
    monkeypatch.setattr(slicer.modules, "pytorchutils", object(), raising=False)
    section = show(set_up)
    asked.answer = False
    section.ui.reportsBox.setChecked(True)
    section.ui.installButton.click()
    assert section.work is None
    (question,) = asked.questions
    parts = ("PyTorch: at least 860 MB", "pytorch.org", "safetensors: about 0.6 MB", "pypi.org", "Jinja2")
    assert all(part in question for part in parts)


@pytest.mark.slow
def test_an_install_from_a_folder(
    host: Any, set_up: Any, lacks: Any, asked: Asked, site: Path, tmp_path: Path
) -> None:
    lacks("safetensors", "jsonschema")
    section = show(set_up)
    folder = tmp_path / "wheels"
    wheel(folder, "safetensors")
    wheel(folder, "jsonschema", tag="cp39-cp39-win_amd64")
    ANSWERS.append(str(folder))
    section.ui.folderButton.click()
    told = wait(host, section)
    assert told.startswith("Nothing was installed.")
    assert "lacks wheels of: jsonschema>=4.17, because jsonschema-99.0-cp39-cp39-win_amd64.whl" in told
    assert told.endswith('python -m pip download "safetensors>=0.4" "jsonschema>=4.17" --dest wheels')
    assert asked.questions == []

    wheel(folder, "jsonschema", needs=("nowhere>=2", 'other; platform_system == "Nothing"'))
    ANSWERS.append(str(folder))
    section.ui.folderButton.click()
    assert "lacks wheels of: nowhere>=2 (needed by jsonschema).\n" in wait(host, section)

    wheel(folder, "nowhere", "2.1")
    clock = EventLoopWatch()
    ANSWERS.append(str(folder))
    section.ui.folderButton.click()
    told = wait(host, section)
    assert clock.stop() < 0.1
    assert len(asked.questions) == 1
    assert f"MB of wheels, from {folder}. Nothing is downloaded." in asked.questions[0]
    assert sorted(one.name for one in site.glob("*") if "." not in one.name) == [
        "jsonschema",
        "nowhere",
        "safetensors",
    ]
    assert told.startswith("Installed: safetensors")
    assert section.ui.summaryLabel.text == "Nothing is missing."
    assert "Successfully installed" in section.ui.logText.toPlainText()


def test_a_folder_that_cannot_be_read_or_holds_damage(
    host: Any, set_up: Any, lacks: Any, asked: Asked, tmp_path: Path
) -> None:
    lacks("safetensors")
    section = show(set_up)
    ANSWERS.append(str(tmp_path / "nowhere"))
    section.ui.folderButton.click()
    assert wait(host, section).endswith("choose the folder that holds the wheels.")
    path = wheel(tmp_path / "wheels", "safetensors")
    path.write_bytes(path.read_bytes()[:200])
    ANSWERS.append(str(path.parent))
    section.ui.folderButton.click()
    assert wait(host, section) == f"{path.name} is not a whole wheel; copy it again."
    ANSWERS.append("")  # Cancel
    section.ui.folderButton.click()
    assert section.work is None
    assert asked.questions == []


def test_a_place_that_cannot_be_written_is_named(
    host: Any, set_up: Any, lacks: Any, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacks("safetensors")
    section = show(set_up)
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "a-file" / "site"))
    folder = wheel(tmp_path / "wheels", "safetensors").parent
    ANSWERS.append(str(folder))
    section.ui.folderButton.click()
    assert wait(host, section).startswith(f"The packages could not be written for {sys.executable}")
    assert section.ui.installButton.enabled


def test_an_index_without_the_package_is_named(
    host: Any, set_up: Any, lacks: Any, asked: Asked
) -> None:
    lacks("safetensors")
    section = show(set_up)
    section.ui.installButton.click()
    assert wait(host, section).startswith("Nothing that fits this computer was found for safetensors>=0.4")
    assert "No matching distribution" in section.ui.logText.toPlainText()


def test_a_cancelled_install_says_what_stays_and_leaves_no_process(
    host: Any, set_up: Any, lacks: Any, asked: Asked, tmp_path: Path
) -> None:
    lacks("safetensors")
    section = show(set_up)
    before = traces()
    section.ui.installButton.click()
    assert section.ui.actionsFrame.enabled is False
    section.ui.cancelButton.click()
    assert wait(host, section).startswith("Cancelled. What pip had finished by then stays")
    host.process_events(lambda: traces() <= before, 10)
    assert section.ui.progressBar.isHidden()


@pytest.mark.parametrize("interruption", ["reload", "quit", "other module", "scene closed"])
def test_interruptions_leave_nothing_behind(
    host: Any, set_up: Any, lacks: Any, asked: Asked, interruption: str
) -> None:
    lacks("safetensors")
    section = show(set_up)
    before = traces()
    section.ui.installButton.click()
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 30)
    if interruption == "reload":
        set_up.widget.onReload()
    elif interruption == "quit":
        host.finish()
    elif interruption == "other module":
        host.select_module("Volumes")
        assert wait(host, section)
    else:
        host.close_scene()
        assert wait(host, section)
    host.process_events(lambda: traces() <= before, 10)


def test_no_code_can_be_named_by_a_job(set_up: Any) -> None:
    from LiverCoreLib.jobs import JobRunner

    job = JobRunner().start("install-packages", {"modules": ["evil==1.0"], "folder": None})
    with pytest.raises(Exception, match="none of the packages") as caught:
        job.wait(60)
    assert caught.value.id == "unknown-package"


def test_torch_is_installed_as_the_extension_pytorch_does_it() -> None:
    from LiverCoreLib.package_install import offline_steps, online_steps

    torch, safetensors = package_list.package("torch"), package_list.package("safetensors")
    assert online_steps([torch, safetensors]) == [
        ["-m", "pip", "install", "safetensors>=0.4"],
        ["-m", "pip", "install", "light-the-torch>=0.5"],
        ["-m", "light_the_torch", "install", "torch>=2.2", "torchvision"],
    ]
    (step,) = offline_steps([torch], "/wheels")
    assert step == ["-m", "pip", "install", "--no-index", "--find-links", "/wheels", "torch>=2.2"]
