"""Running a standardization network over the sections of a volume.

Every section is computed whole, so there are no seams. On a CPU each core computes one: how many are given at
once changes the order in which its libraries add, and with it the last bit of a float, which may be what
decides how a HU is rounded; and one section's features are all that its cache holds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from LiverCoreLib.devices import out_of_memory_explained
from LiverCoreLib.side_by_side import run_side_by_side
from LiverCoreLib.stages import Progress

from .axial_sections import AxialSections
from .dense_bone import slope
from .hu_window import HuWindow, RangeCount

GPU_BATCH = 8


def standardize_sections(
    sections: AxialSections,
    network: Any,
    window: HuWindow,
    *,
    protocol: str | None,
    target_protocol: str,
    device: str,
    batch: int | None = None,
    progress: Progress = None,
) -> RangeCount:
    """Write each section as the network changes it, and count what lies outside the window.

    Args:
        sections: Where HU are read from and written to.
        network: From (n, 1, y, x) and `code_of` the protocol to the same, normalized.
        window: What the network learned.
        protocol: Of the sections, for a network that can be told; None if it is not known.
        target_protocol: Of the answer.
        device: For torch.
        batch: Sections at once on a GPU; None chooses.
        progress: Called after each batch; may raise Cancelled.

    Raises:
        DeviceError: The GPU has too little memory.
    """
    import torch

    size = 1 if device == "cpu" else batch or GPU_BATCH
    pieces = [range(first, min(first + size, sections.count)) for first in range(0, sections.count, size)]
    network = network.to(device=device, memory_format=torch.channels_last)
    code, bone = network.code_of(protocol), slope(protocol, target_protocol)
    changed: dict[range, np.ndarray] = {}

    def change(places: range) -> None:
        hu = np.stack([sections.read(place) for place in places])
        changed[places] = _changed(hu, network, code, window, bone, device)

    count, done = RangeCount(), 0
    report = progress or (lambda fraction, message: None)
    report(0.0, f"slice 1 of {sections.count}")
    with out_of_memory_explained(device), _exact(device):
        for places in run_side_by_side(change, pieces, torch.device(device)):
            for place, hu in zip(places, changed.pop(places)):
                count.add(sections.read(place), window)
                sections.write(place, hu)
            done += len(places)
            report(done / sections.count, f"{done} of {sections.count} slices")
    return count


def _changed(
    hu: np.ndarray, network: Any, code: int, window: HuWindow, bone: float, device: str
) -> np.ndarray:
    """Sections (n, y, x) in HU after the network; those of nothing but air are left alone."""
    import torch

    used = np.flatnonzero(window.is_changed(hu).any(axis=(1, 2)))
    if used.size:
        given = torch.from_numpy(window.normalized(hu[used]))[:, None].to(device)
        codes = torch.full((used.size,), code, device=device)
        answer = network(given.contiguous(memory_format=torch.channels_last), codes)[:, 0]
        hu[used] = window.blended(hu[used], answer.float().cpu().numpy(), bone)
    return hu


@contextlib.contextmanager
def _exact(device: str) -> Iterator[None]:
    """On a GPU: full single precision and the same algorithm each time."""
    import torch

    if device == "cpu":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield
