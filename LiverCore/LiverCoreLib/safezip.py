"""Reads a zip from a stranger into memory, by a closed list of names and sizes.

Nothing is ever unpacked under a name that the zip chose, so a path cannot leave its folder, a link cannot
be followed, and a small file cannot swell without bound.
"""

from __future__ import annotations

import errno
import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from LiverCoreLib.model_error import ModelError

FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: equal content gives equal bytes

_MAX_LISTED_ENTRIES = 64
_ENCRYPTED = 0x1


def read_zip(path: Path, max_bytes: Mapping[str, int]) -> dict[str, bytes]:
    """Return the content of the zip's files by name.

    All files may lie in one folder inside the zip, as archive programs make them; that folder's name is
    left out of the keys.

    Args:
        path: The zip.
        max_bytes: The names that are allowed and the largest unpacked size of each. None is required.

    Raises:
        ModelError: ``unsafe-zip`` for paths that leave the zip, links, unexpected or doubled names, too
            large or encrypted files; ``not-a-bundle`` for something that is no zip or is damaged;
            ``pickled-weights`` for a PyTorch file.
        OSError: If the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not _is_plain_folder(entry)]
            names = _bundle_names(entries)
            for entry, name in zip(entries, names):
                _check_entry(entry, name, max_bytes)
            return {name: read_entry(archive, entry) for entry, name in zip(entries, names)}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        # Python 3.9 seeks to where a damaged directory points and gets EINVAL; other OSErrors are the disk's.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise ModelError(
            f"{path.name} is not a whole zip file ({error}); get it again from its source.",
            id="not-a-bundle",
            path=str(path),
        ) from error


def pack_zip(files: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a zip with the files in the given order, the same for the same content."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def _is_plain_folder(entry: zipfile.ZipInfo) -> bool:
    parts = entry.filename.split("/")
    return len(parts) == 2 and parts[1] == "" and parts[0] not in ("", ".", "..") and entry.file_size == 0


def _bundle_names(entries: list[zipfile.ZipInfo]) -> list[str]:
    """The entries' names without the one folder that they may share; refuses what is no plain name."""
    if len(entries) > _MAX_LISTED_ENTRIES:
        raise _unsafe(f"it holds {len(entries)} files")
    paths = [entry.filename.split("/") for entry in entries]
    if any(path[-1].endswith(".pkl") for path in paths):
        raise ModelError(
            "The zip holds a Python pickle (as a PyTorch .pt or .pth file does), which can run code when it "
            "is opened, and is refused; ask for the model as a safetensors bundle.",
            id="pickled-weights",
        )
    for entry, path in zip(entries, paths):
        # orig_filename is what the zip says; zipfile cuts it at NUL and mends the separators of this machine.
        odd = "\\" in entry.orig_filename or "\0" in entry.orig_filename or ":" in entry.orig_filename
        if odd or any(part in ("", ".", "..") for part in path):
            raise _unsafe(f"the path {entry.orig_filename!r} could lead out of its folder")
    if len({tuple(path[:-1]) for path in paths}) > 1 or any(len(path) > 2 for path in paths):
        raise _unsafe("its files lie in several folders")
    names = [path[-1] for path in paths]
    if len({name.lower() for name in names}) != len(names):
        raise _unsafe("it holds two files of one name")
    return names


def _check_entry(entry: zipfile.ZipInfo, name: str, max_bytes: Mapping[str, int]) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):  # 0: made by a program that knows no Unix modes
        raise _unsafe(f"{name!r} is a link or another special file")
    if name not in max_bytes:
        raise _unsafe(f"{name!r} is not one of {', '.join(max_bytes)}")
    if entry.file_size > max_bytes[name]:
        raise _unsafe(f"{name!r} unpacks to {entry.file_size} bytes, more than the {max_bytes[name]} allowed")


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the entry's content: what it declares and no more; zipfile checks the CRC at the end.

    Raises ModelError (``unsafe-zip``) where it is encrypted or has another size than declared, and what
    zipfile raises for damaged content.
    """
    if entry.flag_bits & _ENCRYPTED:
        raise _unsafe(f"{entry.filename!r} is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _unsafe(f"{entry.filename!r} is compressed in an unusual way")
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size)
        if stream.read(1) or len(content) != entry.file_size:
            raise _unsafe(f"{entry.filename!r} does not have the size that the zip declares")
        return content


def _unsafe(reason: str) -> ModelError:
    return ModelError(
        f"The zip is refused because {reason}; get the bundle again from a source that you trust.",
        id="unsafe-zip",
    )
