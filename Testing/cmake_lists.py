"""The lists of files in the CMakeLists.txt, as they are and as they should be.

Slicer installs what is listed and nothing else, so that a forgotten file works in a checkout and is missing
in the installed extension. ``python Testing/cmake_lists.py --write`` writes the lists from the files on disk.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent

_LIST = re.compile(
    r"(?P<head>set\((?P<name>MODULE_PYTHON_(?:SCRIPTS|RESOURCES))\n)(?P<body>.*?)(?P<tail>  \)\n)", re.DOTALL
)
_LEFT_BY_TOOLS = {"__pycache__", ".DS_Store"}


class Lists(NamedTuple):
    """Paths relative to the folder of the CMakeLists.txt, sorted, with ``/`` between their parts."""

    scripts: list[str]
    resources: list[str]


def modules() -> list[str]:
    """Folders of the Slicer modules: those that hold a library of the same name."""
    return sorted(
        folder.name for folder in REPOSITORY.glob("Liver*") if (folder / f"{folder.name}Lib").is_dir()
    )


def wanted(folder: str) -> Lists:
    """What the CMakeLists.txt of a module, or of the repository (``"."``), should list."""
    root = REPOSITORY / folder
    if folder == ".":
        files = _files(root / "Resources" / "Models") + [root / "Resources" / "__init__.py"]
    else:
        # Its Lib, and the package of what needs Slicer.
        packages = [path for path in root.glob(f"{folder}?*") if path.is_dir()]
        files = [*root.glob("*.py"), *_files(root / "Resources")]
        files += [file for package in packages for file in _files(package)]
    names = sorted(file.relative_to(root).as_posix() for file in files)
    return Lists([n for n in names if n.endswith(".py")], [n for n in names if not n.endswith(".py")])


def listed(folder: str) -> Lists:
    """What the CMakeLists.txt lists now."""
    text = (REPOSITORY / folder / "CMakeLists.txt").read_text(encoding="utf-8")
    bodies = {match["name"]: match["body"].split() for match in _LIST.finditer(text)}
    return Lists(bodies["MODULE_PYTHON_SCRIPTS"], bodies["MODULE_PYTHON_RESOURCES"])


def write(folder: str) -> bool:
    """Bring one CMakeLists.txt up to date; True if it changed."""
    path = REPOSITORY / folder / "CMakeLists.txt"
    lists = wanted(folder)
    entries = {"MODULE_PYTHON_SCRIPTS": lists.scripts, "MODULE_PYTHON_RESOURCES": lists.resources}

    def filled(match: re.Match[str]) -> str:
        return match["head"] + "".join(f"  {name}\n" for name in entries[match["name"]]) + match["tail"]

    before = path.read_text(encoding="utf-8")
    after = _LIST.sub(filled, before)
    path.write_text(after, encoding="utf-8")
    return after != before


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not _LEFT_BY_TOOLS.intersection(path.relative_to(folder).parts)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the CMakeLists.txt with the files on disk.")
    parser.add_argument("--write", action="store_true", help="mend them instead of only naming them")
    args = parser.parse_args()
    wrong = [folder for folder in [".", *modules()] if listed(folder) != wanted(folder)]
    for folder in wrong:
        done = "written" if args.write and write(folder) else "out of date"
        print(f"{(Path(folder) / 'CMakeLists.txt').as_posix()}: {done}")
    return 1 if wrong and not args.write else 0


if __name__ == "__main__":
    sys.exit(main())
