"""A timed segmentation, to see what a machine can do: the worker's task."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from LiverCoreLib.memory import peak_memory_bytes


def run(
    arguments: Mapping[str, Any], temporary_folder: Path, progress: Callable[[float, str], None]
) -> dict[str, Any]:
    """Segment a CT with the default model, and measure.

    Args:
        arguments: ``input``: an image file. ``device``, ``threads``: see ``choose_device``.
        temporary_folder: Not used.
        progress: Told how far it is.

    Returns:
        ``devices``: see ``list_devices``. ``chosen``: which was used and why, a sentence. ``model``,
        ``voxels``, ``volume_ml``. ``load_s``, ``segment_s``: to load PyTorch and the model; for the rest.
        ``peak_memory_mb``: of the process. ``peak_gpu_memory_mb``: of the graphics card, None on the CPU.

    Raises:
        LiverCNNError: As ``segment_liver`` does.
    """
    from LiverCoreLib.devices import choose_device, list_devices
    from LiverCoreLib.images import read_volume

    from .model import load_model
    from .segment import segment_liver

    del temporary_folder
    began = time.perf_counter()
    progress(0.0, "loading PyTorch")
    choice = choose_device(arguments["device"], arguments["threads"])
    devices = list_devices()
    progress(0.2, "loading the default model")
    model = load_model(None)
    image = read_volume(arguments["input"]).image
    loaded = time.perf_counter()
    result = segment_liver(
        image,
        model,
        device=choice.device,
        threads=choice.threads,
        progress=lambda fraction, message: progress(0.3 + 0.7 * fraction, "segmenting a synthetic abdomen"),
    )
    return {
        "devices": [one.to_dict() for one in devices],
        "chosen": choice.sentence,
        "model": result.provenance["model"]["id"],
        "voxels": list(image.GetSize()),
        "volume_ml": result.volume_ml,
        "load_s": loaded - began,
        "segment_s": time.perf_counter() - loaded,
        "peak_memory_mb": peak_memory_bytes() / 1e6,
        "peak_gpu_memory_mb": _peak_gpu_memory_mb(choice.device),
    }


def _peak_gpu_memory_mb(device: str) -> float | None:
    if device == "cpu":
        return None
    import torch

    return float(torch.cuda.max_memory_allocated(device)) / 1e6
