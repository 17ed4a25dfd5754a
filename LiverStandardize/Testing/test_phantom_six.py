"""The synthetic abdomen in six protocols: HU by the physics tables, exact labels, repeatable chance."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from scipy import ndimage

from LiverCoreLib.errors import Cancelled
from LiverStandardizeLib.simulation import PROTOCOLS, make_abdomen, make_materials, make_six
from LiverStandardizeLib.simulation.contrast import POOLS, draw_contrast
from LiverStandardizeLib.simulation.physics.attenuation import monoenergetic_hu
from LiverStandardizeLib.simulation.physics.tissues import tissue
from LiverStandardizeLib.simulation.protocols.six import Settings
from LiverStandardizeLib.simulation.tissues import LABELS, LIVER, RENAL_CORTEX, STOOL

torch.set_num_threads(1)

GRID = {"size": (96, 96, 20), "spacing_mm": (4.0, 4.0, 12.0)}
SMALL = {"size": (64, 64, 16), "spacing_mm": (6.0, 6.0, 15.0)}
ENERGY_AND_TOLERANCE = {"M40": (40.0, 5.0), "M60": (60.0, 2.0), "M80": (80.0, 2.0)}
"""HU that the design allows a monoenergetic image to be off."""


@pytest.fixture(scope="module")
def body():
    return make_materials(0, **GRID)


@pytest.fixture(scope="module")
def still():
    """Without noise."""
    return make_six(0, noise=False, **GRID)


@pytest.fixture(scope="module")
def noisy():
    return make_six(0, **GRID)


def array(image):
    return sitk.GetArrayViewFromImage(image)


def core(labels, organ, steps=1):
    """Well inside an organ: partial volume and blur stay out."""
    flat = np.ones((1, 3, 3), bool)
    found = ndimage.binary_erosion(array(labels) == LABELS[organ], flat, iterations=steps)
    assert found.sum() > 20
    return found


def medians(scan, organ):
    return {
        name: float(np.median(array(image)[core(scan.labels, organ)])) for name, image in scan.images.items()
    }


# --- maps -------------------------------------------------------------------------------------------------


def test_labels_and_grid_are_those_of_the_ct_like_phantom(body, still) -> None:
    abdomen = make_abdomen(0, **GRID)
    for labels in (body.labels, still.labels):
        np.testing.assert_array_equal(array(labels), array(abdomen.labels))
    for image in (still.labels, *still.images.values()):
        assert image.GetSize() == abdomen.image.GetSize()
        assert image.GetSpacing() == abdomen.image.GetSpacing()
        assert image.GetOrigin() == abdomen.image.GetOrigin()
        assert image.GetDirection() == abdomen.image.GetDirection()


@pytest.mark.parametrize(
    ("organ", "substance", "pool"),
    [
        ("liver", "liver", "liver"),
        ("spleen", "spleen", "spleen"),
        ("aorta", "blood", "aorta"),
        ("gallbladder", "bile", None),
    ],
)
def test_organs_are_made_of_their_tissue_and_the_iodine_of_the_case(body, organ, substance, pool) -> None:
    water, calcium, iodine = (np.median(one[core(body.labels, organ)]) for one in body.maps)
    assert (water, calcium) == pytest.approx(tissue(substance), abs=0.01)
    assert iodine == pytest.approx(body.contrast.iodine_mg_ml[pool] if pool else 0.0, abs=0.01)


def test_a_kidney_holds_what_the_design_lists_for_kidneys(body) -> None:
    kidney = core(body.labels, "right_kidney")
    wanted = np.mean([body.contrast.iodine_mg_ml[name] for name in ("renal_cortex", "renal_medulla")])
    assert body.maps[2][kidney].mean() == pytest.approx(wanted, rel=0.1)


def test_maps_are_possible_and_free_of_noise(body) -> None:
    assert np.isfinite(body.maps).all()
    assert body.maps[2].min() >= 0
    assert 0 < body.maps[0].max() < 1.4
    spleen = body.maps[0][core(body.labels, "spleen", 2)]
    assert spleen.std() < 0.006  # texture of a few HU


def test_a_tissue_is_its_hu_and_keeps_its_kind_when_painted_brighter() -> None:
    assert LIVER == 105.0
    brighter = RENAL_CORTEX + 10.0 - 3.0
    assert (brighter, brighter.pool, brighter.offset_hu) == (189.0, "renal_cortex", 7.0)
    np.testing.assert_array_equal(STOOL + np.array([1.0, 2.0]), [11.0, 12.0])
    np.testing.assert_array_equal(RENAL_CORTEX + np.array([1.0]), [183.0])


# --- contrast ---------------------------------------------------------------------------------------------


def test_iodine_over_many_patients_is_as_published() -> None:
    """Means and standard deviations of the portal phase in the design; drawn within two of the latter."""
    drawn = [draw_contrast(seed).iodine_mg_ml for seed in range(300)]
    of = {name: np.array([one[name] for one in drawn]) for name in POOLS}
    assert of["liver"].mean() == pytest.approx(1.96, abs=0.1)
    assert of["liver"].std() == pytest.approx(0.59, abs=0.08)
    assert of["spleen"].mean() == pytest.approx(2.45, abs=0.12)
    assert of["spleen"].std() == pytest.approx(0.66, abs=0.09)
    assert of["pancreas"].mean() == pytest.approx(2.07, abs=0.1)
    assert ((of["renal_cortex"] + of["renal_medulla"]) / 2).mean() == pytest.approx(6.1, abs=0.2)
    assert of["aorta"].min() >= 3.5
    assert of["aorta"].max() <= 5.5
    assert (of["liver"] / of["aorta"]).mean() == pytest.approx(0.5, abs=0.06)
    assert np.corrcoef(of["liver"], of["spleen"])[0, 1] > 0.6
    assert min(one.min() for one in of.values()) > 0


def test_contrast_is_the_patients_own() -> None:
    assert draw_contrast(5) == draw_contrast(5)
    assert draw_contrast(5) != draw_contrast(6)
    assert set(draw_contrast(5, "unenhanced").iodine_mg_ml.values()) == {0.0}
    assert set(draw_contrast(5).iodine_mg_ml) == set(POOLS)


# --- protocols --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("organ", ["liver", "spleen", "aorta"])
@pytest.mark.parametrize("protocol", ENERGY_AND_TOLERANCE)
def test_monoenergetic_hu_are_those_of_the_tables(body, still, organ, protocol) -> None:
    energy, tolerance = ENERGY_AND_TOLERANCE[protocol]
    inside = core(body.labels, organ)
    water, calcium, iodine = (float(one[inside].mean()) for one in body.maps)
    wanted = monoenergetic_hu(water, calcium, iodine, energy)
    assert array(still.images[protocol])[inside].mean() == pytest.approx(wanted, abs=tolerance)


def test_without_contrast_the_liver_is_what_the_tables_say() -> None:
    plain = make_six(0, noise=False, phase="unenhanced", **GRID)
    for protocol, (energy, tolerance) in ENERGY_AND_TOLERANCE.items():
        wanted = monoenergetic_hu(*tissue("liver"), 0.0, energy)
        assert medians(plain, "liver")[protocol] == pytest.approx(wanted, abs=tolerance)


def test_contrast_falls_from_40_to_80_kev(still) -> None:
    liver, bile = medians(still, "liver"), medians(still, "gallbladder")
    above = {name: liver[name] - bile[name] for name in PROTOCOLS}
    assert above["M40"] > 1.5 * above["M60"] > 1.5 * above["M80"]
    assert above["M80"] < above["FBP"] < above["M60"] + 5


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_more_iodine_is_brighter_in_every_protocol(still, protocol) -> None:
    organs = ("gallbladder", "liver", "aorta", "right_kidney")
    hu = [medians(still, organ)[protocol] for organ in organs]
    assert hu == sorted(hu)


def test_without_noise_ir_is_fbp_and_optimum_contrast_is_brighter_where_there_is_iodine(still) -> None:
    liver, aorta, bile = (medians(still, organ) for organ in ("liver", "aorta", "gallbladder"))
    assert liver["IR"] == pytest.approx(liver["FBP"], abs=1)
    assert aorta["OPT"] > aorta["FBP"] + 10
    assert bile["OPT"] <= bile["FBP"] + 1


def test_noise_is_that_of_each_protocol_and_moves_no_mean(still, noisy) -> None:
    inside = core(still.labels, "liver", 2)
    noise = {
        name: array(noisy.images[name])[inside].astype(float) - array(still.images[name])[inside]
        for name in PROTOCOLS
    }
    spread = {name: float(one.std()) for name, one in noise.items()}
    for name, one in noise.items():
        assert abs(one.mean()) < 5 * spread[name] / np.sqrt(one.size) + 1, name
    assert 0.5 < spread["IR"] / spread["FBP"] < 0.72
    assert spread["M40"] > 1.3 * spread["M60"]


# --- chance, progress, arguments --------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_voxels(still) -> None:
    first, again, other = (make_six(seed, protocols=["FBP"], **SMALL) for seed in (7, 7, 8))
    np.testing.assert_array_equal(array(first.images["FBP"]), array(again.images["FBP"]))
    assert not np.array_equal(array(first.images["FBP"]), array(other.images["FBP"]))
    assert first.contrast == again.contrast != other.contrast


def test_asking_for_fewer_protocols_changes_none_of_them() -> None:
    both = make_six(7, protocols=["IR", "M60"], **SMALL)
    one = make_six(7, protocols=["M60"], **SMALL)
    assert list(both.images) == ["IR", "M60"]
    np.testing.assert_array_equal(array(one.images["M60"]), array(both.images["M60"]))


def test_the_strength_of_iteration_reaches_the_images() -> None:
    options = {"protocols": ["FBP", "IR"], "settings": Settings(ir_strength=5), **SMALL}
    noisy, still = make_six(7, **options), make_six(7, noise=False, **options)
    inside = core(noisy.labels, "liver", 2)
    noise = {
        name: float((array(noisy.images[name])[inside].astype(float) - array(image)[inside]).std())
        for name, image in still.images.items()
    }
    # 0.34 for noise of all frequencies; of what is left in such coarse pixels less is taken.
    assert 0.3 < noise["IR"] / noise["FBP"] < 0.56


def test_progress_rises_and_can_stop_the_work() -> None:
    messages: list[str] = []

    def stop_while_scanning(fraction: float, message: str) -> None:
        messages.append(message)
        if message == "Scanning":
            raise Cancelled()

    with pytest.raises(Cancelled):
        make_six(7, progress=stop_while_scanning, **SMALL)
    assert len(messages) > 1
    assert messages.index("Scanning") == len(messages) - 1
    seen: list[float] = []
    make_six(7, protocols=["FBP"], progress=lambda fraction, message: seen.append(fraction), **SMALL)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"size": (64, 48, 16)}, "square"),
        ({"spacing_mm": (6.0, 5.0, 15.0)}, "square"),
        ({"size": (8, 8, 8)}, "16 or more"),
        ({"spacing_mm": (0.0, 0.0, 1.0)}, "positive"),
        ({"phase": "arterial"}, "no phase 'arterial'"),
        ({"protocols": ["M50"]}, "some of FBP"),
        ({"protocols": []}, "some of FBP"),
        ({"seed": -1}, "non-negative"),
        ({"settings": Settings(ir_strength=9), "protocols": ["IR"]}, "strength"),
    ],
)
def test_impossible_arguments_are_refused(wrong, says) -> None:
    with pytest.raises(ValueError, match=says):
        make_six(**{**SMALL, **wrong})
