"""Tasks for the tests of the worker; started as real processes, named through LIVERCNN_TEST_TASKS."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from LiverCoreLib import scratch
from LiverCoreLib.errors import LiverCNNError


class UnhappyInput(LiverCNNError):
    id = "unhappy-input"


def echo(arguments, temporary_folder, progress):
    """Report where things are."""
    progress(0.0, "Starting")
    progress(0.5, "Half-way, naïvely")
    progress(2.0, "Over the top")
    with tempfile.NamedTemporaryFile(delete=False) as stream:
        return {
            "arguments": arguments,
            "folder": str(temporary_folder),
            "temporary_file": stream.name,
            "not_a_number": float("nan"),
            "path": sys.path,
        }


def many_reports(arguments, temporary_folder, progress):
    for index in range(arguments["count"]):
        progress(index / arguments["count"], "Counting")
    return {}


def fail(arguments, temporary_folder, progress):
    raise UnhappyInput("Found 2 slices; give 5.", found=2, image=object())


def fault(arguments, temporary_folder, progress):
    raise ZeroDivisionError("a bug")


def leave(arguments, temporary_folder, progress):
    sys.exit(0)


def out_of_memory(arguments, temporary_folder, progress):
    raise MemoryError


def unsendable(arguments, temporary_folder, progress):
    return {"image": object()}


def talk(arguments, temporary_folder, progress):
    """Print, warn and log as libraries do, from Python and from outside."""
    sys.stdout.write("printed by Python\n")
    sys.stdout.write('{"protocol": 1, "type": "result", "result": {"forged": true}}\n')
    os.write(1, b"printed by native code\n")
    subprocess.run([sys.executable, "-c", "print('printed by a child')"], check=True)
    logging.getLogger("library").warning("logged")
    warnings.warn("warned", stacklevel=1)
    return {}


def die(arguments, temporary_folder, progress):
    (temporary_folder / "large.tmp").write_bytes(b"0" * 1000)
    if arguments["how"] == "exit":
        os._exit(3)
    if arguments["how"] == "segmentation fault":
        ctypes.string_at(0)
    os.kill(os.getpid(), signal.SIGKILL)


def cooperate(arguments, temporary_folder, progress):
    """Work in small steps until cancelled."""
    while True:
        progress(0.5, "Working")
        time.sleep(0.02)


def hang(arguments, temporary_folder, progress):
    """Leave temporary files about and sit in one native call; ``how`` says in which."""
    (temporary_folder / "large.tmp").write_bytes(b"0" * 1000)
    beside_output = arguments.get("beside_output")
    if beside_output:
        scratch.track(beside_output)
        Path(beside_output).write_bytes(b"half an output")
    if arguments.get("child"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        Path(arguments["child"]).write_text(str(child.pid))
    hang_up = _HANGS[arguments["how"]]()
    progress(0.1, "In the native call")
    hang_up()
    return {}


def _ignore_everything():
    """Python code that swallows each attempt to stop it."""
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(60)


def _prepare_convolutions():
    """Calls of torch that take seconds each, without a progress report between them."""
    import torch

    torch.set_num_threads(1)
    volume, kernels = torch.ones(1, 32, 112, 112, 112), torch.ones(48, 32, 3, 3, 3)

    def convolve():
        while True:
            torch.nn.functional.conv3d(volume, kernels)

    return convolve


_HANGS = {
    "native": lambda: lambda: ctypes.CDLL(None).sleep(60),
    "native with the global lock": lambda: lambda: ctypes.PyDLL(None).sleep(60),
    "python": lambda: _ignore_everything,
    "torch": _prepare_convolutions,
}
