"""What all tests of the repository have around them."""

from __future__ import annotations

import os
import signal

import hypothesis
import pytest

# The fixtures of panels under test; without slicer-core and PySide6 such tests are skipped and say so.
pytest_plugins = ["slicerhost.plugin"]

# Before anything imports torch or numpy: small arrays gain nothing from threads, and timings gain noise.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run, and no deadline: a busy machine is no failure.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


def pytest_configure() -> None:
    """A run in the background (nohup, a shell's &) hands ignored signals down: no command would stop."""
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from realdata import MISSING, data_folder  # on the path only once pytest has read its configuration

    if data_folder() is None:
        for item in items:
            if item.get_closest_marker("real_data"):
                item.add_marker(pytest.mark.skip(reason=MISSING))
