"""``livercnn standardize`` and what the worker runs: files in, files out, all or none of them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from standardizer_bundles import write_shift_bundle
from standardizer_scans import liver_mask, scan

import livercnn
from LiverCoreLib.errors import Cancelled
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverCoreLib.request import RequestError
from LiverStandardizeLib import BackgroundStandardization, StandardizeOptions, StandardizeRequest
from LiverStandardizeLib.protocol.detect import protocol_of_headers
from LiverStandardizeLib.standardize_job import run

SHIFT_HU = 20


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    return write_shift_bundle(tmp_path_factory.mktemp("model") / "bundle", shift_hu=SHIFT_HU).path


@pytest.fixture
def files(tmp_path, bundle):
    """A folder with ct.nrrd, and the arguments that every call here shares."""
    sitk.WriteImage(scan(), str(tmp_path / "ct.nrrd"))
    return tmp_path, ["--model", str(bundle), "--threads", "1", "--device", "cpu"]


def standardize(folder: Path, output: str, *options: str) -> int:
    return livercnn.main(["standardize", str(folder / "ct.nrrd"), str(folder / output), *options])


@pytest.mark.parametrize("name", ["out.nrrd", "out.nii.gz", "out.mha"])
def test_a_file_in_and_a_file_out(files, capsys, name) -> None:
    folder, options = files
    assert standardize(folder, name, *options, "--protocol", "M40") == 0
    result, image = sitk.ReadImage(str(folder / name)), scan()
    assert result.GetPixelID() == sitk.sitkInt16
    assert result.GetSize() == image.GetSize()
    np.testing.assert_allclose(result.GetOrigin(), image.GetOrigin(), atol=1e-4)
    before, after = sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(result)
    inside = (before > -200) & (before < 600)
    assert (after[inside] == before[inside] + SHIFT_HU).all()
    said = capsys.readouterr().out
    assert "Protocol: M40 (given by the user), standardized to M80" in said
    assert f"Wrote {folder / name}." in said


def test_reports_of_all_kinds(files) -> None:
    folder, options = files
    sitk.WriteImage(liver_mask(scan()), str(folder / "liver.nrrd"))
    sitk.WriteImage(scan(seed=1), str(folder / "target.nrrd"))
    names = ("r.json", "r.html", "r.png")
    reports = [word for name in names for word in ("--report", str(folder / name))]
    others = ["--mask", str(folder / "liver.nrrd"), "--target", str(folder / "target.nrrd")]
    assert standardize(folder, "out.nrrd", *options, "--protocol", "M40", *others, *reports) == 0
    report = json.loads((folder / "r.json").read_text())
    assert report["target_protocol"] == "M80"
    assert len(report["input"]["sha256"]) == 64
    assert report["provenance"]["model"]["id"] == "standardizer-shift"
    assert report["timings_s"]["total"] >= report["timings_s"]["network"]
    regions = {region["name"]: region for region in report["quality"]["regions"]}
    assert regions["liver"]["hu_after"] == pytest.approx(regions["liver"]["hu_before"] + SHIFT_HU, abs=1)
    assert regions["liver"]["bias_hu"] == pytest.approx(SHIFT_HU, abs=3)
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert "Liver (mask)" in page
    assert "data:image/png;base64," in page
    assert "http" not in page.split("</style>")[1]
    assert (folder / "r.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_is_overwritten_unasked(files, capsys) -> None:
    folder, options = files
    before = (folder / "ct.nrrd").read_bytes()
    assert standardize(folder, "ct.nrrd", *options, "--overwrite") == 2
    assert "[same-file]" in capsys.readouterr().err
    (folder / "out.nrrd").write_text("mine")
    assert standardize(folder, "out.nrrd", *options, "--protocol", "M40") == 2
    assert "[output-exists]" in capsys.readouterr().err
    assert (folder / "out.nrrd").read_text() == "mine"
    assert standardize(folder, "out.nrrd", *options, "--protocol", "M40", "--overwrite") == 0
    assert (folder / "ct.nrrd").read_bytes() == before


def test_wrong_input_writes_nothing(files, capsys) -> None:
    folder, options = files
    sitk.WriteImage(scan(size=(64, 80, 8)), str(folder / "other.nrrd"))
    report = ["--report", str(folder / "r.json")]
    assert standardize(folder, "out.nrrd", *options, *report, "--target", str(folder / "other.nrrd")) == 2
    assert "[other-lattice]" in capsys.readouterr().err
    assert standardize(folder, "out.nrrd", *options, "--protocol", "M70") == 2
    assert "[unknown-protocol]" in capsys.readouterr().err
    assert standardize(folder, "out.txt", *options) == 2
    assert "[unsupported-output-format]" in capsys.readouterr().err
    (folder / "ct.json").write_text(
        json.dumps({"ImageType": ["DERIVED", "SECONDARY", "AXIAL", "MAT_SPECIFIC"]})
    )
    assert standardize(folder, "out.nrrd", *options) == 2
    assert "[derived-map]" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["ct.json", "ct.nrrd", "other.nrrd"]


def test_headers_beside_the_file_say_the_protocol(files, capsys) -> None:
    folder, options = files
    (folder / "ct.json").write_text(json.dumps({"SeriesDescription": "Monoenergetic Plus 80 keV"}))
    assert standardize(folder, "out.nrrd", *options) == 0
    assert "passed through" in capsys.readouterr().out
    same = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "out.nrrd")))
    np.testing.assert_array_equal(same, sitk.GetArrayFromImage(scan()))


def test_a_request_with_unknown_or_missing_parts() -> None:
    with pytest.raises(RequestError, match="colour"):
        StandardizeRequest.from_dict({"input": "a", "output": "b", "colour": 1})
    with pytest.raises(RequestError, match="input"):
        StandardizeRequest.from_dict({"output": "b"})


def test_cancelling_leaves_nothing(files, bundle) -> None:
    folder, _ = files

    def progress(fraction: float, message: str) -> None:
        if "slice" in message:
            raise Cancelled()

    request = {"input": str(folder / "ct.nrrd"), "output": str(folder / "out.nrrd"), "model": str(bundle)}
    with pytest.raises(Cancelled):
        run({**request, "protocol": "M40"}, folder, progress)
    assert [path.name for path in folder.iterdir()] == ["ct.nrrd"]


@pytest.mark.slow
def test_in_the_background(tmp_path, bundle) -> None:
    image, queue = scan(), JobQueue(JobRunner())
    options = StandardizeOptions(model=str(bundle), device="cpu", threads=1)
    headers = protocol_of_headers({"SeriesDescription": "Monoenergetic Plus 40 keV"})
    work = BackgroundStandardization(image, options, queue, tmp_path, detection=headers)
    result = work.wait()
    before = sitk.GetArrayFromImage(image)
    inside = (before > -200) & (before < 600)
    assert (result.values[inside] == before[inside] + SHIFT_HU).all()
    assert result.report["protocol"] == "M40"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_cancelling_in_the_background(tmp_path, bundle) -> None:
    work = BackgroundStandardization(
        scan((256, 256, 60)), StandardizeOptions(model=str(bundle), device="cpu", threads=1, protocol="M40"),
        JobQueue(JobRunner()), tmp_path,
    )  # fmt: skip
    while "slice" not in work.message and not work.poll():
        time.sleep(0.01)
    began = time.monotonic()
    work.cancel()
    while not work.poll():
        time.sleep(0.01)
    assert time.monotonic() - began < 5.0  # 2 s, as test_background_work.py holds, where nothing else runs
    with pytest.raises(Cancelled):
        work.outcome()
