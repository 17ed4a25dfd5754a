"""Installs packages of ``package_list`` into the Python that runs this: the worker's task.

pip runs as a child of the worker, so that its lines can be shown while it works, and so that a cancellation
reaches it. Only packages of the list can be named: a job file must not be able to bring code in.
"""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.package_list import Package, package

Progress = Callable[[float, str], None]

PIP_SETTINGS = {
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_ONLY_BINARY": ":all:",  # a source archive would run its own code to be built
}
_POLL_S = 0.1
_SECONDS_TO_ROLL_BACK = 0.7  # the worker is killed 1 s after a cancellation
_LINES_KEPT = 200

# Words of pip, in the order in which they are looked for.
_NOT_WRITABLE = ("Permission denied", "Read-only file system", "[Errno 13]", "[Errno 20]", "Access is denied")
_NO_SPACE = ("No space left", "[Errno 28]")
_NO_CONNECTION = (
    "NewConnectionError",
    "Failed to establish a new connection",
    "name resolution",
    "ConnectTimeout",
    "ReadTimeout",
    "ProxyError",
    "SSLError",
    "Network is unreachable",
)


class InstallError(LiverCNNError):
    """Packages could not be installed. Ids: ``packages-not-writable``, ``disk-full``, ``no-connection``,
    ``package-not-found``, ``unknown-package``, ``install-failed``.
    """

    id = "install-failed"


def run(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Install packages.

    Args:
        arguments: ``modules``: names of modules of ``package_list``. ``folder``: a folder of wheels that are
            used instead of the network, or None.
        temporary_folder: Not used; pip finds it in the environment.
        progress: Receives pip's lines.

    Returns:
        ``modules`` as given.

    Raises:
        InstallError: See there. Cancelled: what pip had finished by then stays.
    """
    del temporary_folder
    packages = [_known(module) for module in arguments["modules"]]
    folder = arguments.get("folder")
    steps = offline_steps(packages, str(folder)) if folder else online_steps(packages)
    for index, step in enumerate(steps):
        _run_python(step, functools.partial(progress, index / len(steps)))
    return {"modules": [one.module for one in packages]}


def offline_steps(packages: Sequence[Package], folder: str) -> list[list[str]]:
    """Arguments of Python that install from a folder of wheels, without a network."""
    names = [one.requirement for one in packages]
    return [["-m", "pip", "install", "--no-index", "--find-links", folder, *names]]


def online_steps(packages: Sequence[Package]) -> list[list[str]]:
    """Arguments of Python that install from the index.

    PyTorch as the extension PyTorch does it: light-the-torch takes the build that fits the graphics card.
    torchvision comes with it because other extensions that share it count on both.
    """
    others = [one.requirement for one in packages if one.module != "torch"]
    steps = [["-m", "pip", "install", *others]] if others else []
    for torch in (one for one in packages if one.module == "torch"):
        steps.append(["-m", "pip", "install", "light-the-torch>=0.5"])
        steps.append(["-m", "light_the_torch", "install", torch.requirement, "torchvision"])
    return steps


def _known(module: str) -> Package:
    try:
        return package(module)
    except KeyError:
        raise InstallError(
            f"'{module}' is none of the packages that LiverCNN installs; install it yourself.",
            id="unknown-package",
            found=module,
        ) from None


def _run_python(arguments: Sequence[str], report: Callable[[str], None]) -> None:
    """Run Python and report its lines. Raises InstallError; what ``report`` raises ends the process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**environment, **PIP_SETTINGS},
        encoding="utf-8",
        errors="replace",
    )
    assert process.stdout is not None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    kept: deque[str] = deque(maxlen=_LINES_KEPT)
    try:
        _follow(lines, kept, report)
        code = process.wait()
    finally:
        _end(process)
    if code != 0:
        raise _failure(list(kept), code)


def _read(stream: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    with stream:
        for line in stream:
            lines.put(line.rstrip())
    lines.put(None)


def _follow(
    lines: queue.SimpleQueue[str | None], kept: deque[str], report: Callable[[str], None]
) -> None:
    """Report lines until there are no more; the last one again and again, so that a cancellation is seen."""
    report("starting pip")
    while True:
        try:
            line = lines.get(timeout=_POLL_S)
        except queue.Empty:
            report(kept[-1] if kept else "starting pip")
            continue
        if line is None:
            return
        if line.strip():
            kept.append(line.strip())
            report(line.strip())


def _end(process: subprocess.Popen[str]) -> None:
    """End pip if it is still there; interrupted, it puts back what it was replacing."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_SECONDS_TO_ROLL_BACK)
        return
    process.kill()
    process.wait()


def _failure(lines: list[str], code: int) -> InstallError:
    """What went wrong, from what pip said."""
    text = "\n".join(lines)
    if any(word in text for word in _NO_SPACE):
        error = InstallError("There is no space left for the packages; free some space.", id="disk-full")
    elif any(word in text for word in _NOT_WRITABLE):
        error = InstallError(
            f"The packages could not be written for {sys.executable}; have them installed by whoever "
            "installed the program, or use a copy of it in a folder of your own.",
            id="packages-not-writable",
        )
    elif any(word in text for word in _NO_CONNECTION):
        error = InstallError(
            "The package index could not be reached; check network and proxy, or install from a folder.",
            id="no-connection",
        )
    elif "No matching distribution found for" in text:
        wanted = text.rpartition("No matching distribution found for ")[2].splitlines()[0]
        error = InstallError(
            f"Nothing that fits this computer was found for {wanted}; put its wheel into a folder and "
            "install from there.",
            id="package-not-found",
            found=wanted,
        )
    else:
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["it said nothing"]
        error = InstallError(f"pip ended with an error ({errors[-1]}); its log tells more.")
    error.details.update(log=text, returncode=code)
    return error
