"""A folder of results that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from LiverCoreLib.output import OutputError


@contextlib.contextmanager
def finished_together(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary folder; on success its files move into `folder`, which is made if need be.

    Files of the same name there are replaced, others stay. On any failure the temporary folder is removed and
    `folder` is as it was. Raises OutputError where a folder or file cannot be written.
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


def _temporary_beside(target: Path) -> Path:
    """An empty folder on the target's own disk, so that moving is renaming."""
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target} is a file; give a folder.", id="not-a-folder", path=str(target))
    place = target
    while not place.exists():
        place = place.parent
    temporary = place / f".livercnn-demo-{secrets.token_hex(6)}"
    try:
        temporary.mkdir()
    except OSError as error:
        raise _cannot_write(target, error) from error
    return temporary


def _move_into(temporary: Path, target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(temporary.iterdir()):
            os.replace(path, target / path.name)
    except OSError as error:
        raise _cannot_write(target, error) from error


def _cannot_write(target: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The folder {target} cannot be written ({error.strerror or error}); choose another with --out.",
        id="folder-not-writable",
        path=str(target),
    )
