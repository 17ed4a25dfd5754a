"""The result of comparing two masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .definitions import DEFINITIONS_VERSION, NEIGHBOURHOOD, definitions_of
from .json_values import NOT_FINITE, plain

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Comparison:
    """How a test mask (A) agrees with a reference mask (B).

    Lengths are mm, volumes mL. ``definitions`` says what each number means in the family used.

    Attributes:
        status: "ok", "test-empty", "reference-empty" or "both-empty".
        geometry: "same-grid", "same-lattice" (re-indexed exactly) or "resampled" (reference onto the test's
            lattice, nearest neighbour).
        surface_dice: None unless a tolerance was stated.
        hd_point_lps: Where ``hd_mm`` is reached; None where it is 0 or undefined.
        label, test_label: The values compared, in the reference and in the test.
    """

    dice: float
    volume_test_ml: float
    volume_reference_ml: float
    volume_ratio: float
    volume_difference_ml: float
    volume_difference_percent: float
    msd_mm: float
    masd_mm: float
    msd_test_to_reference_mm: float
    msd_reference_to_test_mm: float
    rmsd_mm: float
    hd_mm: float
    hd95_mm: float
    hd95_pooled_mm: float
    surface_dice: float | None
    tolerance_mm: float | None
    hd_point_lps: tuple[float, float, float] | None
    status: str
    geometry: str
    family: str
    label: int
    test_label: int
    warnings: tuple[str, ...] = ()

    @property
    def definitions(self) -> dict[str, str]:
        """What each field means in this family."""
        return definitions_of(self.family)

    @property
    def neighbourhood(self) -> str:
        """What makes a voxel or cell part of the surface in this family."""
        return NEIGHBOURHOOD[self.family]

    @property
    def definitions_version(self) -> str:
        return DEFINITIONS_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with definitions, neighbourhood and version.

        JSON has no NaN and no infinity: they are written as the strings "NaN", "Infinity" and
        "-Infinity", which ``float()`` reads back. A value that was not asked for (None) is left out.
        """
        return {
            "schema_version": SCHEMA_VERSION,
            **plain(self),
            "neighbourhood": self.neighbourhood,
            "definitions": self.definitions,
            "definitions_version": self.definitions_version,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Comparison:
        """The comparison that ``to_dict`` wrote.

        Raises:
            ValueError: If the schema or the definitions are of another version, or a field is missing.
        """
        for key, known in (("schema_version", SCHEMA_VERSION), ("definitions_version", DEFINITIONS_VERSION)):
            if values.get(key) != known:
                raise ValueError(f"{key}: this version reads {known!r}, found {values.get(key)!r}.")
        optional = ("surface_dice", "tolerance_mm", "hd_point_lps")
        missing = [f.name for f in fields(cls) if f.name not in values and f.name not in optional]
        if missing:
            raise ValueError(f"The comparison lacks {', '.join(missing)}.")
        read = {f.name: _read(f.name, values.get(f.name)) for f in fields(cls)}
        return cls(**read)


def _read(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    # Only numbers are written as these words; a text field keeps its text.
    if name not in ("status", "geometry", "family") and isinstance(value, str):
        return NOT_FINITE[value]
    return value
