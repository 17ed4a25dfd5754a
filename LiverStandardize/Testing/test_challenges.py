"""Challenges of the phantom: each against what its physics and geometry say, and nothing else moves."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from scipy import ndimage

import livercnn
from LiverStandardizeLib import command_phantom
from LiverStandardizeLib.simulation import make_abdomen, make_materials, make_six
from LiverStandardizeLib.simulation.ascites import FLUID
from LiverStandardizeLib.simulation.body import body_of
from LiverStandardizeLib.simulation.challenges import (
    CYST,
    HYPERVASCULAR,
    METASTASIS,
    NAMES,
    ChallengeError,
    Challenges,
    Lesion,
    LesionContrast,
    lesion_of,
)
from LiverStandardizeLib.simulation.chance import Chance
from LiverStandardizeLib.simulation.drawn_challenges import LOW_CONTRAST_IODINE, LOW_DOSE_CHARGE
from LiverStandardizeLib.simulation.metal import CALCIUM_OF_METAL_MG_ML
from LiverStandardizeLib.simulation.people import draw_person
from LiverStandardizeLib.simulation.physics.attenuation import monoenergetic_hu
from LiverStandardizeLib.simulation.physics.tissues import tissue
from LiverStandardizeLib.simulation.plan import make_plan
from LiverStandardizeLib.simulation.tissues import DETAILS, FIRST_LESION, LABELS

torch.set_num_threads(1)

GRID = {"size": (80, 80, 24)}
COARSE = {"size": (64, 64, 16)}
LIVER = LABELS["liver"]


def array(image):
    return sitk.GetArrayViewFromImage(image)


def inner(mask):
    return ndimage.binary_erosion(mask, np.ones((1, 3, 3), bool))


@pytest.fixture(scope="module")
def plain():
    return make_materials(0, **GRID)


def challenged(*lesions, seed=0, grid=GRID, **names):
    return make_materials(seed, challenges=Challenges(lesions=lesions, **names), **grid)


# --- lesions ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three():
    """A metastasis, a cyst and a hypervascular lesion."""
    return challenged(Lesion(50.0), Lesion(36.0, CYST), Lesion(36.0, HYPERVASCULAR))


def away_mm(body, placed):
    """Distance of voxels from the middle of a lesion, (z, y, x)."""
    origin, step, size = body.details.GetOrigin(), body.details.GetSpacing(), body.details.GetSize()
    x, y, z = (
        (start + np.arange(count) * one - middle) ** 2
        for start, count, one, middle in zip(origin, size, step, placed.centre_mm)
    )
    return np.sqrt(x[None, None, :] + y[None, :, None] + z[:, None, None])


def test_a_lesion_holds_its_water_and_its_share_of_the_livers_iodine(three) -> None:
    liver = three.contrast.iodine_mg_ml["liver"]
    for placed in three.challenges.lesions:
        middle = np.unravel_index(away_mm(three, placed).argmin(), three.maps.shape[1:])
        assert array(three.details)[middle] == placed.code
        water, calcium, iodine = (float(one[middle]) for one in three.maps)
        contrast = placed.lesion.contrast
        assert water == pytest.approx(contrast.water, abs=0.013)  # texture of a few HU
        assert calcium == pytest.approx(contrast.calcium_mg_ml, abs=0.02)
        assert iodine == pytest.approx(contrast.iodine_to_liver * liver, abs=0.01)


def test_a_rim_takes_up_more_than_the_core_and_less_than_the_liver() -> None:
    body = challenged(Lesion(70.0))
    (placed,) = body.challenges.lesions
    # Within the plane of its middle, where the rim stands upright in thick slices.
    away = away_mm(body, placed)
    section = int(np.unravel_index(away.argmin(), away.shape)[0])
    outermost = np.abs(away[section] - (35.0 - placed.lesion.rim_mm / 2)) < 1.5
    rim = np.median(body.maps[2, section][outermost & (array(body.details)[section] == placed.code)])
    liver = body.contrast.iodine_mg_ml["liver"]
    assert METASTASIS.iodine_to_liver * liver < rim < liver


@pytest.mark.parametrize("diameter_mm", [16.0, 60.0])
def test_the_volume_of_a_lesion_is_that_of_its_ball(diameter_mm) -> None:
    fine = {"size": (80, 80, 64), "spacing_mm": (3.0, 3.0, 3.0)}
    body = challenged(Lesion(diameter_mm, CYST), seed=1, grid=fine)
    (placed,) = body.challenges.lesions
    assert placed.share_in_liver == 1.0
    mask = array(body.details) == placed.code
    found_mm3 = float(mask.sum()) * 27.0
    assert found_mm3 == pytest.approx(np.pi / 6 * diameter_mm**3, rel=0.10 if diameter_mm < 20 else 0.03)
    centroid = np.argwhere(mask).mean(axis=0)[::-1]
    where = body.details.TransformContinuousIndexToPhysicalPoint([float(one) for one in centroid])
    np.testing.assert_allclose(where, placed.centre_mm, atol=0.6)


def test_contrast_at_40_60_and_80_kev_is_that_of_the_tables() -> None:
    """Lesion minus the liver that was there, in monoenergetic images without noise."""
    grid = {"size": (96, 96, 20), "spacing_mm": (4.0, 4.0, 12.0)}
    names = ["M40", "M60", "M80"]
    contrast = LesionContrast("test", 1.03, 0.4)
    before = make_six(0, noise=False, protocols=names, **grid)
    asked = Challenges(lesions=(Lesion(60.0, contrast),))
    after = make_six(0, noise=False, protocols=names, challenges=asked, **grid)
    (placed,) = after.challenges.lesions
    mask = (array(after.details) == placed.code) & (array(before.details) == 0)
    core = ndimage.binary_erosion(mask, np.ones((1, 3, 3), bool), iterations=2)
    assert core.sum() > 20
    liver = after.contrast.iodine_mg_ml["liver"]
    for name, energy, tolerance in (("M40", 40.0, 5.0), ("M60", 60.0, 2.5), ("M80", 80.0, 2.0)):
        there = array(after.images[name])[core].astype(float) - array(before.images[name])[core]
        wanted = monoenergetic_hu(contrast.water, 0.0, 0.4 * liver, energy)
        wanted -= monoenergetic_hu(*tissue("liver"), liver, energy)
        assert float(np.median(there)) == pytest.approx(wanted, abs=tolerance)


def test_lesions_lie_in_the_liver_apart_and_are_liver(three, plain) -> None:
    details = array(three.details)
    np.testing.assert_array_equal(array(three.labels), array(plain.labels))
    assert (array(three.labels)[details > 0] == LIVER).all()
    centres = np.array([one.centre_mm for one in three.challenges.lesions])
    radii = np.array([one.lesion.diameter_mm / 2 for one in three.challenges.lesions])
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(centres[first] - centres[second]) > radii[first] + radii[second]


def test_what_is_no_lesion_stays_as_it_was(three, plain) -> None:
    near = ndimage.binary_dilation(array(three.details) >= FIRST_LESION, iterations=2)
    np.testing.assert_array_equal(three.maps[:, ~near], plain.maps[:, ~near])


def test_a_lesion_goes_where_it_was_asked_for(three) -> None:
    centre = three.challenges.lesions[0].centre_mm
    again = challenged(Lesion(20.0, CYST, centre))
    assert again.challenges.lesions[0].centre_mm == centre
    index = again.details.TransformPhysicalPointToIndex(centre)
    assert again.details[index] == FIRST_LESION


def test_lesions_of_a_child_are_as_large_as_they_say() -> None:
    child = draw_person(2, age_years=3)
    body = make_materials(
        2, person=child, challenges=Challenges(lesions=(Lesion(20.0, CYST),)), size=(96, 96, 40)
    )
    voxel_mm3 = float(np.prod(body.details.GetSpacing()))
    found = float((array(body.details) == FIRST_LESION).sum()) * voxel_mm3
    assert found == pytest.approx(np.pi / 6 * 20.0**3, rel=0.06)


@pytest.mark.parametrize(
    ("lesion", "says"),
    [
        (Lesion(150.0), "room for one of about"),
        (Lesion(20.0, CYST, (0.0, 0.0, 300.0)), "0 % of the lesion of 20 mm at"),
    ],
)
def test_lesions_that_do_not_fit_are_refused(lesion, says) -> None:
    with pytest.raises(ChallengeError, match=says) as caught:
        challenged(lesion, lesion, grid=COARSE)
    assert caught.value.id == "lesion-does-not-fit"


@pytest.mark.parametrize("diameter_mm", [4.9, 150.1, float("nan")])
def test_impossible_diameters_are_refused(diameter_mm) -> None:
    with pytest.raises(ChallengeError, match="5 to 150 mm"):
        Lesion(diameter_mm)


@pytest.mark.parametrize("amounts", [(0.0, 0.4), (1.0, -0.1), (1.0, 11.0)])
def test_impossible_amounts_are_refused(amounts) -> None:
    with pytest.raises(ChallengeError, match="water"):
        LesionContrast("test", *amounts)


# --- the liver's vessels ----------------------------------------------------------------------------------


def test_vessels_in_the_liver_are_told_and_hold_their_blood(plain) -> None:
    details = array(plain.details)
    assert set(np.unique(details)) == {0, *DETAILS.values()}
    assert (array(plain.labels)[details > 0] == LIVER).all()
    for name, pool in (("hepatic_veins", "hepatic_veins"), ("intrahepatic_portal_veins", "portal_vein")):
        inside = details == DETAILS[name]
        assert 20 < inside.sum() < 0.1 * (array(plain.labels) == LIVER).sum()
        found = float(plain.maps[2][inside].max())
        assert found == pytest.approx(plain.contrast.iodine_mg_ml[pool], rel=0.1)


# --- shapes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_resected_liver_lacks_the_share_stated_and_is_in_one_piece(seed) -> None:
    whole = make_abdomen(seed, **GRID)
    rest = make_abdomen(seed, challenges=Challenges(resected=True), **GRID)
    stated = rest.challenges.resection.share
    volumes = [float((array(one.labels) == LIVER).sum()) for one in (whole, rest)]
    assert 1 - volumes[1] / volumes[0] == pytest.approx(stated, abs=0.02)
    pieces, _ = ndimage.label(array(rest.labels) == LIVER, np.ones((3, 3, 3)))
    sizes = np.bincount(pieces.ravel())[1:]
    assert sizes.max() == sizes.sum()


@pytest.mark.parametrize("seed", [1, 4])  # 4 has the thickest layer of a few
def test_ascites_is_fluid_outside_organs(seed) -> None:
    dry, wet = (challenged(seed=seed, ascites=one) for one in (False, True))
    fluid = np.abs(wet.maps[0] - FLUID.water) < 0.012
    fluid &= (np.abs(wet.maps[1]) < 0.02) & (wet.maps[2] == 0)
    fluid = ndimage.binary_opening(fluid, np.ones((1, 2, 2), bool))
    voxel_ml = float(np.prod(wet.labels.GetSpacing())) / 1000
    assert 400 < fluid.sum() * voxel_ml < 6000
    organs = array(wet.labels) > 0
    assert (fluid & organs).sum() < 0.01 * fluid.sum()  # a stomach holds fluid of its own
    around = ndimage.binary_dilation(array(wet.labels) == LIVER, iterations=2)
    assert (fluid & around).sum() > 0.1 * (around & ~organs).sum()
    volumes = [float((array(one.labels) == LIVER).sum()) for one in (dry, wet)]
    assert volumes[1] == pytest.approx(volumes[0], rel=0.1)  # pixels of 5 mm


def test_a_far_left_lobe_reaches_the_left_flank_beside_the_spleen() -> None:
    usual, far = (make_abdomen(3, challenges=Challenges(far_left_lobe=one), **GRID) for one in (False, True))
    tips = []
    for abdomen in (usual, far):
        x = np.argwhere(array(abdomen.labels) == LIVER)[:, 2].max()
        body = body_of(abdomen.person, 3)
        origin, step = abdomen.labels.GetOrigin()[0], abdomen.labels.GetSpacing()[0]
        tips.append((origin + x * step) / body.scale[0])
    assert tips[1] > tips[0] + 10
    assert tips[1] > 105
    gap = ndimage.distance_transform_edt(
        array(far.labels) != LABELS["spleen"], sampling=far.labels.GetSpacing()[::-1]
    )
    assert gap[array(far.labels) == LIVER].min() < 12
    volumes = [float((array(one.labels) == LIVER).sum()) for one in (usual, far)]
    assert volumes[1] == pytest.approx(volumes[0], rel=0.05)


def test_arms_are_two_with_bones_in_a_wider_field() -> None:
    usual, armed = (challenged(arms_down=one, grid=COARSE) for one in (False, True))
    assert armed.labels.GetSpacing()[0] == pytest.approx(1.5 * usual.labels.GetSpacing()[0])
    for section in (3, 8, 13):
        body = armed.maps[0, section] > 0.5
        pieces, _ = ndimage.label(body)
        sizes = np.bincount(pieces.ravel())[1:]
        assert (sizes > 40).sum() == 3
        arms = np.isin(pieces, 1 + np.flatnonzero((sizes > 40) & (sizes < sizes.max())))
        assert armed.maps[1, section][arms].max() > 150
    assert not array(armed.labels)[arms[None].repeat(16, 0)].any()


def test_metal_is_titanium_in_the_spine() -> None:
    usual, screwed = (challenged(metal=one) for one in (False, True))
    metal = screwed.maps[1] > CALCIUM_OF_METAL_MG_ML
    assert metal.any()
    assert usual.maps[1].max() < CALCIUM_OF_METAL_MG_ML
    assert screwed.maps[1].max() <= tissue("titanium")[1] * 1.001
    assert not array(screwed.labels)[metal].any()
    near = ndimage.binary_dilation(metal, iterations=4)
    np.testing.assert_array_equal(screwed.maps[:, ~near], usual.maps[:, ~near])


def test_metal_makes_streaks_in_its_own_sections_only() -> None:
    small = {"size": (64, 64, 16), "spacing_mm": (6.0, 6.0, 15.0), "protocols": ["FBP"], "noise": False}
    usual = make_six(0, **small)
    screwed = make_six(0, challenges=Challenges(metal=True), **small)
    maps = make_materials(
        0, size=small["size"], spacing_mm=small["spacing_mm"], challenges=Challenges(metal=True)
    ).maps
    holds = (maps[1] > CALCIUM_OF_METAL_MG_ML).any(axis=(1, 2))
    assert 0 < holds.sum() < 8
    change = array(screwed.images["FBP"]).astype(float) - array(usual.images["FBP"])
    assert not change[~holds].any() or np.abs(change[~holds]).max() < 400  # partial metal below the threshold
    liver = array(usual.labels) == LIVER
    here = liver & holds[:, None, None]
    assert here.sum() > 30
    assert change[here].std() > 8
    assert change[liver & ~holds[:, None, None]].std() < 1


# --- dose and contrast ------------------------------------------------------------------------------------


def test_low_dose_is_noise_as_the_charge_says() -> None:
    options = {"protocols": ["FBP"], "size": (64, 64, 16), "spacing_mm": (6.0, 6.0, 15.0)}
    still = make_six(0, noise=False, **options)
    liver = inner(array(still.labels) == LIVER)
    spread = []
    for low in (False, True):
        scan = make_six(0, challenges=Challenges(low_dose=low), **options)
        noise = array(scan.images["FBP"])[liver].astype(float) - array(still.images["FBP"])[liver]
        spread.append(float(noise.std()))
    # Photons alone give the root of the charge; electronic noise, which stays, adds to it.
    least = LOW_DOSE_CHARGE**-0.5
    assert 0.97 * least < spread[1] / spread[0] < 1.6 * least


def test_low_contrast_is_less_iodine_and_nothing_else(plain) -> None:
    faint = challenged(low_contrast=True)
    for organ in ("liver", "spleen", "aorta"):
        inside = inner(array(plain.labels) == LABELS[organ])
        iodine = [float(np.median(one.maps[2][inside])) for one in (plain, faint)]
        assert iodine[1] == pytest.approx(LOW_CONTRAST_IODINE * iodine[0], abs=0.01)
    assert (faint.maps[2] <= plain.maps[2] + 1e-5).all()
    np.testing.assert_array_equal(faint.maps[1], plain.maps[1])
    # Texture goes by HU: at the edges of bone some voxels have it that had none.
    np.testing.assert_allclose(faint.maps[0], plain.maps[0], atol=0.02)
    liver = plain.contrast.iodine_mg_ml["liver"]
    assert faint.contrast.iodine_mg_ml["liver"] == pytest.approx(LOW_CONTRAST_IODINE * liver)
    image = make_abdomen(0, challenges=Challenges(low_contrast=True), **COARSE)
    hu = array(image.image)[inner(array(image.labels) == LIVER)]
    assert np.median(hu) == pytest.approx(54 + LOW_CONTRAST_IODINE * (105 - 54), abs=4)


# --- all together, names, the command ---------------------------------------------------------------------


@pytest.mark.parametrize("age", [0.3, 8.0, 40.0])
def test_all_challenges_at_any_age(age) -> None:
    person = draw_person(5, age_years=age)
    body = make_materials(5, person=person, challenges=Challenges.named(NAMES), size=(64, 64, 24))
    assert np.isfinite(body.maps).all()
    details, labels = array(body.details), array(body.labels)
    assert (labels[details > 0] == LIVER).all()
    assert {FIRST_LESION, FIRST_LESION + 1, FIRST_LESION + 2} <= set(np.unique(details))
    json.dumps(body.challenges.to_dict())


def test_none_is_the_default(plain) -> None:
    assert Challenges() == Challenges.named() == plain.challenges.asked
    assert plain.challenges.to_dict() == {"names": [], "lesions": []}
    assert make_plan(body_of(plain.person), Chance(0)).challenges.asked == Challenges()


def test_names_go_both_ways() -> None:
    assert Challenges.named(NAMES).names == NAMES == command_phantom.CHALLENGES
    assert Challenges.named(["far-left-lobe"]) == Challenges(far_left_lobe=True)
    with pytest.raises(ChallengeError, match="low-dose"):
        Challenges.named(["fog"])


@pytest.mark.parametrize(("text", "lesion"), [("20", Lesion(20.0)), ("7.5:cyst", Lesion(7.5, CYST))])
def test_lesions_are_told_as_text(text, lesion) -> None:
    assert lesion_of(text) == lesion


SMALL = ["--size", "64", "--slices", "16", "--progress", "none", "--no-picture", "--protocols", "FBP"]


def test_the_command_writes_what_was_drawn(tmp_path) -> None:
    asked = ["--challenge", "ascites", "low-dose", "--lesion", "30:cyst"]
    assert livercnn.main(["phantom", str(tmp_path), *asked, *SMALL]) == 0
    told = json.loads((tmp_path / "phantom-0_FBP.json").read_text(encoding="utf-8"))["SlicerLiverCNN"]
    assert told["challenges"]["names"] == ["low-dose", "ascites"]
    assert told["challenges"]["lesions"][0]["kind"] == "cyst"
    details = sitk.ReadImage(str(tmp_path / "phantom-0_details.nii.gz"))
    assert FIRST_LESION in sitk.GetArrayViewFromImage(details)
    assert details.GetPixelID() == sitk.sitkUInt8


@pytest.mark.parametrize(
    ("arguments", "says", "error_id"),
    [
        (["--challenge", "fog"], "invalid choice: 'fog'", "wrong-arguments"),
        (["--lesion", "big"], "diameter in mm", "impossible-challenge"),
        (["--lesion", "20:wart"], "metastasis, cyst", "impossible-challenge"),
        (["--lesion", "3"], "5 to 150 mm", "impossible-challenge"),
        (["--lesion", "150", "150"], "ask for a smaller one", "lesion-does-not-fit"),
    ],
)
def test_wrong_challenges_are_one_line_and_exit_2(tmp_path, capsys, arguments, says, error_id) -> None:
    out = tmp_path / "out"
    assert livercnn.main(["phantom", str(out), *SMALL, *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert printed.err.endswith(f"[{error_id}]\n")
    assert not out.exists()
