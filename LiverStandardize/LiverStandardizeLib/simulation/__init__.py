"""Synthetic abdomens with exact labels, and CT of them from physics.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "Abdomen": "phantom",
    "Challenges": "challenges",
    "EnergyImages": "protocols.energy_images",
    "ImageEngine": "image_engine.engine",
    "Lesion": "challenges",
    "LesionContrast": "challenges",
    "MaterialAbdomen": "phantom_materials",
    "PROTOCOLS": "protocols.six",
    "Person": "people",
    "PhantomScan": "phantom_scan",
    "ProjectionEngine": "projection.engine",
    "Scanner": "physics.scanner",
    "Settings": "protocols.six",
    "draw_person": "people",
    "field_mm": "body",
    "make_abdomen": "phantom",
    "make_materials": "phantom_materials",
    "make_protocols": "protocols.six",
    "make_six": "phantom_scan",
    "tissue": "physics.tissues",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
