"""What the scene keeps of the section that corrects; in a file of its own as parameters.py explains."""

from __future__ import annotations

from typing import Optional

import slicer
from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class CorrectParameterNode:
    """The CNN mask that is corrected, and the last result, which the section that segments writes."""

    correct_segmentation: Optional[slicer.vtkMRMLSegmentationNode]  # noqa: UP045 - evaluated, also on 3.9
    correct_segment_id: str = ""
    result_segmentation: Optional[slicer.vtkMRMLSegmentationNode]  # noqa: UP045
    result_segment_id: str = ""
