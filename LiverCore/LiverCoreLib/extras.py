"""Packages that only some installations have."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from .errors import LiverCNNError


class MissingPackage(LiverCNNError):
    """A feature needs packages that an extra brings."""

    id = "missing-package"


def missing_packages(packages: Sequence[str]) -> tuple[str, ...]:
    """Those of the packages that are not installed."""
    return tuple(name for name in packages if find_spec(name) is None)


def require_extra(feature: str, extra: str, packages: Sequence[str], otherwise: str = "") -> None:
    """Make sure that packages are there before they are needed.

    ``feature`` begins the sentence, ``extra`` is what pip is told to install, ``otherwise`` what else one may
    do, as the end of the sentence.

    Raises:
        MissingPackage: Naming what is missing and the command that installs it.
    """
    missing = missing_packages(packages)
    if missing:
        raise MissingPackage(
            f"{feature} needs {' and '.join(missing)}, not installed here; "
            f'install with `pip install "slicer-livercnn[{extra}]"`{otherwise}.',
            packages=missing,
        )
