"""What work of a panel may leave behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psutil


def traces() -> set[str]:
    """The workers and temporary folders of ours that there are now."""
    import slicer

    places = {Path(tempfile.gettempdir()), Path(slicer.app.temporaryPath)}
    folders = {str(path) for place in places for path in place.glob("livercnn-*")}
    workers = psutil.Process().children(recursive=True)
    return folders | {f"process {one.pid}" for one in workers if one.status() != psutil.STATUS_ZOMBIE}
