"""Downloads one file and proves that it is the right one: the worker's task."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.output import atomic_path, check_output

Progress = Callable[[float, str], None]

_CHUNK_BYTES = 1 << 18
_TIMEOUT_S = 30


class DownloadError(LiverCNNError):
    """A file could not be downloaded. Ids: ``download-failed``, ``download-damaged``."""

    id = "download-failed"


def run(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Download a file, unless it is there already.

    Args:
        arguments: ``uri``: http or https. ``path``: where to; its folder must exist. ``sha256``: hex.
        temporary_folder: Not used.
        progress: Told how much is there.

    Returns:
        ``path``, and ``downloaded``: False if it was there already, whole.

    Raises:
        DownloadError, OutputError: Nothing is left at the path but what was there before.
    """
    del temporary_folder
    path, sha256 = Path(arguments["path"]), str(arguments["sha256"]).lower()
    if path.is_file() and sha256_of(path, progress) == sha256:
        return {"path": str(path), "downloaded": False}
    fetch(str(arguments["uri"]), path, sha256, progress)
    return {"path": str(path), "downloaded": True}


def fetch(uri: str, path: Path, sha256: str, progress: Progress) -> None:
    """Download to a path; the checksum decides whether it is kept. Raises as ``run`` does."""
    if not uri.startswith(("http://", "https://")):
        raise DownloadError(f"{uri} is no address on the web; give one that starts with https.", found=uri)
    check_output(path)
    try:
        with urllib.request.urlopen(uri, timeout=_TIMEOUT_S) as answer, atomic_path(path) as temporary:
            found = _copy(answer, temporary, int(answer.headers.get("Content-Length") or 0), progress)
            if found != sha256:
                raise DownloadError(
                    "The file that came is not the right one (its checksum is wrong); try again, and check "
                    "whether a proxy answers in the place of the server.",
                    id="download-damaged",
                    found=found,
                    expected=sha256,
                )
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise DownloadError(
            f"The download did not work ({reason}); check network and proxy, and try again.", found=uri
        ) from error


def sha256_of(path: Path, progress: Progress) -> str:
    """SHA-256 of a file, hex."""
    digest, done, size = hashlib.sha256(), 0, max(1, os.path.getsize(path))
    with open(path, "rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
            digest.update(chunk)
            done += len(chunk)
            progress(done / size, "checking the file that is there")
    return digest.hexdigest()


def _copy(answer: IO[bytes], path: Path, size: int, progress: Progress) -> str:
    """Copy to a file and give its SHA-256."""
    digest, done = hashlib.sha256(), 0
    with open(path, "wb") as stream:
        for chunk in iter(lambda: answer.read(_CHUNK_BYTES), b""):
            stream.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            whole = f" of {size / 1e6:.0f}" if size else ""
            progress(done / size if size else 0.0, f"downloaded {done / 1e6:.0f}{whole} MB")
    return digest.hexdigest()
