"""Every check, in the order in which they build on each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable, Union

import torch

from ..image_engine.engine import ImageEngine
from ..physics.attenuation import iodine_hu_per_mg_ml
from ..projection.engine import ProjectionEngine
from ..protocols.energy_images import EnergyImages
from ..protocols.six import ENERGIES_KEV, PROTOCOLS, Settings, make_protocols
from .check import Check, around
from .measures import edge_mtf50_lp_cm, mean_frequency_lp_cm, row_share
from .objects import (
    ABDOMEN_WIDTH_MM,
    INSERT_RADIUS_MM,
    IodineCylinder,
    Lattice,
    PlainAbdomen,
    iodine_cylinder,
    plain_abdomen,
)
from .real_scans import simulated_from_one_image

Engine = Union[ImageEngine, ProjectionEngine]
ENGINES: dict[str, type[Engine]] = {"image": ImageEngine, "projection": ProjectionEngine}

IODINE_HU_PER_MG_ML = {40: 82.4, 50: 54.3, 60: 36.8, 70: 26.0, 80: 19.1}
"""From NIST's attenuation coefficients (NISTIR 5632), to the digits given."""
PORTAL_IODINE_MG_ML = (1.0, 2.0, 3.0, 5.0)
"""Bowel to aorta in the portal phase."""
CYLINDER_DIAMETERS_MM = (120.0, 200.0, 300.0)
MONOENERGETIC_TOLERANCE_HU = {"M40": 5.0, "M60": 2.0, "M80": 2.0}
NOISE_DRAWS = 6
SIZE = 256


def run_checks(progress: Callable[[float, str], None] | None = None) -> list[Check]:
    """Measure everything; some 35 CPU seconds. The same figures every time on one machine."""
    tell = progress or (lambda fraction, message: None)
    tell(0.0, "attenuation")
    checks = list(_attenuation())
    steps = len(CYLINDER_DIAMETERS_MM) * len(ENGINES) + 3
    done = 0
    for diameter in CYLINDER_DIAMETERS_MM:
        lattice = Lattice(SIZE, 1.1 * diameter / SIZE)
        cylinder = iodine_cylinder(lattice, diameter, PORTAL_IODINE_MG_ML)
        for name, engine in ENGINES.items():
            tell(done / steps, f"water and iodine in {diameter / 10:g} cm, {name} engine")
            images = engine(SIZE, lattice.pixel_mm).scan(cylinder.maps)
            checks += _cylinder(name, diameter, cylinder, images)
            if diameter == 200.0:
                checks.append(_sharpness(name, cylinder, images))
            done += 1
    lattice = Lattice(SIZE, 1.1 * ABDOMEN_WIDTH_MM / SIZE)
    abdomen = plain_abdomen(lattice)
    scans = {}
    for name, engine in ENGINES.items():
        tell(done / steps, f"noise in an abdomen, {name} engine")
        scans[name] = _noisy_scans(engine(SIZE, lattice.pixel_mm), abdomen)
        done += 1
    checks += _abdomen(scans, abdomen)
    tell(done / steps, "protocols from one image alone")
    return checks + list(simulated_from_one_image())


def _attenuation() -> Iterator[Check]:
    for energy, wanted in IODINE_HU_PER_MG_ML.items():
        found = iodine_hu_per_mg_ml(energy)
        yield around(f"iodine at {energy} keV", "tables", found, wanted, 0.1, "HU per mg/mL", "NIST")


def _cylinder(
    engine: str, diameter_mm: float, cylinder: IodineCylinder, images: EnergyImages
) -> Iterator[Check]:
    size = f"{diameter_mm / 10:g} cm water"
    beams = dict(zip(("70 kV", "Sn150 kV"), images.signal[0]))
    for beam, image in beams.items():
        for place, mask in (("centre", cylinder.centre), ("rim", cylinder.rim)):
            found = float(image[torch.as_tensor(mask)].mean())
            yield around(f"{size}, {beam}, {place}", engine, found, 0.0, 1.0, "HU", "definition of HU")
    worth = [_slope(cylinder.iodine_mg_ml, _means(image, cylinder.inserts)) for image in beams.values()]
    ratio = worth[0] / worth[1]
    yield Check(
        f"{size}, iodine 70 kV : Sn150 kV", engine, ratio, 3.9, 4.1, "", "dual-source scanners, DESIGN 6"
    )
    made = make_protocols(images, tuple(ENERGIES_KEV), Settings(classic_monoenergetic=True))
    for name, energy in ENERGIES_KEV.items():
        errors = [
            found - mg_ml * iodine_hu_per_mg_ml(energy)
            for mg_ml, found in zip(cylinder.iodine_mg_ml, _means(made[name][0], cylinder.inserts))
        ]
        worst = max(errors, key=abs)
        tolerance = MONOENERGETIC_TOLERANCE_HU[name]
        yield around(f"{size}, {name}, iodine 1-5 mg/mL, worst", engine, worst, 0.0, tolerance, "HU", "NIST")


def _sharpness(engine: str, cylinder: IodineCylinder, images: EnergyImages) -> Check:
    made = make_protocols(images.without_noise(), ("FBP", "IR"))
    found = {
        name: edge_mtf50_lp_cm(
            image[0].cpu().numpy(), images.pixel_mm, cylinder.places_mm[-1], INSERT_RADIUS_MM
        )
        for name, image in made.items()
    }
    return Check(
        "MTF50 of IR strength 3 to FBP", engine, found["IR"] / found["FBP"], 0.9, 1.1, "", "DESIGN 6"
    )


def _noisy_scans(engine: Engine, abdomen: PlainAbdomen) -> EnergyImages:
    """One section scanned several times: the noise of each, and the signal that all share."""
    generator = torch.Generator().manual_seed(1)
    prepared = engine.prepare(abdomen.maps)
    draws = [engine.draw(prepared, generator) for _ in range(NOISE_DRAWS)]  # type: ignore[arg-type]
    first = draws[0]
    return EnergyImages(
        first.signal.expand(NOISE_DRAWS, -1, -1, -1),
        torch.cat([draw.noise for draw in draws]),
        first.iodine_hu.expand(NOISE_DRAWS, -1),
        first.pixel_mm,
    )


def _abdomen(scans: dict[str, EnergyImages], abdomen: PlainAbdomen) -> Iterator[Check]:
    liver = torch.as_tensor(abdomen.liver)
    clean, noise = {}, {}
    for engine, images in scans.items():
        clean[engine] = make_protocols(images.without_noise())
        noisy = make_protocols(images)
        noise[engine] = {name: noisy[name] - clean[engine][name] for name in PROTOCOLS}
        spread = {name: float(noise[engine][name][:, liver].std()) for name in ("FBP", "IR")}
        change = 100 * (spread["IR"] / spread["FBP"] - 1)
        yield Check("noise of IR strength 3 in the liver", engine, change, -45, -35, "% of FBP", "DESIGN 6")
    yield from _agreement(clean, noise, liver, scans["image"].pixel_mm)


def _agreement(
    clean: dict[str, dict[str, torch.Tensor]],
    noise: dict[str, dict[str, torch.Tensor]],
    liver: torch.Tensor,
    pixel_mm: float,
) -> Iterator[Check]:
    both = "image to projection"
    for name in PROTOCOLS:
        bias = float((clean["image"][name] - clean["projection"][name])[0, liver].mean())
        yield around(f"{name}, mean of the liver", both, bias, 0.0, 4.0, "HU", "DESIGN 6")
    for name in PROTOCOLS:
        ratio = float(noise["image"][name][:, liver].std() / noise["projection"][name][:, liver].std())
        yield around(f"{name}, noise in the liver", both, 100 * (ratio - 1), 0.0, 10.0, "%", "DESIGN 6")
    box = _box(liver)
    for name in PROTOCOLS:
        fast, slow = (noise[engine][name][:, box[0], box[1]] for engine in ENGINES)
        change = 100 * (mean_frequency_lp_cm(fast, pixel_mm) / mean_frequency_lp_cm(slow, pixel_mm) - 1)
        yield around(f"{name}, mean frequency of the noise", both, change, 0.0, 5.0, "%", "projection engine")
    fast, slow = (noise[engine]["FBP"][:, box[0], box[1]] for engine in ENGINES)
    change = 100 * (row_share(fast, pixel_mm) / row_share(slow, pixel_mm) - 1)
    yield around("FBP, direction of the noise", both, change, 0.0, 15.0, "%", "projection engine")


def _means(image: torch.Tensor, masks: Sequence) -> list[float]:
    return [float(image[torch.as_tensor(mask)].mean()) for mask in masks]


def _slope(iodine_mg_ml: Sequence[float], hu: Sequence[float]) -> float:
    """HU per mg/mL by least squares through zero."""
    iodine, values = torch.tensor(iodine_mg_ml), torch.tensor(hu)
    return float(iodine @ values / (iodine @ iodine))


def _box(mask: torch.Tensor) -> tuple[slice, slice]:
    """A square of 48 pixels about the mask's middle, which lies in the liver."""
    middle = [int(places.float().mean()) for places in torch.nonzero(mask).T]
    return slice(middle[0] - 24, middle[0] + 24), slice(middle[1] - 24, middle[1] + 24)
