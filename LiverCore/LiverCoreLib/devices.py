"""Which processor runs a network, and why, in one plain sentence."""

from __future__ import annotations

import contextlib
import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from LiverCoreLib.errors import LiverCNNError

_REQUEST = re.compile(r"auto|cpu|cuda(:(?P<index>\d{1,3}))?")
_GIB = 2.0**30


class DeviceError(LiverCNNError):
    """The device asked for is not there. Ids: ``bad-device``, ``no-such-device``, ``bad-threads``,
    ``out-of-memory``.
    """

    id = "no-such-device"


@dataclass(frozen=True)
class DeviceChoice:
    """The device for one run.

    Attributes:
        device: For ``torch.device``: ``"cpu"`` or ``"cuda:N"``.
        threads: CPU threads to use; None leaves torch's own number.
        sentence: What was chosen and why.
        name: The GPU's name, or None for the CPU.
        memory_gib: The GPU's whole memory in GiB, or None for the CPU.
    """

    device: str
    threads: int | None
    sentence: str
    name: str | None = None
    memory_gib: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Device:
    """A processor of this machine.

    Attributes:
        device: For ``torch.device``.
        name: For people.
        memory_gib: A GPU's whole memory in GiB, or None for the CPU.
        problem: Why it cannot be used, or None.
    """

    device: str
    name: str
    memory_gib: float | None
    problem: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return dict(vars(self))


def list_devices() -> list[Device]:
    """Return the CPU and every GPU that torch sees, with the reason where one cannot be used."""
    import torch

    cores = os.cpu_count() or 1
    name = platform.processor() or platform.machine()
    found = [Device("cpu", f"{name}, {cores} core{'' if cores == 1 else 's'}", None, None)]
    if not torch.cuda.is_available():
        return found
    for index in range(torch.cuda.device_count()):
        memory_gib = round(torch.cuda.get_device_properties(index).total_memory / _GIB, 1)
        gpu = torch.cuda.get_device_name(index)
        problem = None if _has_code_for(index) else f"this PyTorch has no code for the GPU {gpu}"
        found.append(Device(f"cuda:{index}", gpu, memory_gib, problem))
    return found


def choose_device(request: str = "auto", threads: int | None = None) -> DeviceChoice:
    """Return the device for a run; no setting of torch is changed.

    Args:
        request: ``auto`` (the GPU with the most free memory, else the CPU), ``cpu``, ``cuda`` or ``cuda:N``.
        threads: CPU threads to use, at least 1; None leaves torch's own number.

    Raises:
        DeviceError: ``bad-device`` for another word, ``bad-threads``, ``no-such-device`` where a GPU is asked
            for that this machine or this torch does not have.
    """
    match = _REQUEST.fullmatch(request)
    if match is None:
        raise DeviceError(
            f"'{request}' is not a device; use auto, cpu, cuda or cuda:N with a number.",
            id="bad-device",
            found=request,
        )
    if threads is not None and threads < 1:
        raise DeviceError(
            f"{threads} threads cannot compute; give 1 or more.", id="bad-threads", found=threads
        )
    if request == "cpu":
        return _cpu(threads, "as asked")
    problem = _cuda_problem()
    if request == "auto":
        return (
            _gpu(_roomiest_gpu(), threads, "it has the most free memory")
            if problem is None
            else _cpu(threads, problem)
        )
    if problem is not None:
        raise DeviceError(
            f"'{request}' was asked for, but {problem}; use --device cpu or auto, or install a GPU build of "
            "PyTorch and its driver.",
            found=problem,
        )
    index = match["index"]
    if index is None:
        return _gpu(_roomiest_gpu(), threads, "as asked")
    return _gpu(_existing_gpu(int(index)), threads, "as asked")


@contextlib.contextmanager
def limit_threads(threads: int | None) -> Iterator[None]:
    """Let torch use so many CPU threads in the body and as before afterwards; None changes nothing."""
    if threads is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def out_of_memory_explained(device: str) -> Iterator[None]:
    """Turn torch's complaint about a GPU without free memory into DeviceError (``out-of-memory``)."""
    import torch

    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise DeviceError(
            f"The GPU ({device}) has too little free memory for this scan; close other programs that use it, "
            "or choose the device cpu.",
            id="out-of-memory",
        ) from error


def _cuda_problem() -> str | None:
    """Why no GPU can be used, or None."""
    import torch

    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        return "this PyTorch was built without GPU support"
    if not torch.cuda.is_available():
        return "PyTorch finds no usable GPU or driver"
    if not _usable_gpus():
        return f"this PyTorch has no code for the GPU {torch.cuda.get_device_name(0)}"
    return None


def _usable_gpus() -> list[int]:
    """The GPUs for which this build of torch has code; an old card is found but cannot compute."""
    import torch

    return [index for index in range(torch.cuda.device_count()) if _has_code_for(index)]


def _has_code_for(index: int) -> bool:
    """CUDA's rule: code for sm_XY runs on X.Z with Z >= Y; compute_XY is compiled for anything newer."""
    import torch

    built = re.findall(r"(sm|compute)_(\d+)(\d)", " ".join(torch.cuda.get_arch_list()))
    if not built:  # ROCm names its architectures otherwise
        return True
    major, minor = torch.cuda.get_device_capability(index)
    return any(
        (major, minor) >= (int(x), int(y)) and (kind == "compute" or major == int(x)) for kind, x, y in built
    )


def _roomiest_gpu() -> int:
    import torch

    def free_bytes(index: int) -> int:
        return int(torch.cuda.mem_get_info(index)[0])

    return max(_usable_gpus(), key=free_bytes)


def _existing_gpu(index: int) -> int:
    usable = _usable_gpus()
    if index not in usable:
        known = ", ".join(f"cuda:{number}" for number in usable)
        raise DeviceError(
            f"There is no usable device cuda:{index}; this machine has {known}.", found=index, expected=usable
        )
    return index


def _gpu(index: int, threads: int | None, reason: str) -> DeviceChoice:
    import torch

    name = torch.cuda.get_device_name(index)
    free_gib, whole_gib = (amount / _GIB for amount in torch.cuda.mem_get_info(index))
    memory = f"{free_gib:.1f} of {whole_gib:.1f} GiB"
    return DeviceChoice(
        device=f"cuda:{index}",
        threads=threads,
        sentence=f"Using the GPU {name} (cuda:{index}, {memory} free): {reason}.",
        name=name,
        memory_gib=round(whole_gib, 1),
    )


def _cpu(threads: int | None, reason: str) -> DeviceChoice:
    import torch

    number = torch.get_num_threads() if threads is None else threads
    plural = "" if number == 1 else "s"
    return DeviceChoice("cpu", threads, f"Using the CPU with {number} thread{plural}: {reason}.")
