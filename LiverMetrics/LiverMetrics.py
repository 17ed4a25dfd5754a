"""3D Slicer module LiverMetrics: measures how masks agree, and reports on cohorts."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)

from LiverCoreScene.section import SectionedWidget
from LiverMetricsScene.compare_section import CompareSection


class LiverMetrics(ScriptedLoadableModule):
    """What Slicer shows of the module in its lists and its help."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Liver Metrics")
        self.parent.categories = [
            translate("qSlicerAbstractCoreModule", "Segmentation"),
            translate("qSlicerAbstractCoreModule", "Quantification"),
        ]
        self.parent.dependencies = []
        self.parent.contributors = ["The SlicerLiverCNN contributors"]
        self.parent.helpText = _(
            "Measures how segments agree with a reference: Dice, volumes and surface distances, each with "
            "its definition. Shows where they differ, in slices and in 3D. For research use only."
        )
        self.parent.acknowledgementText = _(
            "Area-weighted surface distances follow DeepMind's surface-distance (Nikolov et al. 2021)."
        )


class LiverMetricsWidget(SectionedWidget):
    """The panel; each of its sections is in a file of its own in LiverMetricsScene."""

    def setup(self) -> None:
        """Build the panel."""
        SectionedWidget.setup(self)
        self.logic = LiverMetricsLogic()
        self.add_sections(CompareSection(self, self.logic))


class LiverMetricsLogic(ScriptedLoadableModuleLogic):
    """Compares segments, for the panel and for scripts."""

    def parameterNode(self) -> Any:  # noqa: N802 - beside getParameterNode
        """The scene's node that keeps the settings of all sections."""
        return ScriptedLoadableModuleLogic.getParameterNode(self)


class LiverMetricsTest(ScriptedLoadableModuleTest):
    """The self-test; Testing/ holds the tests of the whole panel."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:  # noqa: N802 - Slicer's name
        self.setUp()
        self.test_settings_are_kept_in_the_scene()

    def test_settings_are_kept_in_the_scene(self) -> None:
        """The node of the settings is one of the scene."""
        node = LiverMetricsLogic().parameterNode()
        self.assertIs(slicer.mrmlScene.GetNodeByID(node.GetID()), node)
