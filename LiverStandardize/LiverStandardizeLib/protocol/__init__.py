"""Which reconstruction a CT is: FBP, IR, OPT, M40, M60 or M80, with the evidence for it.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "BadSidecar": "reading",
    "DerivedMap": "refusals",
    "Evidence": "evidence",
    "PROTOCOLS": "names",
    "ProtocolDetection": "detection",
    "UnknownProtocol": "names",
    "detect_protocol": "detect",
    "protocol_of_headers": "detect",
    "protocol_of_voxels": "detect",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
