"""The parameter nodes: what the scene keeps of the panel.

In a file of its own because its annotations are evaluated in the module that ``sys.modules`` holds under its
name, which an imported file is sure to be, and a module file while Slicer loads it is not.
"""

from __future__ import annotations

from typing import Optional

import slicer
from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class StandardizeParameters:
    """What the scene keeps of the first sections. The stated protocol is kept with the volume (``stated``),
    device and threads with the computer.
    """

    input_volume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045 - evaluated, also on Python 3.9
    model: str = ""  # empty is the default one
    force: bool = False
    output_volume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045 - None makes a new one
    result_volume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045
    difference_volume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045


@parameterNodeWrapper
class BatchParameters:
    """What the scene keeps of the batch. Which volumes are left out is kept with them (``stated``)."""

    batch_redo: bool = False
    batch_table: Optional[slicer.vtkMRMLTableNode]  # noqa: UP045 - evaluated, also on Python 3.9
