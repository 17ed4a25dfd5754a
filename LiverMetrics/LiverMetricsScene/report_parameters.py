"""The parameters of Report: what the scene keeps of the section.

In a file of its own because its annotations are evaluated in the module that ``sys.modules`` holds under its
name, which an imported file is sure to be, and a module file while Slicer loads it is not.
"""

from __future__ import annotations

from typing import Annotated, Optional

import slicer
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class ReportParameterNode:
    """What the scene keeps of Report."""

    report_table: Optional[slicer.vtkMRMLTableNode]  # noqa: UP045 - evaluated, also on Python 3.9
    report_file: str = ""  # CSV file in the place of a table
    report_reference_method: str = ""  # empty is the column of reference volumes, or the method "manual"
    report_confidence_percent: Annotated[float, WithinRange(50.0, 99.9)] = 95.0
    report_correction: str = "holm"
    report_folder: str = ""
    report_results: Optional[slicer.vtkMRMLTextNode]  # noqa: UP045 - CohortResults as JSON
    report_shown_table: Optional[slicer.vtkMRMLTableNode]  # noqa: UP045
    report_shown_chart: Optional[slicer.vtkMRMLPlotChartNode]  # noqa: UP045
    report_table_id: str = "descriptives"
    report_chart_id: str = ""  # empty is the first one of agreement
