"""Where the real scans are that some tests use; nothing of them is in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parent.parent

requires_data = pytest.mark.real_data
"""Mark of a test (as ``pytestmark``: of a file) that needs real scans; conftest.py skips it without them."""

MISSING = "no real scans: set LIVERCNN_DATA to the folder with manifest.csv, or put it in ../shared/data"


def data_folder() -> Path | None:
    """The folder with ``manifest.csv``: LIVERCNN_DATA, else ``shared/data`` beside the repository, else None.

    Raises:
        FileNotFoundError: If LIVERCNN_DATA is set but wrong; a mistyped setting must not skip tests.
    """
    named = os.environ.get("LIVERCNN_DATA")
    folder = Path(named) if named else _REPOSITORY.parent / "shared" / "data"
    if (folder / "manifest.csv").is_file():
        return folder
    if named:
        raise FileNotFoundError(f"LIVERCNN_DATA is {named}, but there is no manifest.csv in that folder.")
    return None
