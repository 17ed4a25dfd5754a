"""The most memory that this process has had, and how it gives large blocks back."""

from __future__ import annotations

import ctypes
import sys

LARGE_BLOCK_BYTES = 8 * 2**20
_M_MMAP_THRESHOLD = -3  # of mallopt(3)


def give_large_blocks_back() -> bool:
    """Let blocks of 8 MiB and more go back to the system when they are freed; whether that could be said.

    glibc raises its threshold to the largest block freed so far, 32 MiB at most, and then carves large blocks
    out of each thread's heap, where blocks of many sizes leave gaps: a tenth of what a tiled network takes.
    Elsewhere than on glibc nothing is said.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    return mallopt is not None and mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES) == 1


def peak_memory_bytes() -> int:
    """Peak of the memory that was really in use (resident set, working set)."""
    if sys.platform == "win32":
        return _peak_working_set_bytes()
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, in KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _peak_working_set_bytes() -> int:
    """GetProcessMemoryInfo of Windows: PROCESS_MEMORY_COUNTERS.PeakWorkingSetSize."""
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = [
            ("cb", wintypes.DWORD),
            ("PageFaultCount", wintypes.DWORD),
            ("PeakWorkingSetSize", ctypes.c_size_t),
            ("WorkingSetSize", ctypes.c_size_t),
            ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
            ("QuotaPagedPoolUsage", ctypes.c_size_t),
            ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
            ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
            ("PagefileUsage", ctypes.c_size_t),
            ("PeakPagefileUsage", ctypes.c_size_t),
        ]

    counters = Counters()
    counters.cb = ctypes.sizeof(Counters)
    system = ctypes.windll.kernel32  # type: ignore[attr-defined]
    system.GetCurrentProcess.restype = wintypes.HANDLE
    ask = system.K32GetProcessMemoryInfo
    ask.argtypes = [wintypes.HANDLE, ctypes.POINTER(Counters), wintypes.DWORD]
    if not ask(system.GetCurrentProcess(), ctypes.byref(counters), counters.cb):
        raise ctypes.WinError()  # type: ignore[attr-defined]
    return int(counters.PeakWorkingSetSize)
