"""Temporary files that must not outlive the process, even when it is killed.

Most temporary files lie in a job's own folder and go with it. A file that is to be renamed over an output
must lie beside that output: whoever makes one calls :func:`track` before and :func:`untrack` after. Inside a
worker the names are also written to a journal, so that the parent process can remove the files after a kill.
Outside a worker this costs one entry in a set.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from pathlib import Path
from typing import Union

logger = logging.getLogger(__name__)

JOURNAL_FILE = "scratch.jsonl"

# Only files of this name are ever removed on the word of a journal.
PREFIX = ".livercnn-"

_lock = threading.Lock()
_tracked: set[str] = set()
_journal: Path | None = None

PathLike = Union[str, "os.PathLike[str]"]


def keep_journal(path: Path) -> None:
    """From now on, record tracked files in this file, too."""
    global _journal  # the process has one job, and whoever writes a file does not know it
    _journal = path


def track(path: PathLike) -> None:
    """Promise that a temporary file is removed when the process ends before :func:`untrack`.

    Raises ValueError if its name does not start with :data:`PREFIX`.
    """
    name = os.path.abspath(os.fspath(path))
    if not os.path.basename(name).startswith(PREFIX):
        raise ValueError(f"A tracked temporary file is called {PREFIX}*, not {os.path.basename(name)!r}.")
    with _lock:
        _tracked.add(name)
        if _journal is not None:
            with open(_journal, "a", encoding="ascii") as stream:
                stream.write(json.dumps(name) + "\n")


def untrack(path: PathLike) -> None:
    """The file has been renamed or removed."""
    with _lock:
        _tracked.discard(os.path.abspath(os.fspath(path)))


def remove_tracked() -> None:
    """Remove the files that this process tracks, at its end. Takes no lock: the holder may be stuck."""
    for name in tuple(_tracked):
        _remove(name)


def remove_journalled(journal: Path) -> None:
    """Remove the files that another process recorded before it was killed."""
    with contextlib.suppress(FileNotFoundError), open(journal, encoding="ascii", errors="replace") as stream:
        for line in stream:
            with contextlib.suppress(ValueError):  # the last line may be torn
                name = json.loads(line)
                if isinstance(name, str) and os.path.basename(name).startswith(PREFIX):
                    _remove(name)


def _remove(name: str) -> None:
    try:
        os.unlink(name)
    except FileNotFoundError:
        pass
    except OSError as error:
        logger.warning("The temporary file %s could not be removed: %s", name, error)
