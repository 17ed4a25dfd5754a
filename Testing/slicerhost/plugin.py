"""Pytest fixtures: ``host``, a stand-in for Slicer that fails the test on what Slicer would only print.

Importing this file needs neither slicer-core nor PySide6; a test that takes ``host`` is skipped without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from slicerhost.availability import reason_to_skip


@pytest.fixture(scope="session")
def host_application() -> Iterator[Any]:
    """The one application of the process."""
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    from slicerhost.host import start

    application = start()
    yield application
    application.host_close()


@pytest.fixture
def host(host_application: Any) -> Iterator[Any]:
    """A :class:`slicerhost.host.Host` with an empty scene.

    At its end the scene is closed and the modules are unloaded; then the test fails if there was any
    incident: an error in a slot or an observer, a widget, property or signal that Slicer does not have,
    PythonQt misuse, a warning of Qt, an error of VTK, a node left behind. A test that provokes them takes
    them with ``INCIDENTS.take()`` of :mod:`slicerhost.incidents`.
    """
    from slicerhost.host import Host

    slicer_host = Host()
    yield slicer_host
    incidents = slicer_host.finish()
    if incidents:
        pytest.fail("\n".join(map(str, incidents)), pytrace=False)
