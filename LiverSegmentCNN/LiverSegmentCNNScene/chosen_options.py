"""How the user wants volumes segmented: by the scene's settings, and by the computer's."""

from __future__ import annotations

from LiverCoreScene.machine_settings import machine
from LiverSegmentCNNLib.options import SegmentOptions

from .parameters import LiverSegmentCNNParameterNode


def chosen_options(parameters: LiverSegmentCNNParameterNode) -> SegmentOptions:
    """The options that the panel's first section shows."""
    computer = machine()
    return SegmentOptions(
        model=parameters.model or None,
        device=computer.device,
        threads=computer.threads,
        fast=parameters.fast,
        threshold=None if parameters.threshold_of_model else round(parameters.threshold, 4),
        postprocess=parameters.postprocess,
    )
