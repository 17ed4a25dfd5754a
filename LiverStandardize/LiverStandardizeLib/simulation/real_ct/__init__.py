"""A real single-energy CT as basis materials and noise, and as the six protocols would show it.

Names are looked up lazily, so that importing one small file does not load the others, or torch.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "RealMaterials": "materials",
    "SimulateRequest": "job",
    "SimulatedCT": "simulate",
    "Stress": "stress",
    "TrainingSections": "training",
    "materials_of_ct": "materials",
    "simulate_file": "job",
    "simulate_protocols": "simulate",
    "simulate_split": "simulate",
    "split_ct": "split",
    "training_sections": "training",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
