"""Copies of labelled CTs as another protocol would show them, for a segmenter that is to know all of them."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.cases import Case
from livercnn_training.data.pack import PackedCase, encode_case
from livercnn_training.data.packing import pack_images, read_cropped
from LiverSegmentCNNLib.resampling import output_count, smoothing_sigma_mm

SHARES = {"FBP": 0.1, "IR": 0.1, "OPT": 0.2, "M40": 0.35, "M60": 0.25}
"""How often each protocol is drawn: the most often those that look least like the CTs. M80 is left out, the
target of standardization, which looks most like them."""
DOSE = (0.35, 2.0)
"""Times the CT's own: range, its logarithm drawn evenly, as for the standardizer's scans."""
IR_STRENGTH = (1, 5)
PIXEL_MM, SLICE_MM = 2.5, 4.0
"""What is finer is made so coarse first: the time goes by voxels, and unet3d-ct sees 2.5 mm."""
NEARLY = 1.2
"""Grids that differ by less need no smoothing between them."""
AIR_HU = -1000.0


@dataclass(frozen=True)
class DrawnCopy:
    """What a scan is simulated as. name: ``SCAN/PROTOCOL``. dose: times the scan's. seed: of the noise."""

    name: str
    protocol: str
    dose: float
    ir_strength: int
    seed: int


def drawn_copy(scan: str, seed: int) -> DrawnCopy:
    """Return what the seed makes of the scan of this name, whatever other scans there are."""
    words = np.frombuffer(hashlib.sha256(scan.encode("utf-8")).digest()[:8], np.uint32)
    rng = np.random.default_rng([seed, *words.tolist()])
    protocol = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    dose = math.exp(rng.uniform(math.log(DOSE[0]), math.log(DOSE[1])))
    strength = int(rng.integers(IR_STRENGTH[0], IR_STRENGTH[1] + 1))
    return DrawnCopy(f"{scan}/{protocol}", protocol, round(dose, 3), strength, int(rng.integers(2**31)))


def pack_copy(case: Case, copy: DrawnCopy) -> PackedCase:
    """Read a case, crop it as for pack_case, and return it as the protocol would have shown it.

    Raises DataError as pack_case does, UnsupportedImage and LabelsError for what cannot be a labelled CT.
    """
    from LiverStandardizeLib.simulation.protocols.six import Settings
    from LiverStandardizeLib.simulation.real_ct import simulate_split, split_ct
    from LiverStandardizeLib.simulation.real_ct.input_checks import organs_of
    from LiverStandardizeLib.simulation.real_ct.stress import Stress

    image, labels = _coarser(*read_cropped(case))
    simulated = simulate_split(
        split_ct(image, labels, organs=organs_of(labels)),
        protocols=[copy.protocol],
        settings=Settings(ir_strength=copy.ir_strength),
        stress=Stress("dose", copy.dose),
        seed=copy.seed,
    )
    return pack_images(copy.name, simulated.images[copy.protocol], labels, case.liver_values)


def encode_copy(case: Case, copy: DrawnCopy) -> dict[str, np.ndarray]:
    """Return a case's copy as the arrays of a pack (for a pool of processes)."""
    return encode_case(pack_copy(case, copy))


def _coarser(image: sitk.Image, labels: sitk.Image) -> tuple[sitk.Image, sitk.Image]:
    """Both on a grid with no finer spacing than PIXEL_MM and SLICE_MM; what is coarser keeps its spacing."""
    least = (PIXEL_MM, PIXEL_MM, SLICE_MM)
    spacing_mm = [max(own, wanted) for own, wanted in zip(image.GetSpacing(), least)]
    size = [output_count(*axis) for axis in zip(image.GetSize(), image.GetSpacing(), spacing_mm)]
    # The outer edges of both grids' first voxels lie on each other.
    first = [(new / own - 1) / 2 for own, new in zip(image.GetSpacing(), spacing_mm)]
    grid = sitk.Image(size, sitk.sitkUInt8)
    grid.SetSpacing(spacing_mm)
    grid.SetDirection(image.GetDirection())
    grid.SetOrigin(image.TransformContinuousIndexToPhysicalPoint(first))
    smooth = sitk.Cast(image, sitk.sitkFloat32)
    for axis, (own, new) in enumerate(zip(image.GetSpacing(), spacing_mm)):
        if new > own * NEARLY:
            smooth = sitk.RecursiveGaussian(
                smooth, smoothing_sigma_mm(own, new), False, sitk.RecursiveGaussianImageFilter.ZeroOrder, axis
            )
    kept = sitk.Resample(smooth, grid, sitk.Transform(), sitk.sitkLinear, AIR_HU)
    return (
        sitk.Cast(sitk.Round(kept), sitk.sitkInt16),
        sitk.Resample(labels, grid, sitk.Transform(), sitk.sitkNearestNeighbor, 0),
    )
