"""What X-rays do in a body: attenuation, beams, tissues, scanner. numpy alone, from frozen tables.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "Beam": "beams",
    "Calibration": "calibration",
    "Scanner": "scanner",
    "beam": "beams",
    "calibrate": "calibration",
    "iodine_hu_per_mg_ml": "attenuation",
    "linear_attenuation_per_cm": "attenuation",
    "monoenergetic_hu": "attenuation",
    "tissue": "tissues",
    "water_equivalent_diameters_cm": "tissues",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
