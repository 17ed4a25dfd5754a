"""The error of experiments."""

from __future__ import annotations

from LiverCoreLib.errors import LiverCNNError


class ExperimentError(LiverCNNError):
    """An experiment that cannot be made as it was asked for."""

    id = "bad-experiment"
