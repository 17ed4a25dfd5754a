"""Folders of living processes stay, those of killed ones go."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from LiverCoreLib import work_folder
from LiverCoreLib.work_folder import WorkFolder, remove_stale

PREFIX = "livercnn-test-"
HOLD = """
import sys, time
from pathlib import Path
from LiverCoreLib.work_folder import WorkFolder
folder = WorkFolder(sys.argv[1], Path(sys.argv[2]))
print(folder.path, flush=True)
time.sleep(60)
"""


def test_a_folder_in_use_stays_and_goes_when_its_process_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLD, PREFIX, str(tmp_path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert holder.stdout is not None
    folder = Path(holder.stdout.readline().strip())
    (folder / "image.nrrd").write_bytes(b"x")
    make_older(folder)
    remove_stale(PREFIX, tmp_path)
    assert (folder / "image.nrrd").exists()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    remove_stale(PREFIX, tmp_path)
    assert not folder.exists()


def test_a_lock_that_is_just_being_taken_is_left_alone(tmp_path: Path) -> None:
    """Between making the file and locking it, another's clean-up must neither hold nor remove it."""
    folder = tmp_path / f"{PREFIX}new"
    folder.mkdir()
    lock = folder / work_folder._LOCK_FILE
    lock.touch()
    remove_stale(PREFIX, tmp_path)
    assert lock.exists()
    make_older(folder)
    remove_stale(PREFIX, tmp_path)
    assert not folder.exists()


def make_older(folder: Path) -> None:
    """As if the folder's lock had been made long ago."""
    before = time.time() - 2 * work_folder._BEING_LOCKED_S
    os.utime(folder / work_folder._LOCK_FILE, (before, before))


def test_own_folders_and_those_of_another_name_stay(tmp_path: Path) -> None:
    folder = WorkFolder(PREFIX, tmp_path)
    (tmp_path / "livercnn-other-1").mkdir()
    remove_stale(PREFIX, tmp_path)
    assert folder.path.is_dir()
    folder.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["livercnn-other-1"]


def test_a_folder_that_is_just_being_made_stays(tmp_path: Path) -> None:
    young, old = tmp_path / f"{PREFIX}young", tmp_path / f"{PREFIX}old"
    young.mkdir()
    old.mkdir()
    before = time.time() - 2 * work_folder._UNLOCKED_FOR_S
    os.utime(old, (before, before))
    remove_stale(PREFIX, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [young.name]
