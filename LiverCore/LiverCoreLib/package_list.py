"""The Python packages that Slicer lacks: what each is for, how large it is, where it comes from."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True)
class Package:
    """A package from an index.

    Attributes:
        module: What is imported.
        name: What people and indexes call it.
        requirement: What pip is asked for; the least version is that of pyproject.toml.
        extra: Only some features need it (an extra of pyproject.toml); empty if all do.
        download_mb: With what it needs itself and Slicer lacks, MB (10^6 bytes), rounded up; None for a build
            that depends on the machine.
        installed_mb: The same once installed.
    """

    module: str
    name: str
    requirement: str
    extra: str
    download_mb: float | None
    installed_mb: float


# Sizes: wheels of November 2026 for Linux and Python 3.11 (torch 2.13.0 for the processor alone), with what
# they need but numpy, which Slicer has. Other systems differ a little, other builds of torch by gigabytes.
PACKAGES = (
    Package("torch", "PyTorch", "torch>=2.2", "", None, 860),
    Package("safetensors", "safetensors", "safetensors>=0.4", "", 0.6, 1.4),
    Package("jsonschema", "jsonschema", "jsonschema>=4.17", "", 0.7, 3.3),
    Package("matplotlib", "matplotlib", "matplotlib>=3.7", "report", 25, 98),
    Package("jinja2", "Jinja2", "jinja2>=3.1", "report", 0.2, 1.3),
)


def package(module: str) -> Package:
    """The package with a module. Raises KeyError for a module that is none of ours."""
    found = {one.module: one for one in PACKAGES}
    return found[module]


def is_installed(one: Package) -> bool:
    """Whether a package is there; it is not imported to find out."""
    return importlib.util.find_spec(one.module) is not None


def installed_version(one: Package) -> str | None:
    """The version that is installed, "" if it does not tell, None if there is none."""
    if not is_installed(one):
        return None
    try:
        return metadata.version(one.module)
    except metadata.PackageNotFoundError:  # built with the application, or copied by hand
        return ""


def missing(packages: Iterable[Package] = PACKAGES) -> tuple[Package, ...]:
    """Those that are not installed, in their order."""
    return tuple(one for one in packages if not is_installed(one))
