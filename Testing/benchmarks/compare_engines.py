"""The packages that ``compare_speed`` times: each turns two masks into Dice, MSD, HD and HD95.

Most are Python packages, which are given images. plastimatch is a program, which is given the names of files
and reads them itself (``compare_programs``).
"""

from __future__ import annotations

import contextlib
import resource
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import compare_programs
import numpy as np
import SimpleITK as sitk

Values = dict[str, float]


def livercnn(reference: sitk.Image, test: sitk.Image) -> Values:
    from LiverMetricsLib import compare

    result = compare(reference, test)
    return {
        "dice": result.dice, "msd_mm": result.msd_mm, "hd_mm": result.hd_mm, "hd95_mm": result.hd95_mm
    }  # fmt: skip


def simpleitk(reference: sitk.Image, test: sitk.Image) -> Values:
    """As in SimpleITK's notebook on segmentation evaluation: distance maps read at the other contour."""
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(reference, test)
    directed = []
    for mask, other in ((test, reference), (reference, test)):
        distance = sitk.Abs(sitk.SignedMaurerDistanceMap(other, squaredDistance=False, useImageSpacing=True))
        contour = sitk.GetArrayFromImage(sitk.LabelContour(mask)) != 0
        directed.append(sitk.GetArrayViewFromImage(distance)[contour])
    return _values(overlap.GetDiceCoefficient(), *directed)


def simpleitk_cropped(reference: sitk.Image, test: sitk.Image) -> Values:
    """The same after cropping to both masks by hand, which few do."""
    shapes = sitk.LabelShapeStatisticsImageFilter()
    shapes.Execute(sitk.Or(reference, test))
    box = shapes.GetBoundingBox(1)
    start = [max(0, n - 2) for n in box[:3]]
    size = [min(n + 4, whole - first) for n, whole, first in zip(box[3:], reference.GetSize(), start)]
    return simpleitk(*[sitk.RegionOfInterest(image, size, start) for image in (reference, test)])


def surface_distance(reference: sitk.Image, test: sitk.Image) -> Values:
    import surface_distance as package

    masks = [sitk.GetArrayViewFromImage(image).astype(bool) for image in (reference, test)]
    found = package.compute_surface_distances(*masks, reference.GetSpacing()[::-1])
    return {
        "dice": float(package.compute_dice_coefficient(*masks)),
        "msd_mm": float(np.mean(package.compute_average_surface_distance(found))),
        "hd_mm": float(package.compute_robust_hausdorff(found, 100)),
        "hd95_mm": float(package.compute_robust_hausdorff(found, 95)),
    }


def monai(reference: sitk.Image, test: sitk.Image) -> Values:
    import torch
    from monai import metrics

    masks = [torch.from_numpy(sitk.GetArrayFromImage(image))[None, None] for image in (test, reference)]
    options = {"include_background": True, "spacing": list(reference.GetSpacing()[::-1])}
    return {
        "dice": float(metrics.compute_dice(*masks)),
        "msd_mm": float(metrics.compute_average_surface_distance(*masks, symmetric=True, **options)),
        "hd_mm": float(metrics.compute_hausdorff_distance(*masks, **options)),
        "hd95_mm": float(metrics.compute_hausdorff_distance(*masks, percentile=95, **options)),
    }


def medpy(reference: sitk.Image, test: sitk.Image) -> Values:
    from medpy.metric import binary

    masks = [sitk.GetArrayViewFromImage(image) for image in (test, reference)]
    options = {"voxelspacing": reference.GetSpacing()[::-1], "connectivity": 2}
    return {
        "dice": float(binary.dc(*masks)),
        "msd_mm": float(binary.assd(*masks, **options)),
        "hd_mm": float(binary.hd(*masks, **options)),
        "hd95_mm": float(binary.hd95(*masks, **options)),
    }


ENGINES: dict[str, Callable[[sitk.Image, sitk.Image], Values]] = {
    "livercnn": livercnn,
    "simpleitk": simpleitk,
    "simpleitk-cropped": simpleitk_cropped,
    "surface-distance": surface_distance,
    "monai": monai,
    "medpy": medpy,
}

NAMES = (*ENGINES, *compare_programs.PROGRAMS)


def measure(name: str, folder: str) -> dict[str, Any]:
    """One measurement: CPU and wall seconds, memory in MB, and the values; or why there is none.

    ``peak_mb`` is the process's peak; ``extra_mb`` what of it goes beyond what it had after loading the pair
    and warming up. Linux can set the peak back; elsewhere the peak so far may hide some of it.
    """
    if name in compare_programs.PROGRAMS:
        return compare_programs.measure(name, Path(folder))
    warnings.simplefilter("ignore")  # of the peers
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    engine = ENGINES[name]
    small = sitk.GetImageFromArray(np.pad(np.ones((6, 6, 6), dtype=np.uint8), 4))
    try:
        engine(small, small)
    except ModuleNotFoundError as error:
        return {"absent": f"{error.name} is not installed"}
    reference, test = (sitk.ReadImage(str(Path(folder) / f"{role}.nrrd")) for role in ("reference", "test"))
    before_mb = _forget_peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    values = engine(reference, test)
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    peak_mb = _peak_mb()
    used = {"cpu_s": cpu_s, "wall_s": wall_s, "extra_mb": peak_mb - before_mb, "peak_mb": peak_mb}
    return {**used, "values": values}


def _values(dice: float, test_to_reference: np.ndarray, reference_to_test: np.ndarray) -> Values:
    pooled = np.concatenate([test_to_reference, reference_to_test])
    return {
        "dice": dice,
        "msd_mm": float(pooled.mean()),
        "hd_mm": float(pooled.max()),
        "hd95_mm": max(float(np.percentile(part, 95)) for part in (test_to_reference, reference_to_test)),
    }


def _forget_peak_mb() -> float:
    """Set the process's peak memory back to what it has now, if the system can, and return that in MB."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak_mb()


def _peak_mb() -> float:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
