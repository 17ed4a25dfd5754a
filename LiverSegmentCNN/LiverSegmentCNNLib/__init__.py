"""Liver segmentation: input checks, preprocessing, networks and postprocessing behind ``segment_liver``.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "LiverSegmentation": "segment",
    "ModelInput": "preprocessing",
    "SegmentationModel": "model",
    "load_model": "model",
    "preprocess": "preprocessing",
    "restore": "restoring",
    "SegmentOptions": "options",
    "SegmentRequest": "job",
    "segment_file": "job",
    "segment_liver": "segment",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
