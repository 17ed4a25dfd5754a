"""Charts in plain numbers, for programs that draw them their own way: what the figures of the report show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LINE_STYLES = ("none", "solid", "dash", "dot")
MARKER_STYLES = ("none", "circle", "square", "diamond", "plus", "cross")


@dataclass(frozen=True)
class Series:
    """Points or a line of a chart.

    Attributes:
        name: For the legend, with the number it stands for.
        x, y: As long as one another; NaN in both interrupts a line.
        cases: What each point is of; empty for lines that are no cases.
        line, marker: One of ``LINE_STYLES`` and ``MARKER_STYLES``.
        colour: "#rrggbb".
        width: Of the line, pixels.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    cases: tuple[str, ...] = ()
    line: str = "none"
    marker: str = "none"
    colour: str = "#000000"
    width: float = 1.0

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y) or len(self.cases) not in (0, len(self.x)):
            lengths = f"{len(self.x)} x, {len(self.y)} y, {len(self.cases)} cases"
            raise ValueError(f"Series {self.name!r}: {lengths}.")
        if self.line not in LINE_STYLES or self.marker not in MARKER_STYLES:
            raise ValueError(f"Series {self.name!r}: line {self.line!r}, marker {self.marker!r}.")


@dataclass(frozen=True)
class Chart:
    """Series on two axes.

    Attributes:
        id: Kebab-case, unique in an analysis.
        title: A few words.
        x_title, y_title: Of the axes, with units.
        x_range, y_range: Ends of the axes.
        series: In the order in which they are drawn, the last on top.
        note: What is drawn and what is not shown, in sentences.
    """

    id: str
    title: str
    x_title: str
    y_title: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    series: tuple[Series, ...]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, which has no NaN: a point without a place is null."""
        values = asdict(self)
        for series in values["series"]:
            for axis in ("x", "y"):
                series[axis] = [None if math.isnan(value) else value for value in series[axis]]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Chart:
        """The chart of which ``to_dict`` gave these values."""
        series = tuple(
            Series(
                **{
                    **one,
                    "x": tuple(math.nan if value is None else value for value in one["x"]),
                    "y": tuple(math.nan if value is None else value for value in one["y"]),
                    "cases": tuple(one["cases"]),
                }
            )
            for one in values["series"]
        )
        ranges = {name: tuple(values[name]) for name in ("x_range", "y_range")}
        return cls(**{**values, **ranges, "series": series})
