"""The parameters of the batch section: what the scene keeps of it.

In a file of its own because its annotations are evaluated in the module that ``sys.modules`` holds under its
name, which an imported file is sure to be, and a module file while Slicer loads it is not.
"""

from __future__ import annotations

from typing import Optional

import slicer
from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class BatchParameterNode:
    """What the scene keeps of the batch section. Its options are those of the first section."""

    batch_source: str = "scene"  # or "folder"
    batch_folder: str = ""
    batch_output_folder: str = ""
    batch_redo: bool = False
    batch_table: Optional[slicer.vtkMRMLTableNode]  # noqa: UP045 - evaluated, also on Python 3.9
