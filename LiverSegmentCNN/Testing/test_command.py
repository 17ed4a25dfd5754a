"""`livercnn segment` and the worker's entry: files in, files out, and nothing left where it fails."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from bundle_factory import write_bright_bundle, write_random_bundle
from synthetic_ct import abdomen, dice, filled, lattice_image, liver_of, mask_array

import livercnn
from LiverCoreLib.errors import Cancelled
from LiverCoreLib.masks import list_segments, read_mask
from LiverCoreLib.output import OutputError
from LiverCoreLib.request import RequestError
from LiverSegmentCNNLib import job
from LiverSegmentCNNLib.job import SegmentRequest, segment_file


@pytest.fixture(scope="module")
def scan() -> sitk.Image:
    return abdomen((80, 64, 44), (4.0, 4.0, 4.0))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "bright-ct"
    write_bright_bundle(folder, spacing_mm=[4.0, 4.0, 4.0])
    return folder


@pytest.fixture(scope="module")
def ct(scan, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("input") / "ct.nii.gz"
    sitk.WriteImage(scan, str(path))
    return path


def command(*arguments) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `livercnn segment ...`, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = livercnn.main(["segment", *map(str, arguments)])
    return code, out.getvalue(), err.getvalue()


def refused(tmp_path: Path, *arguments) -> str:
    """The id of the error of a command that must fail with code 2, one line, and nothing written."""
    output = tmp_path / "results"
    output.mkdir(exist_ok=True)
    code, out, err = command(*arguments)
    assert code == 2, err
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("livercnn: error: ")
    assert "Traceback" not in err
    assert list(output.iterdir()) == []
    return err.rstrip("\n").rpartition("[")[2].rstrip("]")


# --- what it gives ----------------------------------------------------------------------------------------


def test_mask_probability_and_report(scan, ct, bundle, tmp_path):
    mask, probability, report = tmp_path / "liver.seg.nrrd", tmp_path / "p.nii.gz", tmp_path / "r.json"
    code, out, err = command(ct, mask, "--model", bundle, "--probability", probability, "--report", report)
    assert (code, err) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["liver.seg.nrrd", "p.nii.gz", "r.json"]

    written = read_mask(mask)
    assert dice(mask_array(written), liver_of(scan)) > 0.98
    (segment,) = list_segments(mask)
    assert segment.name == "liver"
    values = sitk.GetArrayFromImage(sitk.ReadImage(str(probability)))
    assert not (mask_array(written) & (values <= 0.5)).any()

    data = json.loads(report.read_text())
    assert data["volume_ml"] == pytest.approx(mask_array(written).sum() * 0.064)
    assert data["input"]["sha256"] == hashlib.sha256(ct.read_bytes()).hexdigest()
    assert data["provenance"]["model"]["id"] == "bright-ct"
    assert data["timings_s"]["total"] == pytest.approx(sum(
        seconds for name, seconds in data["timings_s"].items() if name != "total"), rel=0.2)  # fmt: skip
    assert f"Liver volume: {data['volume_ml']:.1f} mL" in out
    assert "Time: " in out


@pytest.mark.parametrize("suffix", [".seg.nrrd", ".nrrd", ".nii.gz", ".nii", ".mha"])
def test_mask_formats(ct, bundle, tmp_path, suffix):
    path = tmp_path / f"liver{suffix}"
    assert command(ct, path, "--model", bundle)[0] == 0
    assert mask_array(read_mask(path)).any()


def test_an_installed_model_by_id_and_the_default_one(ct, bundle, tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    shutil.copytree(bundle, tmp_path / "models" / "bright-ct")
    (tmp_path / "models" / "defaults.json").write_text('{"segment": {"CT": "bright-ct"}}')
    monkeypatch.setenv("LIVERCNN_MODELS", str(tmp_path / "models"))
    for options in (["--model", "bright-ct"], []):
        code, out, err = command(ct, tmp_path / "liver.nii.gz", *options)
        assert (code, err) == (0, "")
        assert "Model: bright-ct" in out


def test_options_reach_the_pipeline(ct, bundle, tmp_path):
    report = tmp_path / "r.json"
    options = ["--threshold", "0.7", "--no-postprocess", "--fast", "--threads", "1", "--device", "cpu"]
    code, out, _ = command(ct, tmp_path / "liver.mha", "--model", bundle, "--report", report, *options)
    assert code == 0
    data = json.loads(report.read_text())
    assert data["provenance"]["parameters"] == {
        "threshold": 0.7, "fast": True, "postprocess": False, "hu_offset": 0.0}  # fmt: skip
    assert data["provenance"]["device"]["threads"] == 1
    assert data["components"] is None
    assert any("fast option" in warning for warning in data["warnings"])
    assert "Warning: " in out


def test_an_existing_mask_is_replaced(ct, bundle, tmp_path):
    path = tmp_path / "liver.nii.gz"
    path.write_bytes(b"old")
    assert command(ct, path, "--model", bundle)[0] == 0
    assert mask_array(read_mask(path)).any()


def test_progress_as_json_lines(ct, bundle, tmp_path):
    _, out, _ = command(ct, tmp_path / "liver.mha", "--model", bundle, "--progress", "json")
    lines = [json.loads(line) for line in out.splitlines()]
    fractions = [line["fraction"] for line in lines if line["type"] == "progress"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert lines[-1]["type"] == "output"


def test_a_network_with_random_weights_runs_to_the_end(ct, tmp_path):
    config = {"widths": [4, 4], "folded_norm": True}
    write_random_bundle(tmp_path / "random", "unet3d", config, spacing_mm=[6.0, 6.0, 6.0])
    assert command(ct, tmp_path / "liver.mha", "--model", tmp_path / "random")[0] == 0


def test_the_worker_gets_a_report_and_writes_the_mask(ct, bundle, tmp_path):
    arguments = {"input": str(ct), "output": str(tmp_path / "liver.seg.nrrd"), "model": str(bundle)}
    report = job.run(arguments, tmp_path, lambda fraction, message: None)
    assert Path(report["output"]["mask"]) == tmp_path / "liver.seg.nrrd"
    assert mask_array(read_mask(report["output"]["mask"])).any()
    json.dumps(report, allow_nan=False)


def test_a_request_with_an_unknown_part_is_refused(tmp_path):
    with pytest.raises(RequestError, match="colour"):
        job.run({"input": "ct.nii.gz", "colour": "red"}, tmp_path, None)
    with pytest.raises(RequestError, match="input"):
        job.run({}, tmp_path, None)


# --- what it refuses: exit code 2, one plain line, nothing written -----------------------------------------


def write(folder: Path, name: str, image: sitk.Image) -> Path:
    path = folder / name
    sitk.WriteImage(image, str(path))
    return path


def magnetic_resonance(scan):
    return filled(scan, np.clip(sitk.GetArrayFromImage(scan) + 200, 0, 900))


def pixels(scan):
    return sitk.GetArrayFromImage(scan).astype(np.float32)


# ITK reads what is no number in a NIfTI file as 0, so the images are written as NRRD.
BAD_IMAGES = {
    "colour-image": lambda scan: sitk.Compose([sitk.Cast(scan, sitk.sitkUInt8)] * 3),
    "not-three-dimensional": lambda scan: sitk.JoinSeries([scan, scan]),
    "single-slice": lambda scan: scan[:, :, 20:21],
    "not-finite": lambda scan: filled(scan, np.full_like(pixels(scan), np.nan), np.float32),
    "not-ct": magnetic_resonance,
    "localizer": lambda scan: lattice_image((512, 700, 2), (1, 1, 5)),
    "constant-image": lambda scan: filled(scan, np.zeros_like(pixels(scan))),
}


@pytest.mark.parametrize("error_id", BAD_IMAGES)
def test_bad_images(scan, bundle, tmp_path, error_id):
    path = write(tmp_path, "ct.nrrd", BAD_IMAGES[error_id](scan))
    assert refused(tmp_path, path, tmp_path / "results/liver.nii.gz", "--model", bundle) == error_id


@pytest.mark.parametrize("error_id", sorted(set(BAD_IMAGES) - {"not-finite"}))
def test_bad_nifti_images(scan, bundle, tmp_path, error_id):
    path = write(tmp_path, "ct.nii.gz", BAD_IMAGES[error_id](scan))
    assert refused(tmp_path, path, tmp_path / "results/liver.nii.gz", "--model", bundle) == error_id


def test_a_nifti_file_of_nothing_but_nan(scan, bundle, tmp_path):
    path = write(tmp_path, "ct.nii.gz", BAD_IMAGES["not-finite"](scan))
    found = refused(tmp_path, path, tmp_path / "results/liver.nii.gz", "--model", bundle)
    assert found in ("not-finite", "constant-image")


def test_a_missing_file(bundle, tmp_path):
    found = refused(tmp_path, tmp_path / "no.nii.gz", tmp_path / "results/liver.nii.gz", "--model", bundle)
    assert found == "file-not-found"


def test_a_text_file_with_an_images_name(bundle, tmp_path):
    path = tmp_path / "ct.nii.gz"
    path.write_text("This is not a scan.\n" * 50)
    refused(tmp_path, path, tmp_path / "results/liver.nii.gz", "--model", bundle)


def spoiled(bundle: Path, folder: Path, change) -> Path:
    shutil.copytree(bundle, folder)
    weights = folder / "weights.safetensors"
    weights.write_bytes(change(weights.read_bytes()))
    return folder


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),  # same size, wrong checksum
        lambda content: content[: len(content) // 2],
        lambda content: b"\x80\x04\x95" + content[3:],  # a pickle
    ],
    ids=["wrong checksum", "truncated", "pickled"],
)
def test_damaged_weights(ct, bundle, tmp_path, change):
    model = spoiled(bundle, tmp_path / "spoiled", change)
    refused(tmp_path, ct, tmp_path / "results/liver.nii.gz", "--model", model)


def test_a_zip_that_climbs_out(ct, bundle, tmp_path):
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in bundle.iterdir():
            archive.write(file, file.name)
        archive.writestr("../evil.txt", "out")
    refused(tmp_path, ct, tmp_path / "results/liver.nii.gz", "--model", path)
    assert not (tmp_path.parent / "evil.txt").exists()


def test_an_unknown_model(ct, tmp_path):
    found = refused(tmp_path, ct, tmp_path / "results/liver.nii.gz", "--model", "no-such-model")
    assert found == "model-not-found"


@pytest.mark.parametrize(
    ("name", "error_id"),
    [("nowhere/liver.nii.gz", "no-such-folder"), ("results/liver.jpg", "unsupported-output-format")],
)
def test_an_output_that_cannot_be_written(ct, bundle, tmp_path, name, error_id):
    assert refused(tmp_path, ct, tmp_path / name, "--model", bundle) == error_id


def test_outputs_with_one_name(ct, bundle, tmp_path):
    output = tmp_path / "results/liver.nii.gz"
    assert refused(tmp_path, ct, output, "--model", bundle, "--probability", output) == "same-file"
    content = ct.read_bytes()
    assert refused(tmp_path, ct, ct, "--model", bundle) == "same-file"
    assert ct.read_bytes() == content


@pytest.mark.parametrize("options", [["--threshold", "1.5"], ["--threads", "0"], ["--device", "abacus"]])
def test_arguments_out_of_range(ct, bundle, tmp_path, options):
    refused(tmp_path, ct, tmp_path / "results/liver.nii.gz", "--model", bundle, *options)


def test_a_disk_that_fills_up_while_writing(ct, bundle, tmp_path, monkeypatch):
    """The second of three outputs fails: the first, already written, must not appear."""
    from LiverCoreLib import image_writing

    def full(image, path, **options):
        Path(path).write_bytes(b"half of it")
        raise OutputError("There is no space left; free some.", id="disk-full")

    monkeypatch.setattr(image_writing, "write_image", full)
    results = tmp_path / "results"
    found = refused(
        tmp_path, ct, results / "liver.mha", "--model", bundle,
        "--probability", results / "p.mha", "--report", results / "r.json",
    )  # fmt: skip
    assert found == "disk-full"


def test_cancel_leaves_nothing(ct, bundle, tmp_path):
    request = SegmentRequest(
        str(ct), str(tmp_path / "liver.mha"), str(bundle), report=str(tmp_path / "r.json")
    )
    calls = []
    segment_file(request, lambda fraction, message: calls.append(fraction))
    for path in tmp_path.iterdir():
        path.unlink()
    for stop_at in range(0, len(calls) - 1, 3):

        def progress(fraction, message, stop=calls[stop_at]):
            if fraction >= stop:
                raise Cancelled()

        with pytest.raises(Cancelled):
            segment_file(request, progress)
        assert list(tmp_path.iterdir()) == []


# --- the real process -------------------------------------------------------------------------------------


def test_the_installed_command_in_a_process_of_its_own(ct, bundle, tmp_path):
    def call(*arguments):
        line = [sys.executable, "-m", "livercnn", "segment", *map(str, arguments)]
        return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)

    done = call(ct, tmp_path / "liver.seg.nrrd", "--model", bundle)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "Liver volume" in done.stdout
    wrong = call(tmp_path / "no.nii.gz", tmp_path / "other.seg.nrrd", "--model", bundle)
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert wrong.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["liver.seg.nrrd"]
