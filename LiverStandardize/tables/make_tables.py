"""Write the frozen tables of the CT simulation: attenuation, detector, spectra, tissues.

    pip install "slicer-livercnn[tables]"
    python LiverStandardize/tables/make_tables.py           # writes physics/tables.json
    python LiverStandardize/tables/make_tables.py --check   # exit code 1 if the frozen ones differ

The simulation reads the file and needs neither spekpy nor xraydb. Elements are in g/mL and cm2/g, thicknesses
in mm unless a name says otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import spekpy
import xraydb

TABLES = (
    Path(__file__).resolve().parents[1] / "LiverStandardizeLib" / "simulation" / "physics" / "tables.json"
)

SOURCES = {
    "mass_attenuation_cm2_g": (
        "Elam, Ravel, Sieber, Radiat. Phys. Chem. 63 (2002) 121, total attenuation, through xraydb"
    ),
    "spectra": (
        "spekpy (Poludniowski et al., Med. Phys. 48 (2021) 3630), tungsten anode of 8 degrees, model casim, "
        "photons per cm2, mAs and keV at 1 m behind the filters named"
    ),
    "detector_efficiency": "absorption in 1.4 mm Gd2O2S of 7.34 g/mL by the attenuation above",
    "tissues": (
        "mass fractions and densities of ICRU Reports 44 and 46 (bile, triglyceride, titanium: those "
        "written in make_tables.py), fitted as water plus calcium by least squares of relative attenuation, "
        "33.5 to 144.5 keV"
    ),
}

ENERGY_KEV = np.arange(10.5, 150.0, 1.0)
FIT = (ENERGY_KEV > 33) & (ENERGY_KEV < 145)
"""Above iodine's K edge, below the end of the spectra: where diagnostic beams have their photons."""

FLAT_FILTER_MM = {"Al": 3.0, "Ti": 0.9}
TIN_MM = 0.6
BEAMS = {
    "70": (70, FLAT_FILTER_MM),
    "80": (80, FLAT_FILTER_MM),
    "100": (100, FLAT_FILTER_MM),
    "120": (120, FLAT_FILTER_MM),
    "140": (140, FLAT_FILTER_MM),
    "Sn150": (150, {**FLAT_FILTER_MM, "Sn": TIN_MM}),
}

TISSUES = {
    "water": (1.0, "H 11.19 O 88.81"),
    "air": (0.001205, "C 0.0124 N 75.5268 O 23.1781 Ar 1.2827"),
    "adipose": (0.95, "H 11.4 C 59.8 N 0.7 O 27.8 Na 0.1 S 0.1 Cl 0.1"),
    "muscle": (1.05, "H 10.2 C 14.3 N 3.4 O 71.0 Na 0.1 P 0.2 S 0.3 Cl 0.1 K 0.4"),
    "liver": (1.06, "H 10.2 C 13.9 N 3.0 O 71.6 Na 0.2 P 0.3 S 0.3 Cl 0.2 K 0.3"),
    "spleen": (1.06, "H 10.3 C 11.3 N 3.2 O 74.1 Na 0.1 P 0.3 S 0.2 Cl 0.2 K 0.3"),
    "kidney": (1.05, "H 10.3 C 13.2 N 3.0 O 72.4 Na 0.2 P 0.2 S 0.2 Cl 0.2 K 0.2 Ca 0.1"),
    "blood": (1.06, "H 10.2 C 11.0 N 3.3 O 74.5 Na 0.1 P 0.1 S 0.2 Cl 0.3 K 0.2 Fe 0.1"),
    "pancreas": (1.04, "H 10.6 C 16.9 N 2.2 O 69.4 Na 0.2 P 0.2 S 0.1 Cl 0.2 K 0.2"),
    "bowel": (1.03, "H 10.6 C 11.5 N 2.2 O 75.1 Na 0.1 P 0.1 S 0.1 Cl 0.2 K 0.1"),
    "bile": (1.026, "H 10.83 C 4.05 O 84.72 Na 0.4"),
    "lung": (0.26, "H 10.3 C 10.5 N 3.1 O 74.9 Na 0.2 P 0.2 S 0.3 Cl 0.3 K 0.2"),
    "spongiosa": (1.18, "H 8.5 C 40.4 N 2.8 O 36.7 Na 0.1 Mg 0.1 P 3.4 S 0.2 Cl 0.2 K 0.1 Ca 7.4 Fe 0.1"),
    "cortical_bone": (1.92, "H 3.4 C 15.5 N 4.2 O 43.5 Na 0.1 Mg 0.2 P 10.3 S 0.3 Ca 22.5"),
    "skin": (1.09, "H 10.0 C 20.4 N 4.2 O 64.5 Na 0.2 P 0.1 S 0.2 Cl 0.3 K 0.1"),
    "triglyceride": (0.92, "H 11.8 C 77.2 O 11.0"),
    "titanium": (4.506, "Ti 100"),
}
"""Density in g/mL, and percent by mass of each element."""

ELEMENTS = {"water": TISSUES["water"][1], "calcium": "Ca 100", "iodine": "I 100", "aluminium": "Al 100"}
SCINTILLATOR = "Gd 83.074 O 8.452 S 8.468"
"""Gd2O2S."""


def attenuation(percent_by_mass: str) -> np.ndarray:
    """cm2/g at ENERGY_KEV of "H 11.19 O 88.81" and the like; percents are normalised to a sum of 100."""
    words = percent_by_mass.split()
    percents = dict(zip(words[::2], map(float, words[1::2])))
    whole = sum(percents.values())
    return sum(
        part / whole * xraydb.mu_elam(element, ENERGY_KEV * 1e3, kind="total")
        for element, part in percents.items()
    )


def detector_efficiency(thickness_cm: float = 0.14, density_g_ml: float = 7.34) -> np.ndarray:
    """Share of the photons that a gadolinium oxysulphide scintillator absorbs."""
    return 1 - np.exp(-attenuation(SCINTILLATOR) * density_g_ml * thickness_cm)


def spectrum(kv: float, filters_mm: dict[str, float]) -> np.ndarray:
    """Photons per cm2, mAs and keV at 1 m."""
    tube = spekpy.Spek(kvp=kv, th=8, dk=1.0, mas=1.0, z=100.0, physics="casim")
    for material, thickness in filters_mm.items():
        tube.filter(material, thickness)
    energy, photons = tube.get_spectrum(edges=False)
    return np.interp(ENERGY_KEV, energy, photons, left=0, right=0)


def tissue_row(density_g_ml: float, percent_by_mass: str) -> dict[str, float]:
    """A tissue as so many times water plus so many mg/mL of calcium, and the fit's worst relative error."""
    wanted = (density_g_ml * attenuation(percent_by_mass))[FIT]
    basis = np.stack([attenuation(ELEMENTS["water"]), 1e-3 * attenuation(ELEMENTS["calcium"])], axis=1)[FIT]
    parts = np.linalg.lstsq(basis / wanted[:, None], np.ones(FIT.sum()), rcond=None)[0]
    worst = np.abs(basis @ parts / wanted - 1).max()
    return {
        "density_g_ml": density_g_ml,
        "water": round(parts[0], 5),
        "calcium_mg_ml": round(parts[1], 4),
        "worst_relative_error": round(worst, 5),
    }


def rounded(value: float, digits: int = 6) -> float:
    return float(f"{value:.{digits}g}")


def make_tables() -> dict:
    """All tables, as they are frozen."""
    return {
        "sources": SOURCES,
        "made_with": {name: version(name) for name in ("spekpy", "xraydb")},
        "energy_kev": {"first": float(ENERGY_KEV[0]), "step": 1.0, "count": len(ENERGY_KEV)},
        "mass_attenuation_cm2_g": {
            name: [rounded(one) for one in attenuation(percents)] for name, percents in ELEMENTS.items()
        },
        "detector_efficiency": [rounded(one, 5) for one in detector_efficiency()],
        "spectra": {
            name: {
                "kv": kv,
                "filters_mm": filters,
                "photons_cm2_mas_kev_1m": [rounded(one, 5) for one in spectrum(kv, filters)],
            }
            for name, (kv, filters) in BEAMS.items()
        },
        "tissues": {name: tissue_row(*composition) for name, composition in TISSUES.items()},
    }


def as_text(tables: dict) -> str:
    """JSON with a line per row, so that a change shows in a diff and the file stays small."""
    return (
        "{\n"
        + ",\n".join(f"  {json.dumps(name)}: {_table(table)}" for name, table in tables.items())
        + "\n}\n"
    )


def _table(table: object) -> str:
    if not isinstance(table, dict):
        return json.dumps(table)
    return (
        "{\n"
        + ",\n".join(f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in table.items())
        + "\n  }"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the frozen tables of the CT simulation.")
    parser.add_argument("--check", action="store_true", help="compare with the frozen tables, write nothing")
    args = parser.parse_args()
    text = as_text(make_tables())
    if args.check:
        return 0 if TABLES.read_text(encoding="utf-8") == text else 1
    TABLES.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
