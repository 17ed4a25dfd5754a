"""The worker's tasks behind Liver Set-up, without a desktop."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from setup_driving import wheel

from LiverCoreLib import package_list, registry
from LiverCoreLib.errors import Cancelled
from LiverCoreLib.job_errors import JobError
from LiverCoreLib.jobs import Job, JobCallbacks, JobRunner
from LiverCoreLib.model_error import ModelError
from LiverCoreLib.wheel_folder import WheelFolderError, look


def lacking(folder: Path, *requirements: str) -> list[str]:
    return [one.requirement for one in look(folder, requirements)[0]]


def test_the_newest_fitting_wheel_is_used_and_what_it_needs_is_looked_for(tmp_path: Path) -> None:
    here = f"cp{sys.version_info.major}{sys.version_info.minor}"
    wheel(tmp_path, "alpha", "1.0", needs=("old-need",))
    wheel(tmp_path, "alpha", "1.9", needs=("beta_x>=2", 'never; python_version < "3"', 'more; extra == "x"'))
    wheel(tmp_path, "alpha", "1.10", needs=("Beta.X>=2",))
    wheel(tmp_path, "alpha", "3.0", tag="cp27-cp27mu-win32", needs=("other",))
    assert lacking(tmp_path, "alpha>=1") == ["Beta.X>=2"]
    assert lacking(tmp_path, "alpha[x]<1.10") == ["beta_x>=2", "more"]
    assert lacking(tmp_path, "alpha>=2") == ["alpha>=2"]
    wheel(tmp_path, "beta_x", "2.5", tag=f"{here}-none-any", needs=("alpha",))  # a circle ends
    found, used = look(tmp_path, ["alpha>=1"])
    assert found == []
    assert [path.name.partition("-py")[0] for path in used][0] == "alpha-1.10"
    assert len(used) == 2


def test_what_is_installed_is_not_asked_of_the_folder(tmp_path: Path) -> None:
    wheel(tmp_path, "alpha", "1.0", needs=("numpy>=1", "pytest>=9999"))
    assert lacking(tmp_path, "alpha") == ["pytest>=9999"]


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all" * 50])
def test_a_damaged_wheel_is_named(tmp_path: Path, content: bytes) -> None:
    wheel(tmp_path, "alpha", "1.0").write_bytes(content)
    with pytest.raises(WheelFolderError, match="alpha-1.0-py3-none-any.whl is not a whole wheel") as caught:
        look(tmp_path, ["alpha"])
    assert caught.value.id == "damaged-wheel"


def test_names_that_are_no_wheels_are_passed_over(tmp_path: Path) -> None:
    for name in ("alpha.whl", "alpha-x-y.whl", "readme.txt"):
        (tmp_path / name).write_text("")
    assert lacking(tmp_path, "alpha") == ["alpha"]
    with pytest.raises(WheelFolderError, match="choose the folder that holds the wheels"):
        look(tmp_path / "nowhere", ["alpha"])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip installs to, instead of the Python that runs the tests; without a network."""
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "site"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return tmp_path / "site"


def install(folder: Path | None, *modules: str) -> Job:
    arguments = {"modules": list(modules), "folder": None if folder is None else str(folder)}
    return JobRunner().start("install-packages", arguments)


@pytest.mark.slow
def test_pip_installs_from_a_folder_and_says_what_it_does(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces"
    wheel(folder, "safetensors")
    assert install(folder, "safetensors").wait(120) == {"modules": ["safetensors"]}
    assert (site / "safetensors" / "__init__.py").is_file()


def test_pips_failures_have_ids_of_their_own(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(JobError) as missing:
        install(tmp_path, "safetensors").wait(120)
    assert missing.value.id == "package-not-found"
    assert "No matching distribution" in missing.value.details["log"]
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody answers there
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(JobError) as unreachable:
        install(None, "safetensors").wait(120)
    assert unreachable.value.id == "no-connection"


def test_a_cancelled_installation_ends_within_two_seconds(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "9")  # pip waits between them
    said: list[str] = []
    callbacks = JobCallbacks(progress=lambda fraction, message: said.append(message))
    arguments = {"modules": ["safetensors"], "folder": None}
    job = JobRunner().start("install-packages", arguments, callbacks)
    while not any("Retrying" in line for line in said) and not job.poll():
        time.sleep(0.05)
    began = time.monotonic()
    job.cancel()
    with pytest.raises(Cancelled):
        job.wait(30)
    assert time.monotonic() - began < 2.5


def test_every_package_is_a_dependency_that_is_declared() -> None:
    from project_file import PYPROJECT

    project = PYPROJECT["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["report"]]
    assert {one.requirement for one in package_list.PACKAGES} <= set(declared)
    with pytest.raises(KeyError):
        package_list.package("evil")


def test_only_the_users_models_can_be_removed(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    model = registry.install_model(bundle_folder)
    assert registry.is_removable(model)
    assert registry.remove_model("tiny-ct") == model.path
    assert list(model.path.parent.iterdir()) == []
    for model_id in ("tiny-ct", "unet3d-ct"):
        with pytest.raises(ModelError, match="not among the models that you installed") as caught:
            registry.remove_model(model_id)
        assert caught.value.id == "model-not-removable"
    shipped = next(one for one in registry.list_models() if one.id == "unet3d-ct")
    assert not registry.is_removable(shipped)


def test_the_devices_of_this_machine() -> None:
    from LiverCoreLib.devices import list_devices

    first: Any = list_devices()[0]
    assert first.device == "cpu"
    assert "core" in first.name
    assert first.problem is None


@pytest.mark.parametrize("uri", ["file:///etc/hosts", "ftp://somewhere/x", "livercnn:x"])
def test_only_the_web_is_downloaded_from(tmp_path: Path, uri: str) -> None:
    from LiverCoreLib.download import DownloadError, run

    with pytest.raises(DownloadError, match="is no address on the web"):
        run({"uri": uri, "path": str(tmp_path / "x"), "sha256": "0"}, tmp_path, lambda *_: None)
    assert list(tmp_path.iterdir()) == []
