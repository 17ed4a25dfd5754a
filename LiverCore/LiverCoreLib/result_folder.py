"""A folder of results that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from . import scratch
from .output import OutputError


@contextlib.contextmanager
def finished_together(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary folder; on success what is in it moves into `folder`, which is made if need be.

    Files of the same name there are replaced, others stay. A folder of the same name is replaced whole, so
    that a shorter series leaves no slices of a longer one behind, unless it holds other kinds of files. On
    any failure the temporary folder is removed and `folder` is as it was.

    Raises:
        OutputError: ``not-a-folder``, ``folder-not-writable`` or ``folder-in-the-way``.
    """
    target = Path(os.path.abspath(folder))
    temporary = _temporary_beside(target)
    try:
        yield temporary
        _move_into(temporary, target)
    except OutputError as error:
        # A reader knows the folder that was asked for, not the temporary one.
        plain = error.message.replace(str(temporary), str(target))
        raise OutputError(plain, id=error.id, **error.details) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_folder(folder: str | os.PathLike[str]) -> None:
    """Raise OutputError before the work if results cannot be written there; leaves it as it was."""
    shutil.rmtree(_temporary_beside(Path(os.path.abspath(folder))), ignore_errors=True)


def _temporary_beside(target: Path) -> Path:
    """An empty folder on the target's own disk, so that moving is renaming."""
    place = target
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        raise OutputError(f"{place} is a file; give a folder.", id="not-a-folder", path=str(place))
    temporary = place / f"{scratch.PREFIX}{secrets.token_hex(6)}"
    try:
        temporary.mkdir()
    except OSError as error:
        raise _cannot_write(target, error) from error
    return temporary


def _move_into(temporary: Path, target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        new = sorted(path for path in temporary.iterdir())
        for path in new:
            _refuse_other_folder(target / path.name, path)
        aside = temporary / f"{scratch.PREFIX}old"
        aside.mkdir()
        for path in new:
            if (target / path.name).is_dir():
                os.replace(target / path.name, aside / path.name)
            os.replace(path, target / path.name)
    except OSError as error:
        raise _cannot_write(target, error) from error


def _refuse_other_folder(there: Path, new: Path) -> None:
    """Leave a folder alone that holds what `new` is no later version of."""
    if not there.is_dir():
        return
    suffixes = {path.suffix for path in new.iterdir()} if new.is_dir() else set()
    others = [path.name for path in there.iterdir() if path.is_dir() or path.suffix not in suffixes]
    if others or not new.is_dir():
        raise OutputError(
            f"{there} is in the way: a folder with other files in it; move it, or choose another folder.",
            id="folder-in-the-way",
            path=str(there),
        )


def _cannot_write(target: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The folder {target} cannot be written ({error.strerror or error}); choose another.",
        id="folder-not-writable",
        path=str(target),
    )
