"""Looking up a name of the package loads no more than that name needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import LiverCoreLib


def test_errors_load_nothing_else():
    script = (
        "import sys; from LiverCoreLib import LiverCNNError;"
        "print(sorted(name for name in sys.modules if name.startswith('LiverCoreLib')))"
    )
    folder = Path(LiverCoreLib.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=folder
    )

    assert run.stdout.strip() == "['LiverCoreLib', 'LiverCoreLib.errors', 'LiverCoreLib.lazy']"
