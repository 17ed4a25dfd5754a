"""What the package offers can be had, in any order of imports."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import LiverMetricsLib

MODULES = {path.stem for path in Path(LiverMetricsLib.__file__).parent.glob("*.py")}


@pytest.mark.parametrize("name", LiverMetricsLib.__all__)
def test_every_public_name_is_there(name):
    assert getattr(LiverMetricsLib, name).__name__ == name


def test_no_public_name_is_also_a_module():
    """Importing LiverMetricsLib.x would put the module where the function was."""
    assert not MODULES & set(LiverMetricsLib.__all__)


def test_other_names_are_missing_as_usual():
    with pytest.raises(AttributeError, match="no attribute 'comparee'"):
        importlib.import_module("LiverMetricsLib").comparee  # noqa: B018
