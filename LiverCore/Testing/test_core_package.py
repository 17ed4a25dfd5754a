"""The package's table of names is true, and looking one up loads no more than it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import LiverCoreLib


@pytest.mark.parametrize("name", LiverCoreLib._MODULE_OF)
def test_every_name_is_where_the_table_says(name):
    value = getattr(LiverCoreLib, name)

    assert getattr(sys.modules[f"LiverCoreLib.{LiverCoreLib._MODULE_OF[name]}"], name) is value
    assert name in dir(LiverCoreLib)


def test_other_names_are_no_attributes():
    with pytest.raises(AttributeError, match="no attribute 'Livr'"):
        _ = LiverCoreLib.Livr


def test_errors_load_nothing_else():
    script = (
        "import sys; from LiverCoreLib import LiverCNNError;"
        "print(sorted(name for name in sys.modules if name.startswith('LiverCoreLib')))"
    )
    folder = Path(LiverCoreLib.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=folder
    )

    assert run.stdout.strip() == "['LiverCoreLib', 'LiverCoreLib.errors']"
