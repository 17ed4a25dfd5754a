"""The figures of docs/physics.md, measured anew: ``python Testing/make_physics_figures.py [FIGURE ...]``.

Each is a file ``docs/images/physics-FIGURE.png``; all take about a minute on one core. The same figures
come out every time on one machine: chance is seeded.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import SimpleITK as sitk
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from LiverStandardizeLib.simulation import (
    EnergyImages,
    ImageEngine,
    ProjectionEngine,
    make_protocols,
    make_six,
)
from LiverStandardizeLib.simulation.checks.all_checks import IODINE_HU_PER_MG_ML, PORTAL_IODINE_MG_ML
from LiverStandardizeLib.simulation.checks.measures import edge_mtf, radial_noise_power
from LiverStandardizeLib.simulation.checks.objects import (
    ABDOMEN_WIDTH_MM,
    INSERT_RADIUS_MM,
    Lattice,
    iodine_cylinder,
    plain_abdomen,
)
from LiverStandardizeLib.simulation.people import draw_person
from LiverStandardizeLib.simulation.physics.attenuation import iodine_hu_per_mg_ml
from LiverStandardizeLib.simulation.protocol_picture import LEVEL_HU, WIDTH_HU
from LiverStandardizeLib.simulation.protocols.six import ENERGIES_KEV, PROTOCOLS, Settings
from LiverStandardizeLib.simulation.tissues import LABELS

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
ENGINES = {"image engine": ImageEngine, "projection engine": ProjectionEngine}
LINES = {"image engine": "-", "projection engine": "--"}
COLOURS = dict(zip(PROTOCOLS, ("#333333", "#1f77b4", "#2ca02c", "#d62728", "#ff7f0e", "#9467bd")))
CYLINDER_MM = 200.0
NOISE_DRAWS = 24
AGES_YEARS = (0.5, 6.0, 35.0)
WIDE_INCHES, TALL_INCHES, DPI = 7.2, 4.2, 110


class Size(NamedTuple):
    """Pixels across the sections that are measured, and voxels of the people."""

    pixels: int = 256
    person: tuple[int, int, int] = (256, 256, 48)


def iodine(size: Size) -> Figure:
    """What 1 mg/mL of iodine is worth by the tables, by NIST, and in inserts that both engines scanned."""
    figure = Figure(figsize=(WIDE_INCHES, TALL_INCHES), layout="constrained")
    axes, errors = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    energies = np.linspace(38, 100, 63)
    axes.plot(energies, [iodine_hu_per_mg_ml(energy) for energy in energies], color="#333333", label="tables")
    measured = {"from NIST's coefficients": IODINE_HU_PER_MG_ML}
    lattice = Lattice(size.pixels, 1.1 * CYLINDER_MM / size.pixels)
    cylinder = iodine_cylinder(lattice, CYLINDER_MM, PORTAL_IODINE_MG_ML)
    mg_ml = np.array(cylinder.iodine_mg_ml)
    for name, engine in ENGINES.items():
        images = engine(size.pixels, lattice.pixel_mm).scan(cylinder.maps)
        made = make_protocols(images, tuple(ENERGIES_KEV), Settings(classic_monoenergetic=True))
        worth = {}
        for protocol, energy in ENERGIES_KEV.items():
            masks = [torch.as_tensor(mask) for mask in cylinder.inserts]
            hu = np.array([float(made[protocol][0][mask].mean()) for mask in masks])
            worth[int(energy)] = float(mg_ml @ hu / (mg_ml @ mg_ml))
        measured[f"M40, M60, M80 of the {name}"] = worth
    marks = (("s", "#d62728", 12), ("o", "#1f77b4", 7), ("x", "#2ca02c", 8))
    for (name, worth), (mark, colour, points) in zip(measured.items(), marks):
        look = {
            "linestyle": "none",
            "marker": mark,
            "color": colour,
            "markersize": points,
            "fillstyle": "none",
        }
        off = [100 * (hu / iodine_hu_per_mg_ml(energy) - 1) for energy, hu in worth.items()]
        axes.plot(list(worth), list(worth.values()), label=name, **look)
        errors.plot(list(worth), off, **look)
        print(f"{name}: {', '.join(f'{energy} keV {hu:.2f}' for energy, hu in worth.items())} HU per mg/mL")
    errors.axhline(0, color="#333333")
    errors.set(xlabel="photon energy, keV", ylabel="off the tables, %", ylim=(-2, 2))
    axes.set(ylabel="HU per mg/mL of iodine", ylim=(0, 95))
    axes.legend(frameon=False)
    _plain(axes)
    _plain(errors)
    return figure


def noise(size: Size) -> Figure:
    """Noise power of each protocol in the liver of a plain abdomen, and its standard deviation."""
    figure = Figure(figsize=(WIDE_INCHES, TALL_INCHES), layout="constrained")
    power, bars = figure.subplots(1, 2, width_ratios=(2, 1))
    lattice = Lattice(size.pixels, 1.1 * ABDOMEN_WIDTH_MM / size.pixels)
    abdomen = plain_abdomen(lattice)
    liver = torch.as_tensor(abdomen.liver)
    box = _square_inside(abdomen.liver)
    for number, (name, engine) in enumerate(ENGINES.items()):
        images = _draws(engine(size.pixels, lattice.pixel_mm), abdomen.maps)
        clean, noisy = make_protocols(images.without_noise()), make_protocols(images)
        spread = []
        for protocol in PROTOCOLS:
            only = noisy[protocol] - clean[protocol]
            frequency, density = radial_noise_power(only[:, box[0], box[1]], lattice.pixel_mm)
            label = protocol if number == 0 else None
            power.plot(frequency, density, LINES[name], color=COLOURS[protocol], label=label)
            spread.append(float(only[:, liver].std()))
        places = np.arange(len(PROTOCOLS)) + 0.4 * number - 0.2
        colours = [COLOURS[protocol] for protocol in PROTOCOLS]
        bars.barh(places, spread, 0.38, color=colours, alpha=1 - 0.5 * number)
        print(f"{name}: " + ", ".join(f"{a} {b:.1f}" for a, b in zip(PROTOCOLS, spread)) + " HU")
    power.set(xlabel="lp/cm", ylabel="noise power, HU² mm²", xlim=(0, 5 / lattice.pixel_mm), yscale="log")
    figure.legend(
        loc="outside upper center", ncols=len(PROTOCOLS), frameon=False,
        title="solid and dark: image engine; dashed and pale: projection engine",
    )  # fmt: skip
    bars.set(xlabel="standard deviation, HU", yticks=range(len(PROTOCOLS)), yticklabels=PROTOCOLS)
    bars.invert_yaxis()
    _plain(power)
    _plain(bars)
    return figure


def sharpness(size: Size) -> Figure:
    """Modulation transfer of each protocol by the edge of an insert of 5 mg/mL, without noise."""
    figure, axes = _one_plot("lp/cm", "contrast that is left")
    lattice = Lattice(size.pixels, 1.1 * CYLINDER_MM / size.pixels)
    cylinder = iodine_cylinder(lattice, CYLINDER_MM, PORTAL_IODINE_MG_ML)
    for name, engine in ENGINES.items():
        images = engine(size.pixels, lattice.pixel_mm).scan(cylinder.maps).without_noise()
        for protocol, image in make_protocols(images).items():
            place = cylinder.places_mm[-1]
            frequency, transfer = edge_mtf(image[0].numpy(), lattice.pixel_mm, place, INSERT_RADIUS_MM)
            shown = frequency <= 5 / lattice.pixel_mm
            label = protocol if name == "image engine" else None
            axes.plot(
                frequency[shown], transfer[shown], LINES[name], color=COLOURS[protocol], label=label
            )  # fmt: skip
            half = frequency[np.argmax(transfer < 0.5)]
            print(f"{name}: {protocol} falls to one half at {half:.2f} lp/cm")
    axes.axhline(0.5, color="#bbbbbb", linewidth=0.8, zorder=0)
    axes.set(xlim=(0, 5 / lattice.pixel_mm), ylim=(0, 1.1))
    axes.legend(frameon=False, title="solid: image engine\ndashed: projection engine")
    return figure


def people(size: Size) -> Figure:
    """An infant, a child and an adult in all six protocols: the section with most liver, at one scale."""
    scans = []
    for age in AGES_YEARS:
        person = draw_person(1, age_years=age)
        scans.append(make_six(1, size=size.person, person=person))
        print(f"{age:g} years: {person.to_dict()}")
    wide_mm = max(scan.labels.GetSpacing()[0] * scan.labels.GetSize()[0] for scan in scans)
    rows_mm = [wide_mm * share for share in (0.42, 0.55, 0.72)]
    inch = WIDE_INCHES * 1.6 / (len(PROTOCOLS) * wide_mm)
    tall = sum(rows_mm) * inch
    figure = Figure(figsize=(WIDE_INCHES * 1.6, tall), facecolor="black")
    top = tall
    for scan, row_mm in zip(scans, rows_mm):
        top -= row_mm * inch
        liver = sitk.GetArrayViewFromImage(scan.labels) == LABELS["liver"]
        index = int(liver.sum(axis=(1, 2)).argmax())
        half = scan.labels.GetSpacing()[0] * scan.labels.GetSize()[0] / 2
        for column, protocol in enumerate(PROTOCOLS):
            box = (column / len(PROTOCOLS), top / tall, 1 / len(PROTOCOLS), row_mm * inch / tall)
            axes = figure.add_axes(box)
            axes.imshow(
                sitk.GetArrayViewFromImage(scan.images[protocol])[index], cmap="gray",
                vmin=LEVEL_HU - WIDTH_HU / 2, vmax=LEVEL_HU + WIDTH_HU / 2,
                extent=(-half, half, half, -half), interpolation="bilinear",
            )  # fmt: skip
            axes.set(xlim=(-wide_mm / 2, wide_mm / 2), ylim=(row_mm / 2, -row_mm / 2))
            axes.set_axis_off()
            words = protocol if column else f"{protocol}   {scan.person.age_years:g} years"
            axes.text(0.03, 0.95, words, color="white", fontsize=9, va="top", transform=axes.transAxes)
    axes.plot([wide_mm * 0.17, wide_mm * 0.17 + 100], [row_mm * 0.45] * 2, color="white", linewidth=2)
    axes.text(
        wide_mm * 0.17 + 50, row_mm * 0.43, "10 cm", color="white", fontsize=8, ha="center", va="bottom"
    )
    return figure


FIGURES: dict[str, Callable[[Size], Figure]] = {
    "iodine": iodine,
    "noise": noise,
    "sharpness": sharpness,
    "people": people,
}


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER, size: Size | None = None) -> None:
    """Draw the named figures, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"some of {', '.join(FIGURES)}")
    wanted = parser.parse_args(arguments).figures or list(FIGURES)
    unknown = sorted(set(wanted) - set(FIGURES))
    if unknown:
        parser.error(f"no figure {unknown[0]!r}; there are {', '.join(FIGURES)}")
    for name in wanted:
        path = folder / f"physics-{name}.png"
        figure = FIGURES[name](size or Size())
        figure.savefig(path, dpi=DPI, facecolor=figure.get_facecolor())
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def _draws(engine: ImageEngine | ProjectionEngine, maps: torch.Tensor) -> EnergyImages:
    """The section scanned several times: the noise of each, and the signal that all share."""
    generator = torch.Generator().manual_seed(1)
    prepared = engine.prepare(maps)
    draws = [engine.draw(prepared, generator) for _ in range(NOISE_DRAWS)]  # type: ignore[arg-type]
    first = draws[0]
    return EnergyImages(
        first.signal.expand(NOISE_DRAWS, -1, -1, -1),
        torch.cat([draw.noise for draw in draws]),
        first.iodine_hu.expand(NOISE_DRAWS, -1),
        first.pixel_mm,
    )


def _square_inside(mask: np.ndarray) -> tuple[slice, slice]:
    """A square about the middle of a mask, three sixteenths of the image wide."""
    half = 3 * mask.shape[0] // 32
    rows, columns = (int(places.mean()) for places in np.nonzero(mask))
    return slice(rows - half, rows + half), slice(columns - half, columns + half)


def _one_plot(x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDE_INCHES, TALL_INCHES), layout="constrained")
    axes = figure.subplots()
    axes.set(xlabel=x, ylabel=y)
    _plain(axes)
    return figure, axes


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
