"""A CT taken apart: signal, noise, materials, and what cannot be known."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from real_ct_cases import PIXEL_MM, image_of, known_ct

from LiverCoreLib.image_checks import UnsupportedImage
from LiverStandardizeLib.simulation.image_engine.engine import ImageEngine
from LiverStandardizeLib.simulation.physics.tissues import tissue
from LiverStandardizeLib.simulation.real_ct import materials_of_ct, training_sections
from LiverStandardizeLib.simulation.real_ct.bone import bone_share
from LiverStandardizeLib.simulation.real_ct.denoise import denoised
from LiverStandardizeLib.simulation.real_ct.input_checks import LabelsError, organs_of
from LiverStandardizeLib.simulation.real_ct.limits import upper_clip_hu, without_value
from LiverStandardizeLib.simulation.real_ct.noise_level import noise_sd_hu
from LiverStandardizeLib.simulation.real_ct.organ_bases import ORGAN_CODES
from LiverStandardizeLib.simulation.real_ct.sections import AxialSections
from LiverStandardizeLib.simulation.real_ct.tissue_rule import Worth, to_materials

WORTH = Worth(torch.tensor([3.1]), torch.tensor([33.0]))


def _hu(maps: torch.Tensor) -> torch.Tensor:
    return 1000 * (maps[:, 0] - 1) + 3.1 * maps[:, 1] + 33.0 * maps[:, 2]


def _by_rule(hu: torch.Tensor, base: str, bone: float) -> torch.Tensor:
    made_of = torch.tensor(tissue(base)).view(1, 2, 1, 1).expand(1, 2, *hu.shape[1:])
    return to_materials(hu, made_of, torch.full_like(hu, bone), WORTH)


@pytest.mark.parametrize("bone", [0.0, 0.4, 1.0])
def test_materials_have_the_hu_they_were_made_from_and_no_jumps(bone: float) -> None:
    hu = torch.linspace(-1040, 1500, 5081).view(1, 1, -1)
    maps = _by_rule(hu, "liver", bone)
    assert torch.allclose(_hu(maps), hu, atol=0.05)
    per_hu = torch.diff(maps, dim=-1).abs().amax(dim=(0, 2, 3)) / 0.5
    assert (per_hu < torch.tensor([0.003, 0.5, 0.05])).all()


def test_known_tissues_are_found_again() -> None:
    for name in ("air", "adipose", "water"):
        found = _by_rule(WORTH.hu(*tissue(name)).view(1, 1, 1), "liver", 0.0).flatten()
        assert found.tolist() == pytest.approx([*tissue(name), 0.0], abs=0.02)
    enhanced = WORTH.hu(*tissue("liver")) + 2.0 * 33.0
    assert _by_rule(enhanced.view(1, 1, 1), "liver", 0.0).flatten().tolist() == pytest.approx(
        [*tissue("liver"), 2.0], abs=1e-3
    )
    bone = WORTH.hu(*tissue("cortical_bone")).view(1, 1, 1)
    assert _by_rule(bone, "liver", 1.0).flatten().tolist() == pytest.approx(
        [*tissue("cortical_bone"), 0.0], rel=1e-3
    )


@pytest.mark.parametrize("pixel_mm", [0.8, 1.5])
def test_noise_of_known_strength_is_measured_and_taken_out(pixel_mm: float) -> None:
    size = 160
    maps = torch.zeros(3, 3, size, size)
    maps[:, 0] = 1.05
    maps[:, 0, :, size // 2 :] = 1.11
    images = ImageEngine(size, pixel_mm).scan(maps, torch.Generator().manual_seed(1), [25.0] * 3)
    noise = images.noise[:, 0]
    noise = noise / noise.std() * 14.0
    edge = torch.where(torch.arange(size) < size // 2, 50.0, 110.0).expand(3, size, size)
    assert noise_sd_hu(edge + noise, pixel_mm) == pytest.approx(14.0, rel=0.12)
    smooth = denoised(edge + noise, 14.0, pixel_mm)
    flat = torch.cat([smooth[:, 8:-8, 8:60] - 50, smooth[:, 8:-8, 100:-8] - 110])
    assert float(flat.std()) < 0.5 * 14.0
    assert abs(float(flat.mean())) < 1.0
    assert float(smooth[:, :, size // 2 + 2].mean() - smooth[:, :, size // 2 - 3].mean()) > 0.85 * 60


def test_without_soft_tissue_noise_is_not_known() -> None:
    assert noise_sd_hu(torch.full((2, 64, 64), -1000.0), 1.0) is None


@pytest.mark.parametrize("labelled", [True, False])
def test_iodine_of_organs_is_found_again(labelled: bool) -> None:
    case = known_ct()
    found = materials_of_ct(case.ct, case.labels if labelled else None, kv="mixed")
    assert found.findings.phase == "portal"
    assert found.findings.phase_from == ("labels" if labelled else "HU")
    tolerance = 0.1 if labelled else 0.5
    for code, mg_ml in ((6, 2.0), (1, 2.45), (3, 6.1), (8, 4.4)):
        assert found.maps[2][case.inside(code)].mean() == pytest.approx(mg_ml, abs=tolerance), code
    assert found.findings.noise_hu == pytest.approx(case.noise_hu[case.inside(6)].std(), rel=0.2)
    # What was taken out is the noise: the liver's, and none of its mean.
    liver = case.inside(6)
    assert np.corrcoef(found.noise_hu[liver], case.noise_hu[liver])[0, 1] > 0.85
    assert abs(found.noise_hu[liver].mean()) < 0.7


def test_an_unenhanced_scan_holds_no_iodine() -> None:
    case = known_ct(0.0)
    for labels in (case.labels, None):
        found = materials_of_ct(case.ct, labels, kv="mixed")
        assert found.findings.phase == "unenhanced"
        assert found.maps[2][case.inside(6)].mean() < 0.05
    stated = materials_of_ct(case.ct, phase="portal", kv="mixed").findings
    assert (stated.phase, stated.phase_from) == ("portal", "stated")


def test_a_ring_of_bone_is_filled_and_a_kidney_is_none() -> None:
    y, x = torch.meshgrid(torch.arange(96) - 30.0, torch.arange(96) - 30.0, indexing="ij")
    radius = torch.hypot(x, y)
    hu = torch.where(radius < 14, 180.0, 40.0)
    hu = torch.where((radius > 11) & (radius < 14), 500.0, hu)
    kidney = torch.hypot(x - 40, y - 40) < 12
    hu = torch.where(kidney, 270.0, hu)
    share = bone_share(hu.expand(3, 96, 96).contiguous(), 1.5, [np.inf] * 3, None)
    assert float(share[:, radius < 13].min()) > 0.99
    assert float(share[:, kidney].max()) == 0
    assert float(share[:, (radius > 22) & ~kidney].max()) == 0


def test_hu_cut_off_are_said_and_marked() -> None:
    case = known_ct()
    cut = sitk.Clamp(case.ct, sitk.sitkInt16, -125, 275)
    found = materials_of_ct(cut, kv="mixed")
    assert (found.findings.clip.lowest_hu, found.findings.clip.highest_hu) == (-125, 275)
    assert found.findings.clip.high_percent > 0.1
    assert sum("cut off" in warning for warning in found.findings.warnings) == 2
    bone = case.clean["FBP"] > 330
    assert found.uncertain[bone].mean() > 0.95
    corner = found.maps[:, 0, 0, 0]
    assert corner.tolist() == pytest.approx([*tissue("air"), 0.0], abs=0.02)
    assert not found.uncertain[case.inside(6)].any()
    plain = materials_of_ct(case.ct, kv="mixed").findings
    assert plain.clip.highest_hu is None and not any("cut off" in one for one in plain.warnings)


def test_limits_of_one_section() -> None:
    section = np.full((20, 20), 40.0, np.float32)
    assert upper_clip_hu(section + np.random.default_rng(0).normal(size=section.shape)) == np.inf
    section[:6, :6] = 160.0
    assert upper_clip_hu(section) == 160.0
    section[12:, 12:], section[0, 19] = -1024, -1024
    empty = without_value(section, -1024)
    assert empty[13:, 13:].all() and not empty[0, 19] and not empty[:10].any()


def test_sections_lie_across_the_patient_whatever_the_axes() -> None:
    case = known_ct()
    straight = materials_of_ct(case.ct, kv="mixed").maps
    turned = sitk.Flip(sitk.PermuteAxes(case.ct, (2, 0, 1)), (True, False, True))
    found = materials_of_ct(turned, kv="mixed").maps
    back = np.flip(found, (1, 3)).transpose(0, 3, 1, 2)
    # Signals are held as float16: where sums end in other digits, bone is a step of half a HU off.
    assert (np.abs(back - straight).max(axis=(1, 2, 3)) < [1e-3, 0.3, 0.03]).all()


def test_pixels_that_are_not_square_come_back() -> None:
    ramp = np.tile(np.arange(40, dtype=np.float32), (3, 30, 1))
    image = image_of(ramp)
    image.SetSpacing((1.0, 1.5, 3.0))
    axial = AxialSections(image)
    square = axial.square(axial.view(ramp), -1000.0)
    assert square.shape[1] == square.shape[2] and axial.pixel_mm == 1.0
    assert np.abs(axial.back(square).numpy() - ramp).max() < 1e-3
    assert axial.square_labels(axial.view(ramp)).max() == 39


def test_labels_must_belong_to_the_ct() -> None:
    case = known_ct()
    with pytest.raises(LabelsError):
        materials_of_ct(case.ct, case.labels[:-1], kv="mixed")
    moved = sitk.Image(case.labels)
    moved.SetOrigin((0.0, 0.0, 0.0))
    with pytest.raises(LabelsError):
        materials_of_ct(case.ct, moved, kv="mixed")
    with pytest.raises(LabelsError):
        materials_of_ct(case.ct, case.labels, organs={77: "liver"}, kv="mixed")
    with pytest.raises(ValueError, match="no organ"):
        materials_of_ct(case.ct, case.labels, organs={6: "brain"}, kv="mixed")
    assert organs_of(case.labels) is ORGAN_CODES
    assert organs_of(case.labels == 6) == {1: "liver", 2: "liver"}


def test_what_is_no_ct_is_refused() -> None:
    case = known_ct()
    mr = sitk.Cast(sitk.Clamp(case.ct, sitk.sitkInt16, 0, 400), sitk.sitkInt16)
    with pytest.raises(UnsupportedImage) as refused:
        materials_of_ct(mr, kv="mixed")
    assert refused.value.id == "not-ct"
    with pytest.raises(UnsupportedImage):
        materials_of_ct(case.ct[:, :, :3], kv="mixed")
    with pytest.raises(ValueError, match="no phase"):
        materials_of_ct(case.ct, phase="late", kv="mixed")


def test_sections_for_training_lie_on_one_lattice() -> None:
    case = known_ct()
    found = training_sections(case.ct, case.labels, kv="mixed", pixel_mm=2.0, size=160)
    assert found.maps.shape == (8, 3, 160, 160) and found.maps.dtype == np.float32
    assert found.labels is not None and found.labels.shape == found.uncertain.shape == (8, 160, 160)
    liver_mm2 = (found.labels[4] == 6).sum() * 2.0**2
    assert liver_mm2 == pytest.approx(
        (sitk.GetArrayFromImage(case.labels)[4] == 6).sum() * PIXEL_MM**2, rel=0.03
    )
    liver = sitk.GetArrayFromImage(
        sitk.BinaryErode(sitk.GetImageFromArray((found.labels == 6).astype(np.uint8)), (3, 3, 0))
    )
    assert found.maps[:, 2][liver > 0].mean() == pytest.approx(2.0, abs=0.12)
    assert found.maps[0, :, 0, 0].tolist() == pytest.approx([*tissue("air"), 0.0], abs=0.05)
