"""One section of the phantom in every protocol, side by side in one window, as a PNG."""

from __future__ import annotations

import os

import SimpleITK as sitk

from ..protocol.names import MEANINGS
from .phantom_scan import PhantomScan
from .protocol_picture import Panel, draw_panels
from .tissues import LABELS


def draw_picture(scan: PhantomScan, path: str | os.PathLike[str]) -> None:
    """Draw the section with most liver, each panel with the liver's HU. Raises OutputError."""
    liver = sitk.GetArrayViewFromImage(scan.labels) == LABELS["liver"]
    index = int(liver.sum(axis=(1, 2)).argmax())
    panels = [
        Panel(name, MEANINGS[name], sitk.GetArrayViewFromImage(image)[index])
        for name, image in scan.images.items()
    ]
    draw_panels(panels, liver[index], f"{scan.contrast.phase} phase    section {index}", path)
