"""What a process says of its memory, and how it gives large blocks back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from LiverCoreLib.memory import LARGE_BLOCK_BYTES, peak_memory_bytes

FREED = """
import ctypes, re, sys
from LiverCoreLib.memory import LARGE_BLOCK_BYTES, give_large_blocks_back

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) * 1024

if not give_large_blocks_back():
    sys.exit(77)
del_first = bytearray(30 * 2**20)  # freed: glibc would now keep blocks below 30 MiB
del del_first
kept = [bytearray(b"x") * (12 * 2**20), bytearray(b"x") * 1000]
held = resident()
del kept[0]
sys.exit(0 if held - resident() > LARGE_BLOCK_BYTES else 1)
"""


def test_peak_memory_is_that_of_this_process() -> None:
    before = peak_memory_bytes()
    block = bytearray(b"x") * (before + 64 * 2**20)
    assert peak_memory_bytes() - before > 32 * 2**20
    assert len(block) > LARGE_BLOCK_BYTES


@pytest.mark.skipif(sys.platform != "linux", reason="the system's allocator needs no word elsewhere")
def test_a_large_block_goes_back_to_the_system() -> None:
    code = subprocess.run([sys.executable, "-c", FREED], check=False).returncode
    if code == 77:
        pytest.skip("this C library has no mallopt")
    assert code == 0
