"""What the analysis of a cohort gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..limits_of_agreement import BlandAltman
from ..lin_concordance import Concordance
from ..linear_regression import Regression
from .rows import Cohort
from .table import Table


@dataclass(frozen=True, eq=False)
class VolumePairs:
    """Volumes of one method beside its reference, one pair a case, for figures.

    Attributes:
        title: For readers: methods, protocol and stage.
        test_name, reference_name: Words for the axes.
        cases: One name a pair.
        test_ml, reference_ml: Volumes, mL; as long as ``cases``.
        limits_ml: Bland-Altman of test - reference, mL.
        limits_percent: The same in percent of the reference.
        concordance: Lin's; None with fewer than two cases or where a volume does not vary.
        regression: Of the test on the reference; None with fewer than three cases or equal references.
    """

    title: str
    test_name: str
    reference_name: str
    cases: tuple[str, ...]
    test_ml: np.ndarray
    reference_ml: np.ndarray
    limits_ml: BlandAltman
    limits_percent: BlandAltman
    concordance: Concordance | None
    regression: Regression | None


@dataclass(frozen=True, eq=False)
class Analysis:
    """Tables and pairs of volumes of a cohort.

    Attributes:
        tables: Those that the cohort has data for; see ``Table``.
        pairs: One for each method, protocol and stage that has a reference volume.
        warnings: Of reading and of the analysis, for the reader of a report.
    """

    cohort: Cohort
    tables: tuple[Table, ...]
    pairs: tuple[VolumePairs, ...]
    warnings: tuple[str, ...]

    def table(self, table_id: str) -> Table:
        """The table of that id.

        Raises:
            KeyError: If the cohort has no data for it.
        """
        for table in self.tables:
            if table.id == table_id:
                return table
        raise KeyError(table_id)
