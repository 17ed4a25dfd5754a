"""3D Slicer module LiverMetrics: measures how masks agree, and reports on cohorts."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)

from LiverCoreLib.jobs import JobRunner
from LiverCoreScene.refusal import NotReady, require
from LiverCoreScene.section import SectionedWidget
from LiverMetricsScene import compare_exports
from LiverMetricsScene.compare_masks import Mask, why_not
from LiverMetricsScene.compare_run import CompareOptions, CompareRun
from LiverMetricsScene.compare_section import CompareSection
from LiverMetricsScene.compare_table import CompareOutcome
from LiverMetricsScene.maps_jump import go_to_largest_distance
from LiverMetricsScene.maps_run import OverlayRun, SurfaceRun
from LiverMetricsScene.report_logic import CohortMethods
from LiverMetricsScene.report_section import ReportSection


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
        self.compare = CompareSection(self, self.logic)
        self.add_sections(self.compare, ReportSection(self, self.logic))

    def compare_with(self, reference_node: Any, reference_segment_id: str, tests: list) -> None:
        """Fill Compare in with a reference and tests, pairs of node and segment ID; the user starts it."""
        self.compare.compare_with(
            Mask.of(reference_node, reference_segment_id), [Mask.of(*test) for test in tests]
        )


class LiverMetricsLogic(CohortMethods, ScriptedLoadableModuleLogic):
    """Compares segments, for the panel and for scripts.

    Example::

        from LiverMetrics import LiverMetricsLogic

        logic = LiverMetricsLogic()
        manual, cnn = slicer.util.getNode("manual"), slicer.util.getNode("CT liver")
        outcome = logic.compareSegments(manual, "liver", [(cnn, "liver")], tolerance_mm=2.0)
        print(outcome.comparisons[0].dice, outcome.comparisons[0].hd95_mm)
    """

    def __init__(self, runner: JobRunner | None = None) -> None:
        """runner: starts the worker; None takes Slicer's own Python."""
        ScriptedLoadableModuleLogic.__init__(self)
        self._runner = runner if runner is not None else JobRunner()

    def parameterNode(self) -> Any:  # noqa: N802 - beside getParameterNode
        """The scene's node that keeps the settings of all sections."""
        return ScriptedLoadableModuleLogic.getParameterNode(self)

    def compareSegments(  # noqa: N802 - Slicer's way
        self,
        reference_node: Any,
        reference_segment_id: str,
        tests: list,
        *,
        family: str = "voxel",
        tolerance_mm: float | None = None,
        resample: bool = False,
    ) -> CompareOutcome:
        """Measure how segments agree with a reference, and wait for it. A worker process does the work.

        Args:
            reference_node: A segmentation, or a labelmap volume whose label is then given in the place of
                the segment's ID.
            reference_segment_id: The reference's segment, or the label as text.
            tests: Pairs of segmentation node and segment ID.
            family: How surfaces are defined: "voxel", "surfel" or "mesh"; see LiverMetricsLib.definitions.
            tolerance_mm: Of the surface Dice; None measures none.
            resample: Put the reference onto the grid of a test where they differ, instead of refusing.

        Returns:
            CompareOutcome: ``comparisons`` (LiverMetricsLib.Comparison, one a test, with units in the names)
            and ``table``, a new table node with a row a test.

        Raises:
            LiverCNNError: With one sentence that says what to do; nothing has been added to the scene then.

        Example::

            manual, cnn = slicer.util.getNode("manual"), slicer.util.getNode("CT liver")
            outcome = LiverMetricsLogic().compareSegments(manual, "liver", [(cnn, "liver")], family="surfel")
            print(outcome.table.GetName(), outcome.comparisons[0].msd_mm)
        """
        options = CompareOptions(family, tolerance_mm, "resample" if resample else "strict")
        reference = Mask.of(reference_node, reference_segment_id)
        return self.start_comparison(reference, [Mask.of(*test) for test in tests], options).wait()

    def showDifferences(self, outcome: CompareOutcome, test: int = 0) -> Any:  # noqa: N802
        """Show where a test and the reference differ, and wait for it; gives the segmentation node.

        Its segments are "false-positive" (only the test), "false-negative" (only the reference) and
        "agreement". test: which one, by its place in the outcome. Raises LiverCNNError.

        Example::

            manual, cnn = slicer.util.getNode("manual"), slicer.util.getNode("CT liver")
            logic = LiverMetricsLogic()
            overlay = logic.showDifferences(logic.compareSegments(manual, "liver", [(cnn, "liver")]))
            too_much = slicer.util.arrayFromSegmentBinaryLabelmap(overlay, "false-positive")
        """
        resample = outcome.comparisons[test].geometry == "resampled"
        return self.start_overlay(outcome.reference, outcome.tests[test], resample=resample).wait()

    def colourSurface(  # noqa: N802
        self, outcome: CompareOutcome, test: int = 0, *, signed: bool = True
    ) -> Any:
        """Colour the surface of a test by its distance to the reference, and wait; gives the model node.

        Its point scalars are "Signed distance (mm)", positive where the test lies outside the reference, and
        "Distance (mm)". signed: which of them is shown. Raises LiverCNNError.

        Example::

            manual, cnn = slicer.util.getNode("manual"), slicer.util.getNode("CT liver")
            logic = LiverMetricsLogic()
            model = logic.colourSurface(logic.compareSegments(manual, "liver", [(cnn, "liver")]))
            distances_mm = slicer.util.arrayFromModelPointData(model, "Signed distance (mm)")
        """
        resample = outcome.comparisons[test].geometry == "resampled"
        run = self.start_surface(outcome.reference, outcome.tests[test], resample=resample, signed=signed)
        return run.wait()

    def goToLargestDistance(self, comparison: Any, point: Any = None) -> Any:  # noqa: N802
        """Move all slices to where the Hausdorff distance is reached, and mark it; gives the markups node.

        comparison: of an outcome. point: a markups node to use again. None where there is no such place.

        Example::

            manual, cnn = slicer.util.getNode("manual"), slicer.util.getNode("CT liver")
            logic = LiverMetricsLogic()
            outcome = logic.compareSegments(manual, "liver", [(cnn, "liver")])
            point = logic.goToLargestDistance(outcome.comparisons[0])
            print(point.GetNthControlPointPositionWorld(0))
        """
        return go_to_largest_distance(comparison, point)

    def exportComparison(self, outcome: CompareOutcome, path: str) -> None:  # noqa: N802
        """Write a comparison to a file: .csv with every digit, .html as one page with definitions.

        Raises:
            OutputError: If it cannot be written; what was there before is still there.

        Example::

            manual, cnn = slicer.util.getNode("manual"), slicer.util.getNode("CT liver")
            logic = LiverMetricsLogic()
            outcome = logic.compareSegments(manual, "liver", [(cnn, "liver")])
            logic.exportComparison(outcome, slicer.app.temporaryPath + "/comparison.csv")
        """
        compare_exports.export(outcome.pairs, path)

    def start_comparison(
        self, reference: Mask, tests: list, options: CompareOptions, table: Any = None
    ) -> CompareRun:
        """Start as ``compareSegments`` does, without waiting; the caller polls. Raises LiverCNNError.

        table: a table node to fill again.
        """
        require(why_not(reference, tests, options.geometry == "resample"))
        return CompareRun(reference, tests, options, self._runner, table)

    def start_overlay(
        self, reference: Mask, test: Mask, *, resample: bool = False, node: Any = None
    ) -> OverlayRun:
        """Start as ``showDifferences`` does, without waiting. node: a segmentation to fill again."""
        require(why_not(reference, [test], resample))
        return OverlayRun(reference, test, self._runner, resample=resample, node=node)

    def start_surface(
        self, reference: Mask, test: Mask, *, resample: bool = False, signed: bool = True, node: Any = None
    ) -> SurfaceRun:
        """Start as ``colourSurface`` does, without waiting. node: a model to fill again."""
        require(why_not(reference, [test], resample))
        return SurfaceRun(reference, test, self._runner, resample=resample, signed=signed, node=node)


class LiverMetricsTest(ScriptedLoadableModuleTest):
    """The self-test; Testing/ holds the tests of the whole panel."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:  # noqa: N802 - Slicer's name
        self.setUp()
        self.test_settings_are_kept_in_the_scene()
        self.setUp()
        self.test_two_blocks_are_compared_in_the_worker()
        self.setUp()
        self.test_a_cohort_needs_a_table_with_rows()

    def test_settings_are_kept_in_the_scene(self) -> None:
        """The node of the settings is one of the scene."""
        node = LiverMetricsLogic().parameterNode()
        self.assertIs(slicer.mrmlScene.GetNodeByID(node.GetID()), node)

    def test_two_blocks_are_compared_in_the_worker(self) -> None:
        """Dice and Hausdorff distance of a block and the same, moved by one voxel of 1 mm."""
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
        slicer.util.updateVolumeFromArray(volume, np.zeros((8, 12, 12), dtype=np.int16))
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        for name, start in (("reference", 2), ("test", 3)):
            block = np.zeros((8, 12, 12), dtype=np.uint8)
            block[2:6, 2:10, start : start + 8] = 1
            node.GetSegmentation().AddEmptySegment(name, name)
            slicer.util.updateSegmentBinaryLabelmapFromArray(block, node, name, volume)
        outcome = LiverMetricsLogic().compareSegments(node, "reference", [(node, "test")])
        self.assertEqual(outcome.comparisons[0].dice, 7 / 8)
        self.assertEqual(outcome.comparisons[0].hd_mm, 1.0)
        self.assertEqual(outcome.table.GetNumberOfRows(), 1)

    def test_a_cohort_needs_a_table_with_rows(self) -> None:
        """An empty table is refused in words, and nothing is added to the scene."""
        table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "cohort")
        with self.assertRaises(NotReady) as refusal:
            LiverMetricsLogic().analyseTable(table)
        self.assertIn(table.GetName(), str(refusal.exception))
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTextNode"), 0)
