"""The frozen tables beside this file; `tables/make_tables.py` in the source tree writes them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

PATH = Path(__file__).with_name("tables.json")


@functools.cache
def frozen() -> Mapping[str, Any]:
    """The tables as they are in the file."""
    with PATH.open(encoding="utf-8") as file:
        tables: Mapping[str, Any] = json.load(file)
    return tables


def energies_kev() -> np.ndarray:
    """Middles of the bins, 1 keV wide, that all tables share."""
    grid = frozen()["energy_kev"]
    return grid["first"] + grid["step"] * np.arange(grid["count"])


def row(table: str, name: str) -> Any:
    """One row of a table. Raises ValueError that names the rows there are."""
    rows = frozen()[table]
    if name not in rows:
        raise ValueError(f"{table} has no {name!r}; it has {', '.join(rows)}")
    return rows[name]
