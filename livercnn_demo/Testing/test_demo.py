"""The demonstration end to end, with a stand-in for the model."""

from __future__ import annotations

import json
import os
import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
import SimpleITK as sitk

import livercnn
from livercnn_demo.demo import DemoError, DemoRequest, run_demo
from LiverCoreLib.errors import Cancelled
from LiverCoreLib.masks import read_mask

SCAN_FILES = {
    "axial.png",
    "coronal-sagittal.png",
    "ct.nii.gz",
    "liver.seg.nrrd",
    "report.html",
    "report.json",
}
PHANTOM_FILES = {
    "axial.png",
    "coronal-sagittal.png",
    "protocols",
    "protocols.png",
    "report.html",
    "report.json",
}
PROTOCOLS = ("FBP", "IR", "OPT", "M40", "M60", "M80")


class Page(HTMLParser):
    """Text of a page, and whatever it asks for from outside."""

    def __init__(self, source):
        super().__init__()
        self.words, self.sources = [], []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.sources += [value for name, value in attributes if name in ("src", "href", "action")]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(self.words)


@pytest.fixture
def ct_file(tmp_path, abdomen):
    path = tmp_path / "scan.nii.gz"
    sitk.WriteImage(abdomen.images["M60"], str(path))
    return path


def test_the_phantom_is_segmented_drawn_and_measured(tmp_path, stand_in, capsys):
    out = tmp_path / "a" / "demo"
    assert livercnn.main(["demo", "--out", str(out), "--threads", "1"]) == 0
    assert {path.name for path in out.iterdir()} == PHANTOM_FILES
    assert [path.name for path in out.parent.iterdir()] == ["demo"]
    report = json.loads((out / "report.json").read_text())
    assert report["agreement"]["dice"] > 0.6
    assert (report["input"]["kind"], report["input"]["protocol"]) == ("phantom", "M80")
    assert report["provenance"]["model"]["id"] == "stand-in"
    mask = read_mask(out / "protocols" / "liver_M80.seg.nrrd")
    counted = sitk.GetArrayViewFromImage(mask).sum() * np.prod(report["input"]["spacing_mm"]) / 1000
    assert report["volume_ml"] == pytest.approx(counted)
    printed = capsys.readouterr().out
    assert f"{report['volume_ml']:.0f} mL" in printed
    for name in report["files"]:
        assert (out / name).is_file()
        assert str(out / name) in printed


def test_every_protocol_is_detected_segmented_and_compared(tmp_path, stand_in, abdomen):
    result = run_demo(DemoRequest(tmp_path / "demo", threads=1))
    report = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert [one["protocol"] for one in report["protocols"]] == list(PROTOCOLS)
    assert [one["detection"]["protocol"] for one in report["protocols"]] == list(PROTOCOLS)
    assert report["protocols"][5]["agreement"] == report["agreement"]
    volumes = {one["agreement"]["volume_reference_ml"] for one in report["protocols"]}
    assert len(volumes) == 1
    page = Page((tmp_path / "demo" / "report.html").read_text(encoding="utf-8")).text
    for one in result.protocols:
        folder = tmp_path / "demo" / "protocols"
        image = sitk.ReadImage(str(folder / f"phantom-0_{one.protocol}.nii.gz"))
        assert sitk.Hash(image) == sitk.Hash(abdomen.images[one.protocol])
        assert sitk.Hash(read_mask(folder / f"liver_{one.protocol}.seg.nrrd")) == sitk.Hash(
            one.segmentation.mask
        )
        assert f"{one.liver_hu:.0f} HU" in page
        assert f"{one.agreement.dice:.3f}" in page
        for warning in one.segmentation.warnings:
            assert warning in result.warnings or f"{one.protocol}: {warning}" in result.warnings


def test_what_a_standardizer_makes_is_shown_beside_its_input(
    tmp_path, stand_in, abdomen, monkeypatch, capsys
):
    from standardizer_bundles import write_shift_bundle

    from livercnn_demo import protocols
    from LiverStandardizeLib import load_standardizer

    write_shift_bundle(tmp_path / "bundle", shift_hu=20.0)
    monkeypatch.setattr(protocols, "default_standardizer", lambda: load_standardizer(tmp_path / "bundle"))
    out = tmp_path / "demo"
    assert livercnn.main(["demo", "--out", str(out), "--threads", "1"]) == 0
    report = json.loads((out / "report.json").read_text())
    original = {one["protocol"]: one["liver_hu"] for one in report["protocols"]}
    for one in report["standardized"]:
        assert one["standardized"]["target_protocol"] == "M80"
        assert one["liver_hu"] == pytest.approx(original[one["protocol"]] + 20, abs=1.5)
        assert (out / "protocols" / f"liver_{one['protocol']}_standardized.seg.nrrd").is_file()
        assert (out / "protocols" / f"phantom-0_{one['protocol']}_standardized.nii.gz").is_file()
    assert [one["protocol"] for one in report["standardized"]] == ["M40", "FBP"]
    assert (out / "standardized.png").is_file()
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert len(page.sources) == 4
    assert "M40, standardized" in page.text
    assert "standardized.png" in capsys.readouterr().out


def test_the_page_is_self_contained_small_and_escaped(tmp_path, stand_in):
    result = run_demo(DemoRequest(tmp_path / "demo", threads=1))
    source = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    page = Page(source)
    assert len(source) < 1_500_000
    assert len(page.sources) == 3
    assert all(target.startswith("data:image/jpeg;base64,") for target in page.sources)
    assert "@import" not in source
    assert "url(" not in source
    for words in (
        "research use only",
        f"{result.segmentation.volume_ml:.0f} mL",
        f"{result.agreement.dice:.3f}",
        "HD95",
        "Mean surface distance",
        "postprocessing",
        "<none> & nothing",
        "Stand-in for tests",
    ):
        assert words in page.text, words
    for warning in result.warnings:
        assert warning in page.text


def test_a_scan_has_no_agreement_and_no_labels(tmp_path, stand_in, ct_file):
    out = tmp_path / "demo"
    assert livercnn.main(["demo", "--ct", str(ct_file), "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == SCAN_FILES
    report = json.loads((out / "report.json").read_text())
    assert report["agreement"] is None
    assert report["protocols"] == report["standardized"] == []
    assert re.fullmatch("[0-9a-f]{64}", report["input"]["sha256"])
    assert "exact label" not in Page((out / "report.html").read_text(encoding="utf-8")).text


def test_an_earlier_demonstration_is_replaced_and_other_files_stay(tmp_path, stand_in, ct_file):
    out = tmp_path / "demo"
    out.mkdir()
    (out / "report.json").write_text("old")
    (out / "notes.txt").write_text("mine")
    run_demo(DemoRequest(out, ct=str(ct_file), threads=1))
    assert json.loads((out / "report.json").read_text())["schema_version"] == 2
    assert (out / "notes.txt").read_text() == "mine"


def test_progress_only_grows_and_ends_at_one(tmp_path, stand_in):
    seen = []
    run_demo(
        DemoRequest(tmp_path / "demo", threads=1), lambda fraction, message: seen.append((fraction, message))
    )
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert all(message for _, message in seen)


@pytest.mark.parametrize("stop_at", ["loading", "ready", "segmenting", "drawing", "report"])
def test_cancelling_leaves_nothing(tmp_path, stand_in, stop_at):
    def progress(fraction, message):
        if stop_at in message:
            raise Cancelled()

    with pytest.raises(Cancelled):
        run_demo(DemoRequest(tmp_path / "demo", threads=1), progress)
    assert list(tmp_path.iterdir()) == []


def test_no_liver_is_a_warning_and_not_a_failure(tmp_path, stand_in, monkeypatch):
    from stand_in_model import stand_in_model

    import LiverSegmentCNNLib

    monkeypatch.setattr(LiverSegmentCNNLib, "load_model", lambda name=None: stand_in_model((3000.0, 3001.0)))
    result = run_demo(DemoRequest(tmp_path / "demo", threads=1))
    assert result.segmentation.volume_ml == 0
    assert result.agreement.dice == 0
    report = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert report["agreement"]["hd95_mm"] == "Infinity"
    assert any("No liver was found" in warning for warning in report["warnings"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"series": "3"}, "--ct"),
        ({"ct": "x.nii.gz", "seed": 1}, "--seed or --ct"),
        ({"seed": -1}, "0 or more"),
    ],
)
def test_options_that_contradict_each_other_are_refused(tmp_path, arguments, message):
    with pytest.raises(DemoError, match=message):
        run_demo(DemoRequest(tmp_path / "demo", **arguments))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_scan_is_one_line_and_exit_code_2(tmp_path, stand_in, capsys):
    out = tmp_path / "demo"
    assert livercnn.main(["demo", "--ct", str(tmp_path / "no.nii.gz"), "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "does not exist" in captured.err
    assert "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path, stand_in, capsys):
    blocked = tmp_path / "taken"
    blocked.write_text("mine")
    for out in (blocked, blocked / "demo"):
        assert livercnn.main(["demo", "--out", str(out)]) == 2
        assert "file" in capsys.readouterr().err
    assert blocked.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [blocked]


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="needs a user who can be kept out of a folder",
)
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, stand_in, capsys):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert livercnn.main(["demo", "--out", str(locked / "demo")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs a folder that nobody can write into")
def test_a_file_system_that_cannot_be_written_is_one_line(stand_in, capsys):
    assert livercnn.main(["demo", "--out", "/proc/livercnn-demo"]) == 2
    captured = capsys.readouterr().err
    assert "cannot be written" in captured
    assert captured.count("\n") == 1


def test_a_full_disk_names_the_folder_that_was_asked_for(tmp_path, stand_in, monkeypatch):
    import errno

    from LiverCoreLib import masks
    from LiverCoreLib.output import OutputError, atomic_path

    def no_space(mask, path, **_):
        with atomic_path(path):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(masks, "write_mask", no_space)
    out = tmp_path / "demo"
    with pytest.raises(OutputError) as caught:
        run_demo(DemoRequest(out, threads=1))
    assert caught.value.id == "disk-full"
    assert str(out / "protocols" / "liver_FBP.seg.nrrd") in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_without_a_model_it_says_so_at_once(tmp_path, monkeypatch, capsys):
    assert livercnn.main(["demo", "--model", "no-such-model", "--out", str(tmp_path / "demo")]) == 2
    assert "no-such-model" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
