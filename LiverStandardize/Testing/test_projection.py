"""Projector, detector, filtered back-projection and their engine, against answers known in closed form."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from LiverStandardizeLib.simulation.checks.objects import Lattice, iodine_cylinder
from LiverStandardizeLib.simulation.physics import Scanner, beam, linear_attenuation_per_cm
from LiverStandardizeLib.simulation.physics.attenuation import MATERIALS
from LiverStandardizeLib.simulation.projection import (
    ParallelBeam,
    ProjectionEngine,
    back_project,
    filter_views,
    project,
)
from LiverStandardizeLib.simulation.projection.detector import Detector
from LiverStandardizeLib.simulation.protocols import decompose

torch.set_num_threads(1)

PIXEL_MM = 2.0
SIZE = 96
GEOMETRY = ParallelBeam.covering(SIZE, PIXEL_MM)
CENTRE_MM, RADIUS_MM = (14.0, -22.0), 50.0


def image(array: np.ndarray) -> torch.Tensor:
    return torch.as_tensor(array, dtype=torch.float32)[None]


@pytest.fixture(scope="module")
def disc() -> torch.Tensor:
    return image(Lattice(SIZE, PIXEL_MM).disc(CENTRE_MM, RADIUS_MM))


@pytest.fixture(scope="module")
def disc_views(disc) -> torch.Tensor:
    return project(disc, GEOMETRY)


# --- projector --------------------------------------------------------------------------------------------


def test_a_discs_projection_is_its_chords(disc_views):
    angles, places = GEOMETRY.angles()[:, None], GEOMETRY.off_centre_cm()[None, :]
    middle = (CENTRE_MM[0] * torch.cos(angles) + CENTRE_MM[1] * torch.sin(angles)) / 10
    away = (places - middle).abs()
    chords = 2 * torch.sqrt(((RADIUS_MM / 10) ** 2 - away**2).clamp_min(0))
    error = (disc_views[0] - chords).abs()
    assert float(error.mean()) < 0.004 * float(chords.max())
    inner = away < 0.9 * RADIUS_MM / 10
    assert float(error[inner].max()) < 0.02 * float(chords.max())
    assert float(disc_views[0][away > (RADIUS_MM + 2 * PIXEL_MM) / 10].abs().max()) < 1e-5


def test_every_view_sees_the_whole_area(disc, disc_views):
    area = float(disc.sum()) * GEOMETRY.pixel_cm**2
    seen = disc_views[0].sum(1) * GEOMETRY.pitch_cm
    torch.testing.assert_close(seen, torch.full_like(seen, area), rtol=1e-3, atol=0)


def test_projection_is_linear(disc, disc_views):
    other = torch.rand(1, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    both = project(torch.cat([other, 2 * disc - 3 * other]), GEOMETRY)
    torch.testing.assert_close(both[1:], 2 * disc_views - 3 * both[:1], atol=2e-4, rtol=1e-4)


def test_transposing_mirrors_the_angles():
    square = torch.rand(1, 24, 24, generator=torch.Generator().manual_seed(1))
    geometry = ParallelBeam(24, 0.2, 40, 24, 0.2)
    straight, turned = project(square, geometry)[0], project(square.transpose(1, 2), geometry)[0]
    # x cos a + y sin a with x and y exchanged is the view at pi/2 - a
    for view in range(21):
        torch.testing.assert_close(turned[view], straight[20 - view], atol=1e-5, rtol=1e-4)


def test_a_point_lies_where_its_ray_is():
    point = torch.zeros(1, 33, 33)
    point[0, 26, 20] = 1.0  # x = 4, y = 10 pixels off the centre
    geometry = ParallelBeam(33, 0.1, 12, 401, 0.01)
    views = project(point, geometry)[0]
    places = geometry.off_centre_cm()
    centroid = (views * places).sum(1) / views.sum(1)
    wanted = 0.4 * torch.cos(geometry.angles()) + 1.0 * torch.sin(geometry.angles())
    torch.testing.assert_close(centroid, wanted, atol=1e-3, rtol=0)


@pytest.mark.parametrize("shape", [(SIZE, SIZE), (1, SIZE, SIZE - 1), (1, 1, SIZE, SIZE)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="images must be"):
        project(torch.zeros(shape), GEOMETRY)


def test_impossible_geometries_are_refused():
    for wrong in ({"size": 1}, {"views": 0}, {"pitch_cm": 0.0}, {"pixel_cm": -1.0}):
        with pytest.raises(ValueError, match="must be"):
            replace(GEOMETRY, **wrong)


def test_rays_are_no_further_apart_than_asked():
    geometry = ParallelBeam.covering(100, 1.5, 0.55)
    assert geometry.pitch_cm <= 0.055 + 1e-9
    assert geometry.readings * geometry.pitch_cm >= 15.0
    assert ParallelBeam.covering(100, 0.4, 0.55).pitch_cm == pytest.approx(0.04)


# --- filtered back-projection -----------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", [2.0, math.inf])
def test_a_disc_comes_back(disc_views, kernel):
    found = back_project(filter_views(disc_views, GEOMETRY, kernel), GEOMETRY)[0].numpy()
    lattice = Lattice(SIZE, PIXEL_MM)
    inside = lattice.disc(CENTRE_MM, RADIUS_MM - 8) == 1
    outside = (lattice.disc(CENTRE_MM, RADIUS_MM + 8) == 0) & (lattice.disc((0, 0), 90) == 1)
    assert found[inside].mean() == pytest.approx(1.0, abs=1e-3)
    assert abs(found[inside] - 1).max() < 0.03
    assert abs(found[outside].mean()) < 1e-3


def test_views_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="views must be"):
        back_project(torch.zeros(1, 3, SIZE), GEOMETRY)


# --- detector ---------------------------------------------------------------------------------------------

PLACES_CM = torch.linspace(-20, 20, 9)


def paths_of(water_cm, iodine=0.0) -> torch.Tensor:
    """(3, lengths, readings)."""
    water = torch.as_tensor(water_cm, dtype=torch.float32)[:, None].expand(-1, len(PLACES_CM))
    return torch.stack([water, 0 * water, iodine * torch.ones_like(water)])


def test_one_energy_obeys_beer_and_lambert():
    energy = 60.5
    one = replace(
        beam("70"),
        energy_kev=np.array([energy]),
        photons=np.array([1e6]),
        attenuation_per_cm=np.array([[linear_attenuation_per_cm(name, energy)] for name in MATERIALS]),
        aluminium_per_cm=np.array([0.7]),
    )
    detector = Detector(one, Scanner(), PLACES_CM)
    water = [0.0, 3.0, 25.0]
    found = detector.water_cm(paths_of(water, iodine=20.0), 1.0)
    gain = linear_attenuation_per_cm("iodine", energy) / linear_attenuation_per_cm("water", energy)
    wanted = torch.tensor(water)[:, None] + 20.0 * float(gain)
    torch.testing.assert_close(found, wanted.expand_as(found), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["70", "Sn150"])
def test_water_is_water_behind_any_part_of_the_bow_tie(name):
    water = [1.0, 5.0, 10.0, 20.0, 30.0, 45.0]
    found = Detector(beam(name), Scanner(), PLACES_CM).water_cm(paths_of(water), 1e9)
    error = found / torch.tensor(water)[:, None] - 1
    assert float(error.abs().max()) < 1.5e-3


def test_without_its_bow_tie_the_correction_would_be_wrong():
    """The trap: one correction for all readings."""
    scanner = Scanner()
    middle_only = Detector(beam("70"), replace(scanner, bowtie_cm=0.0), PLACES_CM)
    bowtie_cm = torch.as_tensor(scanner.bowtie_aluminium_cm(PLACES_CM.numpy()), dtype=torch.float32)
    group = Detector(beam("70"), scanner, PLACES_CM)
    assert float(bowtie_cm.max()) > 1.0
    group._correction = middle_only._correction
    wrong = group.water_cm(paths_of([20.0]), 1e9)[0]
    assert float((wrong[0] / wrong[4] - 1).abs()) > 0.01


def test_noise_falls_with_the_root_of_the_dose():
    scanner = replace(Scanner(), electronic_noise_photons=0.0)
    places = torch.zeros(4)
    detector = Detector(beam("70"), scanner, places)
    paths = torch.zeros(3, 4000, 4)
    paths[0] = 20.0
    generator = torch.Generator().manual_seed(0)
    spread = [float(detector.water_cm(paths, scale, generator).std()) for scale in (0.02, 0.08)]
    assert spread[0] / spread[1] == pytest.approx(2.0, rel=0.03)


def test_noise_is_what_the_photons_allow():
    """Readings of one energy: variance of the logarithm is 1/(swank N) plus the electronics'."""
    energy, water_per_cm = 60.5, float(linear_attenuation_per_cm("water", 60.5))
    one = replace(
        beam("70"),
        energy_kev=np.array([energy]),
        photons=np.array([1e5]),
        attenuation_per_cm=np.array([[linear_attenuation_per_cm(name, energy)] for name in MATERIALS]),
        aluminium_per_cm=np.array([0.7]),
    )
    scanner = replace(Scanner(), electronic_noise_photons=30.0)
    paths = torch.zeros(3, 20000, 1)
    paths[0] = 10.0
    found = Detector(one, scanner, torch.zeros(1)).water_cm(paths, 0.2, torch.Generator().manual_seed(0))
    photons = 2e4 * math.exp(-10 * water_per_cm)
    wanted = math.sqrt(1 / (scanner.swank_factor * photons) + (30 / photons) ** 2) / water_per_cm
    assert float(found.std()) == pytest.approx(wanted, rel=0.03)


def test_a_starved_detector_still_reads():
    paths = paths_of([55.0, 300.0])
    found = Detector(beam("70"), Scanner(), PLACES_CM).water_cm(paths, 1e-6, torch.Generator().manual_seed(0))
    assert torch.isfinite(found).all()


# --- engine -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cylinder():
    return iodine_cylinder(Lattice(SIZE, PIXEL_MM), 160.0, (2.0, 4.0))


@pytest.fixture(scope="module")
def engine():
    return ProjectionEngine(SIZE, PIXEL_MM, replace(Scanner(), detector_pitch_mm=2.0))


def test_materials_come_back_without_noise(engine, cylinder):
    images = engine.scan(cylinder.maps)
    assert not images.noise.any()
    water, iodine = decompose(images.hu, images.iodine_hu)
    centre = torch.as_tensor(cylinder.centre)
    assert float(water[0, centre].mean()) == pytest.approx(0.0, abs=1.0)
    assert float(iodine[0, centre].mean()) == pytest.approx(0.0, abs=0.03)
    for wanted, mask in zip(cylinder.iodine_mg_ml, cylinder.inserts):
        assert float(iodine[0, torch.as_tensor(mask)].mean()) == pytest.approx(wanted, rel=0.02)


def test_a_seed_is_a_noise(engine, cylinder):
    prepared = engine.prepare(cylinder.maps)
    one, same, other = (engine.draw(prepared, torch.Generator().manual_seed(seed)) for seed in (5, 5, 6))
    assert torch.equal(one.noise, same.noise)
    assert not torch.equal(one.noise, other.noise)
    assert torch.equal(one.signal, other.signal)


def test_noise_of_the_two_beams_is_independent(engine, cylinder):
    noise = engine.scan(cylinder.maps, torch.Generator().manual_seed(0)).noise[0]
    body = cylinder.maps[0, 0] == 1
    correlation = torch.corrcoef(noise[:, body])[0, 1]
    assert abs(float(correlation)) < 0.05


def test_a_larger_patient_than_the_section_gets_more_dose(engine, cylinder):
    def spread(diameters):
        images = engine.scan(cylinder.maps, torch.Generator().manual_seed(0), diameters)
        return float(images.noise[0, 0][torch.as_tensor(cylinder.centre)].std())

    assert spread([30.0]) < 0.7 * spread(None)


@pytest.mark.parametrize(
    ("shape", "diameters", "said"),
    [((3, SIZE, SIZE), None, r"n, 3"), ((1, 2, SIZE, SIZE), None, r"n, 3"), ((1, 3, 8, 8), None, "images")],
)
def test_other_maps_are_refused(engine, shape, diameters, said):
    with pytest.raises(ValueError, match=said):
        engine.scan(torch.ones(shape), diameters_cm=diameters)


def test_an_empty_section_is_air(engine):
    images = engine.scan(torch.zeros(1, 3, SIZE, SIZE), torch.Generator().manual_seed(0))
    within = torch.as_tensor(Lattice(SIZE, PIXEL_MM).disc((0, 0), 90) == 1)
    torch.testing.assert_close(
        images.hu[0][:, within].mean(1), torch.tensor([-1000.0, -1000.0]), atol=1.0, rtol=0
    )


def test_maps_that_are_not_finite_are_refused(engine, cylinder):
    broken = cylinder.maps.clone()
    broken[0, 2, 5, 5] = math.nan
    with pytest.raises(ValueError, match="finite"):
        engine.scan(broken)


def test_every_section_has_its_diameter(engine, cylinder):
    with pytest.raises(ValueError, match="as many diameters"):
        engine.scan(cylinder.maps, diameters_cm=[20.0, 20.0])
