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

    compare_reference: Optional[slicer.vtkMRMLSegmentationNode]  # noqa: UP045 - evaluated, also on Python 3.9
    compare_reference_segment_id: str = ""
    compare_family: str = "voxel"
    compare_tolerance_mm: Annotated[float, WithinRange(0.0, 20.0)] = 2.0
    compare_resample: bool = False
