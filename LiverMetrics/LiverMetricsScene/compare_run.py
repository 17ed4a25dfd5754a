"""A comparison of segments under way, and where its numbers land."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import slicer

from LiverCoreLib.jobs import JobRunner
from LiverMetricsLib.comparison import Comparison

from .compare_masks import Mask
from .compare_table import CompareOutcome, land_table
from .mask_run import MaskRun


@dataclass(frozen=True)
class CompareOptions:
    """How to compare; see ``LiverMetricsLib.compare``.

    family: "voxel", "surfel" or "mesh". tolerance_mm: of the surface Dice, None measures none. geometry:
    "strict" refuses masks on different grids, "resample" puts the reference onto the test's.
    """

    family: str = "voxel"
    tolerance_mm: float | None = None
    geometry: str = "strict"


class CompareRun(MaskRun):
    """Tests against a reference; its outcome is a CompareOutcome."""

    TASK = "compare"

    def __init__(
        self, reference: Mask, tests: list, options: CompareOptions, runner: JobRunner, table: Any = None
    ) -> None:
        """table: the node to fill again, or None for a new one."""
        super().__init__([reference, *tests], runner)
        self._table_id = None if table is None else table.GetID()
        self._reference, self._tests, self._options = reference, list(tests), options

    def _write(self, folder: Path, files: list) -> Mapping[str, Any]:
        return {"reference": files[0], "tests": files[1:], "options": asdict(self._options)}

    def _read(self, folder: Path, result: dict) -> list:
        return [Comparison.from_dict(values) for values in result["comparisons"]]

    def _land(self, result: list) -> CompareOutcome:
        table = slicer.mrmlScene.GetNodeByID(self._table_id) if self._table_id else None
        return land_table(self._reference, self._tests, result, self._fingerprints, table)
