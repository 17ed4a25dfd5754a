"""The section Compare of the panel."""

from __future__ import annotations

from LiverCoreScene.section import PanelSection

from .compare_parameters import CompareParameterNode


class CompareSection(PanelSection):
    """A reference, tests, and how they agree."""

    UI_FILE = "LiverMetricsCompare.ui"
    PARAMETERS = CompareParameterNode
