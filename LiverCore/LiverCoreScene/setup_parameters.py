"""The parameter node of Liver Set-up: what the scene keeps of the panel.

In a file of its own because its annotations are evaluated in the module that ``sys.modules`` holds under its
name, which an imported file is sure to be, and a module file while Slicer loads it is not.
"""

from __future__ import annotations

from typing import Optional

import slicer
from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class SetUpParameters:
    """What the scene keeps of Liver Set-up; packages and models belong to the computer."""

    models_shown: str = ""  # ID of the model whose card is shown; empty is the first
    sample_volume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045 - evaluated, also on Python 3.9
