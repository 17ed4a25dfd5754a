"""Real CTs taken apart and simulated from; an MR refused; a dark liver said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from realdata import data_folder

from LiverCoreLib.image_checks import UnsupportedImage
from LiverStandardizeLib.simulation.real_ct import simulate_protocols

pytestmark = [pytest.mark.slow, pytest.mark.real_data]

SLICES = 11
PADDING_HU = -3024


def _scan(name: str) -> sitk.Image:
    folder = data_folder()
    assert folder is not None
    return sitk.ReadImage(str(Path(folder) / name))


@pytest.mark.parametrize(("case", "first"), [("C3L-00189", 12), ("C3N-00249", 30)])
def test_a_contrast_enhanced_ct_in_three_protocols(case: str, first: int) -> None:
    ct = _scan(f"ct-tcia-ccby/{case}/ct.nii.gz")[:, :, first : first + SLICES]
    made = simulate_protocols(ct, protocols=["FBP", "M40", "M80"], kv=120)
    assert made.findings.phase == "portal"
    assert made.round_trip is not None and made.round_trip.soft_tissue_bias_hu is not None
    assert abs(made.round_trip.soft_tissue_bias_hu) < 1
    hu = sitk.GetArrayFromImage(ct)
    shown = {name: sitk.GetArrayFromImage(image) for name, image in made.images.items()}
    assert all(np.array_equal(one == PADDING_HU, hu == PADDING_HU) for one in shown.values())
    fat = (hu > -130) & (hu < -80)
    enhanced = (hu > 90) & (hu < 200)
    means = {name: (one[fat].mean(), one[enhanced].mean()) for name, one in shown.items()}
    # Iodine brightens and fat darkens as the energy falls; at 120 kV, iodine shows less than in the mix.
    assert means["M40"][1] > means["FBP"][1] + 40 > means["M80"][1] + 55
    assert means["FBP"][1] > hu[enhanced].mean()
    assert means["M40"][0] < means["FBP"][0] < means["M80"][0]


def test_an_mr_is_refused() -> None:
    with pytest.raises(UnsupportedImage) as refused:
        simulate_protocols(_scan("mr-chaos-t2/01/mr.nii.gz"))
    assert refused.value.id == "not-ct"


def test_a_fatty_liver_is_said() -> None:
    ct, liver = (_scan(f"ct-lits/013/{name}.nii.gz")[:, :, 20:42] for name in ("ct", "liver"))
    made = simulate_protocols(ct, liver, protocols=["FBP"], noise="none", kv=120)
    assert any("cannot be told from its fat" in warning for warning in made.findings.warnings)
