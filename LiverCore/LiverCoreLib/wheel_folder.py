"""What a folder of wheels lacks to install packages without a network: the worker's task.

pip stops at the first wheel that it does not find; whoever carries wheels to a computer without a network
needs the whole list.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from typing import Any

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.package_list import package

Progress = Callable[[float, str], None]


class WheelFolderError(LiverCNNError):
    """The folder cannot be used. Ids: ``no-such-folder``, ``damaged-wheel``."""

    id = "no-such-folder"


@dataclass(frozen=True)
class Lacking:
    """A wheel that is needed and not there.

    Attributes:
        requirement: Such as ``sympy>=1.13.3``.
        needed_by: The package that asks for it; empty for one that was asked for.
        unfit: Names of wheels of it that are there, for another system, Python or version.
    """

    requirement: str
    needed_by: str
    unfit: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {**vars(self), "unfit": list(self.unfit)}


def run(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Look into a folder.

    Args:
        arguments: ``modules``: names of modules of ``package_list``. ``folder``: the folder.
        temporary_folder: Not used.
        progress: Told of each wheel that is looked into.

    Returns:
        ``lacking``: see ``Lacking``. ``bytes``: size of the wheels that would be used.
    """
    del temporary_folder
    requirements = [package(module).requirement for module in arguments["modules"]]
    lacking, used = look(Path(arguments["folder"]), requirements, progress)
    return {"lacking": [one.to_dict() for one in lacking], "bytes": sum(one.stat().st_size for one in used)}


def look(
    folder: Path, requirements: Iterable[str], progress: Progress | None = None
) -> tuple[list[Lacking], list[Path]]:
    """Return what a folder lacks to install requirements with all that they need, and the wheels to be used.

    Raises:
        WheelFolderError: If it is no folder that can be read, or one of its wheels is damaged.
    """
    # pip's own copy: Slicer brings pip, and need not bring the package `packaging`.
    from pip._vendor.packaging.requirements import Requirement
    from pip._vendor.packaging.utils import canonicalize_name

    wheels = _wheels_of(folder)
    waiting = [(Requirement(text), "") for text in requirements]
    lacking: list[Lacking] = []
    used: list[Path] = []
    seen: set[str] = set()
    while waiting:
        wanted, needed_by = waiting.pop(0)
        name = canonicalize_name(wanted.name)
        if str(wanted) in seen or (needed_by and _is_there(name, wanted)):
            continue
        seen.add(str(wanted))
        fit, unfit = _fitting(wheels.get(name, []), wanted)
        if fit is None:
            lacking.append(Lacking(str(wanted), needed_by, tuple(path.name for path in unfit)))
            continue
        if progress is not None:
            progress(0.0, f"Looking into {fit.name}")
        used += [fit] if fit not in used else []
        waiting += [(one, wanted.name) for one in _needed_by_wheel(fit, wanted.extras)]
    return lacking, used


def _wheels_of(folder: Path) -> dict[str, list[Path]]:
    """The wheels of a folder by the name of their package."""
    from pip._vendor.packaging.utils import canonicalize_name

    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".whl")
    except OSError as error:
        raise WheelFolderError(
            f"{folder} cannot be read ({error.strerror or error}); choose the folder that holds the wheels.",
            path=str(folder),
        ) from error
    wheels: dict[str, list[Path]] = {}
    for path in paths:
        wheels.setdefault(canonicalize_name(path.name.partition("-")[0]), []).append(path)
    return wheels


def _fitting(paths: list[Path], wanted: Any) -> tuple[Path | None, list[Path]]:
    """The newest of the wheels that fits requirement, system and Python; and all, if none does."""
    from pip._vendor.packaging.tags import compatible_tags, interpreter_name, interpreter_version, sys_tags
    from pip._vendor.packaging.utils import InvalidWheelFilename, parse_wheel_filename

    here = {*sys_tags(), *compatible_tags(interpreter=f"{interpreter_name()}{interpreter_version()}")}
    fit = []
    for path in paths:
        try:
            _name, version, _build, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        if not here.isdisjoint(tags) and wanted.specifier.contains(version, prereleases=True):
            fit.append((version, path))
    return (max(fit)[1], []) if fit else (None, paths)


def _needed_by_wheel(path: Path, extras: Iterable[str]) -> Iterator[Any]:
    """The requirements of a wheel that count on this system."""
    from pip._vendor.packaging.requirements import Requirement

    for text in _metadata_of(path).get_all("Requires-Dist") or ():
        wanted = Requirement(text)
        chosen = [{"extra": extra} for extra in ("", *extras)]
        if wanted.marker is None or any(wanted.marker.evaluate(one) for one in chosen):
            wanted.marker = None
            yield wanted


def _metadata_of(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(
                name
                for name in archive.namelist()
                if name.endswith(".dist-info/METADATA") and name.count("/") == 1
            )
            return HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    except (OSError, ValueError, StopIteration, zipfile.BadZipFile) as error:
        raise WheelFolderError(
            f"{path.name} is not a whole wheel; copy it again.", id="damaged-wheel", path=str(path)
        ) from error


def _is_there(name: str, wanted: Any) -> bool:
    """Whether something is installed that fulfils a requirement."""
    try:
        return bool(wanted.specifier.contains(metadata.version(name), prereleases=True))
    except metadata.PackageNotFoundError:
        return False
