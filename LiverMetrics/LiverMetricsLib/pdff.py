"""Proton-density fat fraction (PDFF) of the liver: what a map of it says inside a mask.

PDFF is the share of the mobile protons that belongs to fat, in per cent (Reeder, Hu and Sirlin 2012, J Magn
Reson Imaging 36:1011-1014, doi:10.1002/jmri.23741). The map comes from the scanner; nothing is computed here
but statistics of its voxels. Images are in one world (LPS); their grids may differ.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Callable, Optional

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError

from .lattice import Grid
from .pdff_units import MapUnits, map_units

Progress = Optional[Callable[[float, str], None]]

LEAST_INSIDE_SHARE = 0.5
"""Share of the mask inside the map's field of view below which nothing is measured."""
PERCENTILES = (5, 25, 75, 95)
BIN_EDGES_PCT = tuple(range(101))


class PdffError(LiverCNNError):
    """A map or mask from which nothing can be measured. Ids: ``empty-mask``, ``mask-outside-map``,
    ``mask-eroded-away``, ``no-map-values``, ``invalid-argument``.
    """

    id = "mask-outside-map"


@dataclass(frozen=True)
class PdffMeasurement:
    """A map's values inside a mask, in per cent.

    mean_pct, sd_pct (n - 1; nan for one voxel), median_pct, percentiles_pct: over the voxels measured.
    voxels, volume_ml: measured voxels of the map and their volume. mask_volume_ml: of the mask as given.
    inside_share: of the mask's voxel centres that lie inside the map's field of view, 0 to 1.
    without_value: voxels inside that hold no number (nan, inf) and were left out. below_0_pct,
    above_100_pct: measured voxels there, which only noise explains; they count in the statistics.
    histogram: voxels from each of BIN_EDGES_PCT to the next, the last one included; those below 0 % and
    above 100 % are not in it. erosion_mm: rim of the mask that was left out. units: of the map.
    """

    mean_pct: float
    sd_pct: float
    median_pct: float
    percentiles_pct: dict[int, float]
    voxels: int
    volume_ml: float
    mask_volume_ml: float
    inside_share: float
    without_value: int
    below_0_pct: int
    above_100_pct: int
    histogram: tuple[int, ...]
    erosion_mm: float
    units: MapUnits

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PdffMeasurement:
        """From what ``to_dict`` gave, also through JSON, whose keys are texts."""
        percentiles = {int(share): value for share, value in values["percentiles_pct"].items()}
        return cls(
            **{
                **values,
                "percentiles_pct": percentiles,
                "histogram": tuple(values["histogram"]),
                "units": MapUnits(**values["units"]),
            }
        )


def measure_pdff(
    pdff_map: sitk.Image,
    mask: sitk.Image,
    *,
    units: str = "",
    erosion_mm: float = 0.0,
    progress: Progress = None,
) -> PdffMeasurement:
    """Measure a PDFF map inside a mask.

    The mask is eroded on its own grid, then resampled onto the map's by nearest neighbour: a voxel of the map
    counts if its centre lies in a voxel of the mask.

    Args:
        pdff_map: 3-D, one value a voxel.
        mask: 3-D integers; not 0 in the liver. Beyond its edges is no liver.
        units: "percent", "fraction" or "permille"; empty tells them by the map's values (``map_units``).
        erosion_mm: Leave out voxels of the mask whose centre is no further than this from that of a voxel
            outside, so that neighbouring fat does not count (partial volume); 0 leaves out none.
        progress: Called with (fraction, message); may raise Cancelled.

    Raises:
        PdffError, PdffUnitsError: With one sentence that says what to do.
    """
    report = progress if progress is not None else _no_progress
    if not (math.isfinite(erosion_mm) and erosion_mm >= 0):
        raise PdffError(
            f"The rim to leave out is a length in mm of at least 0; found {erosion_mm!r}.",
            id="invalid-argument",
        )
    values = sitk.GetArrayViewFromImage(pdff_map)
    report(0.0, "looking at the map")
    found_units = map_units(values, units)
    binary = sitk.Cast(mask != 0, sitk.sitkUInt8)
    count = int(np.count_nonzero(sitk.GetArrayViewFromImage(binary)))
    if count == 0:
        raise PdffError("The mask is empty; choose the segment that holds the liver.", id="empty-mask")
    report(0.3, "finding the mask in the map")
    share = _inside_share(binary, pdff_map, count)
    report(0.5, "leaving out the rim")
    core = _eroded(binary, erosion_mm)
    report(0.8, "measuring")
    inside = _resampled(core, pdff_map)
    percent = values[inside].astype(np.float64) * found_units.factor
    measured = percent[np.isfinite(percent)]
    if measured.size == 0:
        raise _nothing_measured(percent.size, erosion_mm)
    mean, median = float(measured.mean()), float(np.median(measured))
    report(1.0, "measured")
    return PdffMeasurement(
        mean_pct=mean,
        sd_pct=float(measured.std(ddof=1)) if measured.size > 1 else math.nan,
        median_pct=median,
        percentiles_pct={one: float(np.percentile(measured, one)) for one in PERCENTILES},
        voxels=int(measured.size),
        volume_ml=measured.size * Grid.of(pdff_map).voxel_ml,
        mask_volume_ml=count * Grid.of(mask).voxel_ml,
        inside_share=share,
        without_value=int(percent.size - measured.size),
        below_0_pct=int(np.count_nonzero(measured < 0)),
        above_100_pct=int(np.count_nonzero(measured > 100)),
        histogram=tuple(int(one) for one in np.histogram(measured, BIN_EDGES_PCT)[0]),
        erosion_mm=erosion_mm,
        units=found_units,
    )


def _inside_share(mask: sitk.Image, pdff_map: sitk.Image, count: int) -> float:
    """Share of the mask's voxel centres in the map's field of view. Raises PdffError if it is too small."""
    everywhere = sitk.Image(pdff_map.GetSize(), sitk.sitkUInt8) + 1
    everywhere.CopyInformation(pdff_map)
    field_of_view = sitk.Resample(everywhere, mask, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    both = field_of_view & mask
    share = int(np.count_nonzero(sitk.GetArrayViewFromImage(both))) / count
    if share == 0:
        raise PdffError(
            "The mask and the map do not overlap; choose a map of the same patient, registered to the scan "
            "in which the liver was segmented.",
            share=share,
        )
    if share < LEAST_INSIDE_SHARE:
        raise PdffError(
            f"Only {share:.0%} of the mask lies inside the map's field of view, and at least "
            f"{LEAST_INSIDE_SHARE:.0%} is needed; check that the map is registered to the scan in which "
            "the liver was segmented.",
            share=share,
        )
    return share


def _eroded(mask: sitk.Image, erosion_mm: float) -> sitk.Image:
    if erosion_mm == 0:
        return mask
    outside = sitk.ConstantPad(mask, [1, 1, 1], [1, 1, 1], 0) == 0  # the mask may reach its own edges
    to_outside_mm = sitk.SignedMaurerDistanceMap(outside, squaredDistance=False, useImageSpacing=True)
    return to_outside_mm > erosion_mm


def _resampled(mask: sitk.Image, pdff_map: sitk.Image) -> np.ndarray:
    return sitk.GetArrayFromImage(
        sitk.Resample(mask, pdff_map, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    ).astype(bool)


def _nothing_measured(voxels: int, erosion_mm: float) -> PdffError:
    if voxels:
        return PdffError(
            "No voxel of the map holds a number inside the mask; export the map again.", id="no-map-values"
        )
    if erosion_mm > 0:
        return PdffError(
            f"Nothing is left of the mask without a rim of {erosion_mm:g} mm; leave out less.",
            id="mask-eroded-away",
            erosion_mm=erosion_mm,
        )
    return PdffError(
        "The mask is smaller than a voxel of the map; choose the segment that holds the whole liver.",
        id="mask-eroded-away",
        erosion_mm=erosion_mm,
    )


def _no_progress(fraction: float, message: str) -> None:
    """Progress nobody asked for."""
