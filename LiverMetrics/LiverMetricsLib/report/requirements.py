"""The optional packages that a report needs."""

from __future__ import annotations

import importlib.util

from LiverCoreLib.errors import LiverCNNError

PACKAGES = ("matplotlib", "jinja2")


class MissingPackage(LiverCNNError):
    """A report was asked for on a machine that cannot draw or lay it out."""

    id = "missing-package"


def missing_packages() -> tuple[str, ...]:
    """Those of the packages that are not installed."""
    return tuple(name for name in PACKAGES if importlib.util.find_spec(name) is None)


def require_packages() -> None:
    """Refuse to begin a report that could not be finished.

    Raises:
        MissingPackage: Naming what is missing and what brings it.
    """
    missing = missing_packages()
    if missing:
        raise MissingPackage(
            f"A report needs {' and '.join(missing)}, not installed here; "
            'install with `pip install "slicer-livercnn[report]"`.',
            packages=missing,
        )
