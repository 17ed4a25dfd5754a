"""Segmenting the liver in a CT: checks, preprocessing, network, the way back, post-processing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.ct_checks import check_image
from LiverCoreLib.devices import choose_device, limit_threads, out_of_memory_explained
from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.provenance import network_provenance
from LiverCoreLib.stages import Progress, Stages

from . import postprocessing
from .edges import edge_warnings
from .model import SegmentationModel, load_model
from .preprocessing import ModelInput, preprocess
from .restoring import NativeBox, restore

PLAUSIBLE_ML = (50.0, 6000.0)


class SegmentationError(LiverCNNError):
    """Arguments of a segmentation that cannot be used."""

    id = "bad-argument"


@dataclass(frozen=True)
class LiverSegmentation:
    """A segmented liver and how it came about.

    mask: uint8, 1 in the liver, on the input's own grid. probability: float32 on the same grid (0 far from
    the liver), or None if it was not asked for. volume_ml: of the mask. components: what post-processing
    kept and removed, None if it was left out. warnings: plain sentences for whoever uses the mask.
    timings_s: seconds by stage and "total". provenance: model, device, versions and parameters. raw: the mask
    before post-processing, or None if it was not asked for.
    """

    mask: sitk.Image
    probability: sitk.Image | None
    volume_ml: float
    components: postprocessing.PostprocessingReport | None
    warnings: tuple[str, ...]
    timings_s: dict[str, float]
    provenance: dict[str, Any]
    raw: sitk.Image | None = None

    def to_dict(self) -> dict[str, Any]:
        """All but the images, as plain data for a JSON report."""
        return {
            "volume_ml": self.volume_ml,
            "components": None if self.components is None else self._components(self.components),
            "warnings": list(self.warnings),
            "timings_s": dict(self.timings_s),
            "provenance": self.provenance,
        }

    def _components(self, report: postprocessing.PostprocessingReport) -> dict[str, Any]:
        """Of each part that was removed also where it is in the patient."""
        components = report.to_dict()
        for part in components["removed"]:
            index = [int(place) for place in reversed(part["voxel_kji"])]
            part["centre_lps_mm"] = list(self.mask.TransformIndexToPhysicalPoint(index))
        return components


def segment_liver(
    image: sitk.Image,
    model: str | os.PathLike | SegmentationModel | None = None,
    *,
    device: str = "auto",
    threads: int | None = None,
    fast: bool = False,
    threshold: float | None = None,
    postprocess: bool = True,
    probability: bool = False,
    raw: bool = False,
    progress: Progress = None,
) -> LiverSegmentation:
    """Segment the liver in a CT.

    Args:
        image: a 3-D CT in Hounsfield units, any orientation and spacing; it is only read.
        model: id or path of a model, a loaded one (worth it for many volumes), or None for the default.
        device: "auto", "cpu", "cuda" or "cuda:N".
        threads: CPU threads to use; None leaves the process as it is.
        fast: let a network that can trade a little accuracy for speed do so.
        threshold: probability above which a voxel is liver, in 0..1 exclusive; None takes the model's.
        postprocess: keep only the largest connected liver, as the model's card says.
        probability: also give the probability image.
        raw: also give the mask as it was before post-processing.
        progress: called with (fraction, message); may raise Cancelled.

    Raises UnsupportedImage for an image that cannot be segmented, ModelError, DeviceError,
    SegmentationError, and whatever `progress` raises.
    """
    _check_threshold(threshold)
    stages = Stages(progress)
    with stages.stage("total", 0.0, 1.0, "segmenting the liver"), contextlib.ExitStack() as settings:
        with stages.stage("starting", 0.0, 0.01, "choosing the processor"):
            chosen = choose_device(device, threads)
            settings.enter_context(_limit_threads(chosen.threads))
        with stages.stage("model", 0.01, 0.04, "loading the model"):
            loaded = model if isinstance(model, SegmentationModel) else load_model(model)
        with stages.stage("checks", 0.04, 0.06, "checking the image"):
            check = check_image(image, loaded.card.modality, whole_liver=True)
        with stages.stage("preprocessing", 0.06, 0.15, "preparing the image") as step:
            prepared = preprocess(image, loaded.card.input, hu_offset=check.hu_offset, progress=step)
        with stages.stage("network", 0.15, 0.85, "running the network") as step:
            values = _run_network(loaded.network, prepared, chosen.device, fast, step)
        limit = loaded.output.threshold if threshold is None else threshold
        with stages.stage("restoring", 0.85, 0.91, "back to the image's grid") as step:
            part = restore(values, prepared.geometry, limit, keep_probability=probability, progress=step)
        with stages.stage("postprocessing", 0.91, 1.0, "keeping the liver") as step:
            liver, report = _keep_liver(part, loaded, postprocess, step)
            mask = part.image(liver)
            probability_image = None if part.probability is None else part.image(part.probability)
            raw_mask = part.image(part.mask) if raw else None
    volume_ml = int(np.count_nonzero(liver)) * part.lattice.voxel_ml
    warnings = [*check.warnings, *_fast_warning(loaded, fast), *(report.warnings if report else ())]
    warnings += _volume_warnings(volume_ml, limit) + edge_warnings(liver, part)
    parameters = {"threshold": limit, "fast": fast, "postprocess": postprocess, "hu_offset": check.hu_offset}
    return LiverSegmentation(
        mask=mask,
        probability=probability_image,
        volume_ml=volume_ml,
        components=report,
        warnings=tuple(warnings),
        timings_s=stages.seconds,
        provenance=network_provenance(loaded.card, loaded.sha256, chosen, parameters),
        raw=raw_mask,
    )


def _check_threshold(threshold: float | None) -> None:
    if threshold is not None and not 0.0 < threshold < 1.0:
        raise SegmentationError(
            f"The threshold is {threshold:g}; give a probability between 0 and 1.", id="bad-threshold"
        )


@contextlib.contextmanager
def _limit_threads(threads: int | None) -> Iterator[None]:
    """Let torch and SimpleITK use so many threads in the body, and as many as before afterwards."""
    before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    with limit_threads(threads):
        if threads is not None:
            sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)
        try:
            yield
        finally:
            sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before)


def _run_network(
    network: Any, prepared: ModelInput, device: str, fast: bool, progress: Progress
) -> np.ndarray:
    """The network's probability (float32 zyx on the model's voxels)."""
    import torch

    with out_of_memory_explained(device), torch.inference_mode():
        values = network.to(device).probability(
            torch.from_numpy(prepared.array).to(device),
            pad_value=prepared.pad_value,
            region=torch.from_numpy(prepared.region).to(device),
            fast=fast and network.supports_fast,
            progress=progress,
        )
        return values.float().cpu().numpy()


def _keep_liver(
    part: NativeBox, loaded: SegmentationModel, wanted: bool, progress: Progress
) -> tuple[np.ndarray, postprocessing.PostprocessingReport | None]:
    if not wanted:
        return part.mask, None
    i, j, k = part.lattice.spacing
    return postprocessing.postprocess(
        part.mask,
        (k, j, i),
        loaded.output.postprocessing,
        voxel_ml=part.lattice.voxel_ml,
        first=(part.box[0].start, part.box[1].start, part.box[2].start),
        progress=progress,
    )


def _fast_warning(loaded: SegmentationModel, fast: bool) -> list[str]:
    if fast and not loaded.network.supports_fast:
        return [f"Model '{loaded.card.id}' has no faster variant; the fast option changed nothing."]
    return []


def _volume_warnings(volume_ml: float, threshold: float) -> list[str]:
    if volume_ml == 0:
        return [
            f"No liver was found (no voxel has a probability above {threshold:g}). The scan may not show the "
            "liver, or differ too much from what the model was trained on; see the model's card."
        ]
    low, high = PLAUSIBLE_ML
    if not low <= volume_ml <= high:
        return [f"A liver of {volume_ml:.0f} mL is not plausible; look at the mask before using it."]
    return []
