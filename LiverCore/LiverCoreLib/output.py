"""Writing files so that a reader sees the old file or the whole new one, never a part.

Everything the project writes goes through :func:`atomic_path`: a temporary name beside the target,
flushed to the disk, then renamed over it. Only the standard library is used here.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Union

from . import scratch
from .errors import LiverCNNError

logger = logging.getLogger(__name__)

PathLike = Union[str, "os.PathLike[str]"]

_COMPOUND_SUFFIXES = (".seg.nrrd", ".seg.nhdr", ".nii.gz", ".tar.gz")

_DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


class OutputError(LiverCNNError):
    """A result could not be written; nothing is left at the target but what was there before."""

    id = "output-error"


def file_suffix(path: PathLike) -> str:
    """Return the lower-case extension of a file name, compound ones (``.nii.gz``, ``.seg.nrrd``) whole."""
    name = os.path.basename(os.fspath(path)).lower()
    for suffix in _COMPOUND_SUFFIXES:
        if name.endswith(suffix):
            return suffix
    return os.path.splitext(name)[1]


def check_output(path: PathLike, suffixes: Sequence[str] = ()) -> None:
    """Raise early, before minutes of work, if ``path`` cannot be written.

    Tries for real: a temporary file is made in the target folder and removed.

    Args:
        path: The file to be written later.
        suffixes: Accepted extensions, such as ``(".nii.gz", ".nrrd")``; empty accepts any.

    Raises:
        OutputError: ``unsupported-output-format``, ``no-such-folder``, ``folder-not-writable``,
            ``not-a-regular-file``, ``file-not-writable`` or ``disk-full``.
    """
    if suffixes and file_suffix(path) not in suffixes:
        raise OutputError(
            f"{os.fspath(path)} has an extension that cannot be written here; use {_listed(suffixes)}.",
            id="unsupported-output-format",
            path=os.fspath(path),
            expected=tuple(suffixes),
        )
    _remove(_create_temporary(_resolved_target(path)))


@contextlib.contextmanager
def atomic_path(path: PathLike) -> Iterator[Path]:
    """Give a temporary name beside ``path`` with the same extension; rename it over ``path`` on success.

    The temporary file exists (empty) when the body starts, so that the name is taken; the body
    overwrites it. On success it is flushed to the disk and renamed in one step, so an existing file
    is replaced whole. On any failure, Ctrl-C included, the temporary file is removed and an
    existing file stays as it was. A symbolic link is followed: its target is replaced, not the link.
    Let the body only write: every OSError in it is reported as a failure to write.

    Raises:
        OutputError: As :func:`check_output` does, and ``disk-full`` or ``write-failed`` while writing.
    """
    target = _resolved_target(path)
    temporary = _create_temporary(target)
    try:
        yield temporary
        _flush_to_disk(temporary)
        os.replace(temporary, target)
        scratch.untrack(temporary)
    except OSError as error:
        _remove(temporary)
        raise _as_output_error(error, target) from error
    except BaseException:
        _remove(temporary)
        raise


def _resolved_target(path: PathLike) -> Path:
    """Follow links and refuse what a rename would destroy: folders, devices, pipes, protected files."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OutputError(
            f"{target} is a folder; give the name of a file to write.",
            id="not-a-regular-file",
            path=str(target),
        )
    if target.exists():
        if not target.is_file():
            raise OutputError(
                f"{target} is a device or pipe, which cannot be replaced by a result; give the name of a "
                "file.",
                id="not-a-regular-file",
                path=str(target),
            )
        if not os.access(target, os.W_OK):
            raise OutputError(
                f"{target} exists and is write-protected; choose another name or allow writing to it.",
                id="file-not-writable",
                path=str(target),
            )
    return target


def _create_temporary(target: Path) -> Path:
    """Make an empty, uniquely named file beside ``target`` with the permissions of a normal new file."""
    name = f"{scratch.PREFIX}{secrets.token_hex(6)}{file_suffix(target)}"
    temporary = target.parent / name
    scratch.track(temporary)  # a worker that is killed while it writes leaves nothing beside the output
    try:
        # Not tempfile.mkstemp: it makes files that only the owner can read.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        scratch.untrack(temporary)
        raise _as_output_error(error, target) from error
    return temporary


def _flush_to_disk(path: Path) -> None:
    """Force delayed writes out, so that a full disk shows up before the rename."""
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())


def _remove(temporary: Path) -> None:
    scratch.untrack(temporary)
    try:
        temporary.unlink()
    except FileNotFoundError:
        pass
    except OSError as error:  # Windows refuses while another program (a virus scanner) has it open.
        logger.warning("The temporary file %s could not be removed: %s", temporary, error)


def _as_output_error(error: OSError, target: Path) -> OutputError:
    """Turn an OSError into one plain sentence that names the target, not the temporary file."""
    folder = target.parent
    if error.errno in _DISK_FULL:
        message, error_id = (
            f"There is no space left to write {target}; free some space or choose another folder.",
            "disk-full",
        )
    elif not folder.exists():
        message, error_id = (
            f"The folder {folder} does not exist; create it or choose another one.",
            "no-such-folder",
        )
    elif not folder.is_dir():
        message, error_id = f"{folder} is a file, not a folder; choose another folder.", "no-such-folder"
    elif error.errno in _NOT_ALLOWED:
        message, error_id = (
            f"The folder {folder} does not allow writing; choose another folder or change its permissions.",
            "folder-not-writable",
        )
    else:
        message, error_id = (
            f"{target} could not be written ({error.strerror or error}); choose another folder.",
            "write-failed",
        )
    return OutputError(message, id=error_id, path=str(target), errno=error.errno)


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " or " + items[-1]
