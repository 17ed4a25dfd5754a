"""Packages that only some installations have."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from LiverCoreLib.errors import LiverCNNError


class MissingExtra(LiverCNNError):
    """A feature needs packages that its extra brings."""

    id = "missing-package"


def require_extra(feature: str, extra: str, packages: Sequence[str]) -> None:
    """Make sure that packages are there before they are needed.

    Raises:
        MissingExtra: With the command that installs them.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"{feature} needs the Python package {' and '.join(map(repr, missing))}, which is not installed; "
            f'`pip install "slicer-livercnn[{extra}]"` brings it.',
            packages=tuple(missing),
        )
