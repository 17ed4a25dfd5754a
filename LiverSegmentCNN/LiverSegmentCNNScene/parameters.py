"""The parameter node: what the scene keeps of the panel.

In a file of its own because its annotations are evaluated in the module that ``sys.modules`` holds under its
name, which an imported file is sure to be, and a module file while Slicer loads it is not.
"""

from __future__ import annotations

from typing import Annotated, Optional

import slicer
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class LiverSegmentCNNParameterNode:
    """What the scene keeps of the panel. Device and threads belong to the computer: see QSettings."""

    input_volume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045 - evaluated, also on Python 3.9
    model: str = ""  # empty is the default one
    output_segmentation: Optional[slicer.vtkMRMLSegmentationNode]  # noqa: UP045 - None makes a new one
    output_segment_id: str = ""  # empty adds one
    fast: bool = False
    threshold_of_model: bool = True
    threshold: Annotated[float, WithinRange(0.05, 0.95)] = 0.5
    postprocess: bool = True
    keep_raw: bool = False
    probability_volume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045 - None keeps no map
    result_segmentation: Optional[slicer.vtkMRMLSegmentationNode]  # noqa: UP045
    result_segment_id: str = ""
