"""The projector against that of astra-toolbox (`pip install astra-toolbox`), Joseph's method like ours."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from LiverStandardizeLib.simulation.checks.objects import Lattice, plain_abdomen
from LiverStandardizeLib.simulation.projection import ParallelBeam, project

astra = pytest.importorskip("astra", reason="astra-toolbox is not installed")

torch.set_num_threads(1)


@pytest.mark.parametrize("material", [0, 1, 2], ids=["water", "calcium", "iodine"])
def test_line_integrals_are_astras(material):
    lattice = Lattice(128, 2.3)
    image = plain_abdomen(lattice).maps[0, material : material + 1]
    geometry = ParallelBeam.covering(128, 2.3, 1.1)
    # astra turns the other way.
    described = astra.create_proj_geom(
        "parallel",
        geometry.pitch_cm / geometry.pixel_cm,
        geometry.readings,
        -geometry.angles().double().numpy(),
    )
    projector = astra.create_projector("linear", described, astra.create_vol_geom(128, 128))
    identifier, wanted = astra.create_sino(np.ascontiguousarray(image[0].numpy()), projector)
    wanted = wanted * geometry.pixel_cm
    astra.data2d.delete(identifier)
    astra.projector.delete(projector)
    found = project(image, geometry)[0].numpy()
    error = np.abs(found - wanted)
    assert error.max() < 1e-3 * np.abs(wanted).max()
    assert error.mean() < 1e-4 * np.abs(wanted).mean()
