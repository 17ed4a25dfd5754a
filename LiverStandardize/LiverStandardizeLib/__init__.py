"""Standardization of CT to one protocol, and the simulation that feeds it.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "BackgroundStandardization": "background",
    "BackgroundStandardized": "background",
    "StandardizeOptions": "standardize_options",
    "StandardizeRequest": "standardize_job",
    "Standardized": "standardize",
    "StandardizerModel": "model",
    "load_standardizer": "model",
    "standardize_file": "standardize_job",
    "standardize_volume": "standardize",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
