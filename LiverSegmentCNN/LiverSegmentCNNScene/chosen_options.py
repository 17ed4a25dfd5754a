"""How the user wants volumes segmented: by the scene's settings, and by the computer's."""

from __future__ import annotations

import qt

from LiverSegmentCNNLib.options import SegmentOptions

from .parameters import LiverSegmentCNNParameterNode

DEVICE_SETTING, THREADS_SETTING = "LiverCNN/Device", "LiverCNN/Threads"
"""Device and threads belong to the computer: QSettings keeps them."""


def chosen_options(parameters: LiverSegmentCNNParameterNode) -> SegmentOptions:
    """The options that the panel's first section shows."""
    settings = qt.QSettings()
    return SegmentOptions(
        model=parameters.model or None,
        device=settings.value(DEVICE_SETTING, "auto"),
        threads=int(settings.value(THREADS_SETTING, 0)) or None,
        fast=parameters.fast,
        threshold=None if parameters.threshold_of_model else round(parameters.threshold, 4),
        postprocess=parameters.postprocess,
    )
