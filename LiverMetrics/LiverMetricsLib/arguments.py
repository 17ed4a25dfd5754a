"""Checks of the arguments that comparisons and maps share."""

from __future__ import annotations

import math
from collections.abc import Sequence

from LiverCoreLib.errors import LiverCNNError

from .definitions import FAMILIES

GEOMETRIES = ("strict", "resample")


class InvalidArgument(LiverCNNError):
    """An argument of a comparison is out of its range."""

    id = "invalid-argument"


def check_arguments(
    label: int,
    test_label: int,
    tolerance_mm: float | None,
    geometry: str,
    family: str,
    families: Sequence[str] = FAMILIES,
) -> None:
    """Refuse what no comparison can mean.

    Raises:
        InvalidArgument: With the value found and those that are possible.
    """
    for value in (label, test_label):
        if isinstance(value, bool) or int(value) != value or value == 0:
            raise InvalidArgument(f"A label is a whole number other than 0 (background); found {value!r}.")
    if tolerance_mm is not None and not (math.isfinite(tolerance_mm) and tolerance_mm >= 0):
        raise InvalidArgument(f"The tolerance is a length in mm of at least 0; found {tolerance_mm!r}.")
    for name, choice, known in (("geometry", geometry, GEOMETRIES), ("family", family, families)):
        if choice not in known:
            raise InvalidArgument(f"The {name} is one of {', '.join(known)}; found {choice!r}.")
