"""The parameters of the fat-fraction section: what the scene keeps of it.

In a file of its own because its annotations are evaluated in the module that ``sys.modules`` holds under its
name, which an imported file is sure to be, and a module file while Slicer loads it is not.
"""

from __future__ import annotations

from typing import Annotated, Optional

import slicer
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class PdffParameterNode:
    """What the scene keeps of the fat-fraction section."""

    pdff_map: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045 - evaluated, also on Python 3.9
    pdff_segmentation: Optional[slicer.vtkMRMLSegmentationNode]  # noqa: UP045
    pdff_segment_id: str = ""
    pdff_units: str = ""  # empty: as the map's node or its values say
    pdff_erosion_mm: Annotated[float, WithinRange(0.0, 30.0)] = 0.0
    pdff_table: Optional[slicer.vtkMRMLTableNode]  # noqa: UP045 - the last result
