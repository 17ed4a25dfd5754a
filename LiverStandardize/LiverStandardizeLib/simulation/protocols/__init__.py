"""The paper's six reconstructions from the two images of a dual-energy scan, whichever engine made them.

Names are looked up lazily, so that importing one small file does not load the others, or torch.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "PROTOCOLS": "six",
    "EnergyImages": "energy_images",
    "Settings": "six",
    "decompose": "monoenergetic",
    "make_protocols": "six",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
