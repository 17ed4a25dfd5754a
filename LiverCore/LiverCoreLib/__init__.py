"""The ground floor: errors, images and masks, model bundles, devices and background jobs.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from .lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "Bundle": "bundles",
    "Cancelled": "errors",
    "Card": "card",
    "DeviceChoice": "devices",
    "DeviceError": "devices",
    "Job": "jobs",
    "JobCallbacks": "jobs",
    "JobError": "job_errors",
    "JobFault": "job_errors",
    "JobQueue": "job_queue",
    "JobRunner": "jobs",
    "JobState": "jobs",
    "LIVER": "terminology",
    "LiverCNNError": "errors",
    "LoadedVolume": "loaded_volume",
    "MaskError": "masks",
    "ModelError": "model_error",
    "OutputError": "output",
    "SegmentInfo": "terminology",
    "UnsupportedImage": "image_checks",
    "atomic_path": "output",
    "choose_device": "devices",
    "export_model": "registry",
    "find_model": "registry",
    "install_model": "registry",
    "list_models": "registry",
    "list_segments": "masks",
    "load_bundle": "bundles",
    "read_mask": "masks",
    "read_volume": "images",
    "verify_model": "registry",
    "write_bundle": "bundles",
    "write_mask": "masks",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
