"""The parameters of Compare: what the scene keeps of the section.

In a file of its own because its annotations are evaluated in the module that ``sys.modules`` holds under its
name, which an imported file is sure to be, and a module file while Slicer loads it is not.
"""

from __future__ import annotations

from typing import Annotated, Optional

import slicer
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class CompareParameterNode:
    """What the scene keeps of Compare."""

    compare_reference: Optional[slicer.vtkMRMLDisplayableNode]  # noqa: UP045 - evaluated, also on Python 3.9
    compare_reference_segment_id: str = ""
    compare_reference_label: Annotated[int, WithinRange(1, 32767)] = 1  # where it is a labelmap volume
    compare_tests: list[slicer.vtkMRMLSegmentationNode]
    compare_test_segment_ids: list[str]  # as many as there are nodes
    compare_family: str = "voxel"
    compare_tolerance_mm: Annotated[float, WithinRange(0.0, 20.0)] = 2.0  # 0 measures no surface Dice
    compare_resample: bool = False
    compare_signed: bool = True
    compare_result: Optional[slicer.vtkMRMLTableNode]  # noqa: UP045
    compare_overlay: Optional[slicer.vtkMRMLSegmentationNode]  # noqa: UP045
    compare_surface: Optional[slicer.vtkMRMLModelNode]  # noqa: UP045
    compare_point: Optional[slicer.vtkMRMLMarkupsFiducialNode]  # noqa: UP045
