"""Writing is whole or not at all, whatever goes wrong while it lasts."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.image_writing import write_image
from LiverCoreLib.output import OutputError, atomic_path, check_output, file_suffix


@pytest.fixture
def full_disk(tmp_path):
    """A file system of 256 KiB, for those who may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no permission to mount a small file system; test_a_file_size_limit covers the error")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.seg.nrrd", ".seg.nrrd"),
        ("A.NII.GZ", ".nii.gz"),
        ("x.y.mha", ".mha"),
        ("report.json", ".json"),
        ("plain", ""),
        (".hidden", ""),
    ],
)
def test_file_suffix(name, suffix):
    assert file_suffix(Path("folder.d") / name) == suffix


def test_a_file_appears_whole_under_its_name(tmp_path):
    target = tmp_path / "liver.seg.nrrd"
    with atomic_path(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(".seg.nrrd")
        assert not target.exists()
        temporary.write_bytes(b"mask")
    assert target.read_bytes() == b"mask"
    assert os.listdir(tmp_path) == ["liver.seg.nrrd"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_result_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    with atomic_path(tmp_path / "result"):
        pass
    assert stat.S_IMODE((tmp_path / "result").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )


def test_an_existing_file_is_replaced_whole(tmp_path):
    target = tmp_path / "a.json"
    target.write_text("old, and longer than the new one")
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert target.read_text().startswith("old")
    assert target.read_text() == "new"


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_any_failure_leaves_the_old_file_and_no_other(tmp_path, failure):
    target = tmp_path / "a.json"
    target.write_text("old")
    with pytest.raises(failure), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise failure
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_link_keeps_pointing_at_the_new_file(tmp_path):
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.json"
    target.write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    with atomic_path(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def _refusal(path) -> OutputError:
    with pytest.raises(OutputError) as caught, atomic_path(path):
        pytest.fail("the body must not run")
    with pytest.raises(OutputError) as early:
        check_output(path)
    assert early.value.id == caught.value.id
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_missing_folder(tmp_path):
    error = _refusal(tmp_path / "no" / "a.json")
    assert error.id == "no-such-folder"
    assert str(tmp_path / "no") in str(error)


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "file").write_text("")
    error = _refusal(tmp_path / "file" / "a.json")
    assert error.id == "no-such-folder"
    assert "is a file, not a folder" in str(error)


def test_a_folder_as_target(tmp_path):
    assert _refusal(tmp_path).id == "not-a-regular-file"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs devices")
def test_a_device_is_never_renamed_over():
    assert _refusal("/dev/full").id == "not-a-regular-file"
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write to")
def test_a_folder_that_cannot_be_written():
    assert _refusal("/proc/self/a.json").id in {"folder-not-writable", "write-failed"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_folder_without_write_permission(tmp_path):
    tmp_path.chmod(0o500)
    assert _refusal(tmp_path / "a.json").id == "folder-not-writable"


def test_a_read_only_file_system(tmp_path):
    folder = tmp_path / "readonly"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no permission to mount a read-only file system")
    try:
        assert _refusal(folder / "a.json").id == "folder-not-writable"
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_an_extension_that_cannot_be_written(tmp_path):
    with pytest.raises(OutputError, match=r"use \.nrrd or \.mha") as caught:
        check_output(tmp_path / "a.jpg", (".nrrd", ".mha"))
    assert caught.value.id == "unsupported-output-format"


def test_check_output_leaves_nothing(tmp_path):
    check_output(tmp_path / "a.nrrd", (".nrrd",))
    assert os.listdir(tmp_path) == []


def test_a_full_disk(full_disk):
    target = full_disk / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(OutputError, match="no space left") as caught, atomic_path(target) as temporary:
        temporary.write_bytes(bytes(1 << 20))
    assert caught.value.id == "disk-full"
    assert os.listdir(full_disk) == ["a.bin"]
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("suffix", [".seg.nrrd", ".nrrd", ".nii", ".nii.gz", ".mha"])
def test_an_image_on_a_full_disk(full_disk, suffix, capfd):
    target = full_disk / f"a{suffix}"
    target.write_bytes(b"old")
    noise = np.random.default_rng(0).integers(-1000, 1000, (40, 64, 64)).astype(np.int16)
    with pytest.raises(OutputError, match="no space left") as caught:
        write_image(sitk.GetImageFromArray(noise), target)
    assert caught.value.id == "disk-full"
    assert os.listdir(full_disk) == [target.name]
    assert target.read_bytes() == b"old"
    assert capfd.readouterr() == ("", "")


_WRITE_UNDER_A_LIMIT = """
import resource, sys
from LiverCoreLib.output import OutputError, atomic_path
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with atomic_path(sys.argv[1]) as temporary:
        temporary.write_bytes(bytes(8192))
except OutputError as error:
    print(error.id)
"""


@pytest.mark.skipif(os.name == "nt", reason="file size limits are POSIX")
def test_a_file_size_limit(tmp_path):
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    done = subprocess.run(
        [sys.executable, "-c", _WRITE_UNDER_A_LIMIT, str(tmp_path / "a.bin")],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert done.stdout.strip() == "disk-full"
    assert os.listdir(tmp_path) == []
