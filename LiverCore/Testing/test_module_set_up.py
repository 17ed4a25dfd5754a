"""The module as a whole: its self-test, its scripts, the way to it, and twenty random interruptions."""

from __future__ import annotations

import random
import re
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from panel_traces import traces
from setup_driving import MODULE, wait, zipped


@pytest.mark.slow
def test_the_self_test_passes(host: Any, set_up: Any) -> None:
    import slicer

    slicer.selfTests["LiverCore"]()


@pytest.mark.slow
def test_the_documented_example_runs(host: Any, set_up: Any, capsys: pytest.CaptureFixture) -> None:
    text = textwrap.dedent(type(set_up.logic).__doc__.partition("::\n")[2])
    exec(compile(text, "example", "exec"), {})
    printed = capsys.readouterr().out
    assert "unet3d-ct 0." in printed
    assert "'unet3d-ct' " in printed
    assert " is whole; its output differs " in printed
    assert "Synthetic abdomen" in printed


def test_scripts_install_export_and_remove_models(
    host: Any, set_up: Any, bundle_folder: Path, tmp_path: Path
) -> None:
    logic = set_up.logic
    assert logic.installModel(str(zipped(bundle_folder, tmp_path / "a.zip")))["id"] == "tiny-ct"
    assert logic.exportModel("tiny-ct", str(tmp_path / "out.zip"))["bytes"] > 500
    (model,) = [one for one in logic.installed()[0] if one.id == "tiny-ct"]
    assert logic.isRemovable(model)
    logic.removeModel("tiny-ct")
    with pytest.raises(Exception, match="not among the models that you installed") as caught:
        logic.removeModel("unet3d-ct")
    assert caught.value.id == "model-not-removable"


def test_other_panels_find_the_way_here(host: Any, set_up: Any) -> None:
    import slicer

    from LiverCoreScene.setup_open import open_set_up

    assert set_up.source.LiverCore is not None
    assert slicer.modules.livercore.title == "Liver Set-up"
    host.select_module("Volumes")
    open_set_up()
    assert slicer.util.selectedModule() == "LiverCore"


def test_the_panel_fits_its_usual_widths(host: Any, set_up: Any) -> None:
    from slicerhost.screenshot import overflow

    assert overflow(set_up.panel, 400) == 0


def test_every_stage_of_the_worker_has_words_in_the_users_language(host: Any, set_up: Any) -> None:
    from LiverCoreScene.setup_texts import known_stages

    core, root = MODULE.parent / "LiverCoreLib", MODULE.parents[1]
    names = ("background_work", "model_job", "download", "package_install")
    files = [core / f"{name}.py" for name in names]
    files.append(root / "LiverSegmentCNN" / "LiverSegmentCNNLib" / "device_test.py")
    files.append(root / "LiverStandardize" / "LiverStandardizeLib" / "simulation" / "job.py")
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    said = set(re.findall(r'(?:progress|report)\((?:[^",]*, )?"([^"]+)"\)', text))
    assert len(said) > 10
    assert said <= set(known_stages())


@pytest.mark.slow
def test_twenty_random_interruptions(host: Any, set_up: Any) -> None:
    import slicer

    chance, before = random.Random(5), traces()
    for _ in range(20):
        widget = set_up.widget
        begin = chance.choice([widget.sample.ui.abdomenButton, widget.models.ui.verifyButton])
        section = widget.sample if begin is widget.sample.ui.abdomenButton else widget.models
        begin.click()
        until = time.monotonic() + chance.uniform(0, 1.0)
        host.process_events(lambda: time.monotonic() > until, 30)  # noqa: B023 - called at once
        interruption = chance.choice(["cancel", "close", "reload", "leave"])
        if interruption == "reload":
            widget.onReload()
        elif interruption == "close":
            host.close_scene()
        elif interruption == "leave":
            host.select_module("Volumes")
        if interruption != "reload":
            section.cancel("")
            wait(host, section)
        host.process_events(lambda: traces() <= before, 10)
        host.select_module("LiverCore")
        host.close_scene()
        assert slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") == []
