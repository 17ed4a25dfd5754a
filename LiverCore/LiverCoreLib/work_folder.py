"""Temporary folders that are told to be in use, or left behind by a process that was killed.

A file in the folder is locked as long as the process lives; the system lets go of the lock however the
process ends. Whoever makes the next folder removes those that nobody holds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO

_LOCK_FILE = "in-use"
_UNLOCKED_FOR_S = 3600.0  # a folder without a lock may just be being made
_BEING_LOCKED_S = 60.0  # so may one whose lock is there and not held yet


class WorkFolder:
    """A temporary folder for one piece of work. ``path`` is there until ``remove``."""

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        self._held = open(self.path / _LOCK_FILE, "wb")  # noqa: SIM115 - held until remove
        _lock(self._held)

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        self._held.close()
        shutil.rmtree(self.path, ignore_errors=True)


def remove_stale(prefix: str, parent: Path | None = None) -> None:
    """Remove folders of this kind that no living process holds. Those of others' accounts stay."""
    for folder in Path(parent or tempfile.gettempdir()).glob(f"{prefix}*"):
        if folder.is_dir() and not folder.is_symlink() and _is_stale(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_stale(folder: Path) -> bool:
    try:
        with open(folder / _LOCK_FILE, "r+b") as stream:
            if time.time() - os.fstat(stream.fileno()).st_mtime < _BEING_LOCKED_S:
                return False  # not even tried: who makes it would find it held
            _lock(stream)
            return True
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            return time.time() - folder.stat().st_mtime > _UNLOCKED_FOR_S
        return False
    except OSError:  # held, or not ours
        return False


def _lock(stream: IO[bytes]) -> None:
    """Hold a file until it is closed; raises OSError if it is held already."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
