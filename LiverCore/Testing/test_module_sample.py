"""Sample data and the device test: made here, or downloaded after a question; landed as a CT."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_traces import traces
from setup_driving import wait

SERVED = "/CTLiver.nrrd"


@pytest.fixture
def sample(set_up: Any) -> Any:
    """The section Sample data."""
    return set_up.widget.sample


@pytest.fixture
def served(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Slicer's CTLiver, on a server of this machine; ``served.content`` is what it sends."""
    import SampleData
    import slicer

    path = tmp_path / "served.nrrd"
    ramp = np.arange(20 * 24 * 28, dtype=np.int16).reshape(20, 24, 28) - 1000
    sitk.WriteImage(sitk.GetImageFromArray(ramp), str(path), useCompression=True)

    class Answer(http.server.BaseHTTPRequestHandler):
        content, requests = path.read_bytes(), 0

        def do_GET(self) -> None:
            Answer.requests += 1
            found = self.path == SERVED
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(Answer.content)))
            self.end_headers()
            self.wfile.write(Answer.content if found else b"")

        def log_message(self, *args: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    source = SampleData.SampleDataLogic().sourceForSampleName("CTLiver")
    monkeypatch.setattr(source, "uris", [f"http://127.0.0.1:{server.server_port}{SERVED}"])
    monkeypatch.setattr(source, "checksums", [f"SHA256:{hashlib.sha256(Answer.content).hexdigest()}"])
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    cached = Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()) / "CTLiver.nrrd"
    cached.unlink(missing_ok=True)
    yield Answer
    cached.unlink(missing_ok=True)
    server.shutdown()
    server.server_close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, host: Any) -> list:
    """The questions asked; the answer is Yes unless the list starts with False."""
    import slicer

    questions: list = []

    def ask(text: str, windowTitle: str | None = None, **options: Any) -> bool:  # noqa: N803
        questions.append(text)
        return questions[0] is not False

    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", ask)
    return questions


def volumes() -> list[str]:
    import slicer

    return [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")]


@pytest.mark.slow
def test_the_synthetic_abdomen_lands_as_a_ct(host: Any, sample: Any) -> None:
    import slicer

    from LiverCoreScene.volumes import modality_of
    from LiverStandardizeLib.simulation import make_abdomen

    red = slicer.app.layoutManager().sliceWidget("Red").sliceLogic().GetSliceCompositeNode()
    before, clock = traces(), EventLoopWatch()
    sample.ui.abdomenButton.click()
    assert sample.ui.actionsFrame.enabled is False
    told = wait(host, sample)
    assert clock.stop() < 0.1
    assert told == "Loaded: Synthetic abdomen. It is shown in the slice views."
    node = slicer.util.getNode("Synthetic abdomen")
    assert modality_of(node) == "CT"
    expected = make_abdomen(0).image
    assert (slicer.util.arrayFromVolume(node) == sitk.GetArrayFromImage(expected)).all()
    assert node.GetSpacing() == pytest.approx(expected.GetSpacing())
    assert red.GetBackgroundVolumeID() == node.GetID()
    assert sample.parameters.sample_volume is node
    host.process_events(lambda: traces() <= before, 10)


def test_slicers_sample_is_asked_for_once_checked_and_kept(
    host: Any, sample: Any, served: Any, asked: list
) -> None:
    import slicer

    sample.ui.liverButton.click()
    assert wait(host, sample) == "Loaded: CTLiver. It is shown in the slice views."
    (question,) = asked
    for part in ("CTLiver", "CC BY-SA 4.0", "http://127.0.0.1", "SHA-256", "does not state its size"):
        assert part in question
    values = slicer.util.arrayFromVolume(slicer.util.getNode("CTLiver"))
    assert values.shape == (20, 24, 28)
    sample.ui.liverButton.click()
    assert wait(host, sample).startswith("Loaded: CTLiver_1")
    assert (len(asked), served.requests) == (1, 1)  # the second time from the cache


def test_without_consent_nothing_is_requested(host: Any, sample: Any, served: Any, asked: list) -> None:
    asked.append(False)
    sample.ui.liverButton.click()
    assert (sample.work, served.requests, volumes()) == (None, 0, [])


def test_a_wrong_file_is_refused_and_not_kept(host: Any, sample: Any, served: Any, asked: list) -> None:
    import slicer

    served.content += b"!"
    sample.ui.liverButton.click()
    assert wait(host, sample).startswith("The file that came is not the right one")
    assert volumes() == []
    cache = Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory())
    assert [path.name for path in cache.iterdir() if path.name != ".slicer-cache"] == []


def test_a_server_that_does_not_have_it_is_told(
    host: Any, sample: Any, served: Any, asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    import SampleData

    source = SampleData.SampleDataLogic().sourceForSampleName("CTLiver")
    monkeypatch.setattr(source, "uris", [source.uris[0] + "x"])
    sample.ui.liverButton.click()
    assert wait(host, sample).startswith("The download did not work (Not Found)")


def test_a_slicer_without_the_sample_is_told(
    host: Any, sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    monkeypatch.delattr(slicer.modules, "sampledata")
    sample.ui.liverButton.click()
    assert wait(host, sample) == "This Slicer has no sample CTLiver; use the synthetic abdomen."


def test_sample_data_offers_the_synthetic_abdomen(host: Any, set_up: Any) -> None:
    import SampleData
    import slicer

    slicer.app.startupCompleted.emit()
    (source,) = SampleData.SampleDataLogic.sampleDataSourcesByCategory("LiverCNN")
    assert source.sampleName == "Synthetic abdomen"
    assert Path(source.thumbnailFileName).is_file()
    host.select_module("Volumes")
    source.customDownloader(source)
    assert slicer.util.selectedModule() == "LiverCore"
    section = set_up.widget.sample
    assert section.work is not None
    section.ui.cancelButton.click()
    assert wait(host, section) == "Cancelled."
    slicer.modules.sampleDataSources.pop("LiverCNN")


@pytest.mark.parametrize("interruption", ["cancel", "scene closed", "reload", "quit"])
def test_interruptions_leave_nothing_behind(
    host: Any, set_up: Any, sample: Any, interruption: str
) -> None:
    before = traces()
    sample.ui.abdomenButton.click()
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 30)
    if interruption == "cancel":
        sample.ui.cancelButton.click()
        assert wait(host, sample) == "Cancelled."
    elif interruption == "scene closed":
        host.close_scene()
        assert wait(host, sample) == "Cancelled, because the scene was closed."
    elif interruption == "reload":
        set_up.widget.onReload()
    else:
        host.finish()
    host.process_events(lambda: traces() <= before, 10)
    assert volumes() == []


@pytest.mark.slow
def test_the_device_test_says_what_was_chosen_and_how_fast_it_is(host: Any, set_up: Any) -> None:
    section, before, clock = set_up.widget.device, traces(), EventLoopWatch()
    section.ui.testButton.click()
    assert wait(host, section) == ""
    assert clock.stop() < 0.1
    text = section.ui.resultLabel.text
    for part in ("cpu: ", "Using the ", "96 x 96 x 50 voxels in ", "Loading PyTorch", "Memory at the most: "):
        assert part in text
    assert volumes() == []
    host.process_events(lambda: traces() <= before, 10)


def test_the_device_test_waits_for_a_segmentation(
    host: Any, set_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from LiverCoreLib.job_queue import JobQueue

    monkeypatch.setattr(JobQueue, "busy", True)
    section = set_up.widget.device
    section.start(lambda: section.logic.startDeviceTest(None), print)
    assert section.ui.statusLabel.text == "A segmentation is under way; test when it is done."


def test_without_packages_there_is_no_device_test(
    host: Any, set_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from LiverCoreScene import setup_device

    monkeypatch.setattr(setup_device, "missing_packages", lambda: ("PyTorch",))
    set_up.widget.enter()
    section = set_up.widget.device
    assert section.ui.reasonLabel.text == "Not installed: PyTorch. Install what is missing above."
    assert not section.ui.testButton.enabled
