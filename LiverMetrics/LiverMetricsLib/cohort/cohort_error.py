"""The error of cohort tables."""

from __future__ import annotations

from LiverCoreLib.errors import LiverCNNError


class CohortError(LiverCNNError):
    """A cohort table cannot be used as it is; the sentence names file, row and column."""

    id = "bad-cohort"
