"""The files of our panels, for tests that read them: module files, Scene packages, .ui files."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PYTHON_FILES = sorted([*REPOSITORY.glob("Liver*/Liver*.py"), *REPOSITORY.glob("Liver*/Liver*Scene/**/*.py")])
UI_FILES = sorted(REPOSITORY.glob("Liver*/Resources/UI/*.ui"))


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()
