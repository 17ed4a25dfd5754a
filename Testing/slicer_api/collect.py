"""Look up every name of Slicer that our panels use in the sources of one version, and record it.

    python Testing/slicer_api/collect.py SLICER --ctk CTK --vtk VTK --pythonqt PYTHONQT

Each is a source tree as Slicer's SuperBuild pins it. PySide6 must be installed (``make test-panels``).
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from slicer_api import record, uses
from slicer_api.lookup import ABSENT, UNKNOWN, Sources


def version_of(slicer: Path) -> str:
    """The version that a source tree of Slicer says it is."""
    text = (slicer / "CMakeLists.txt").read_text(encoding="utf-8")
    parts = [re.search(rf'set\(Slicer_VERSION_{one} "(\d+)"\)', text) for one in ("MAJOR", "MINOR", "PATCH")]
    if None in parts:
        raise SystemExit(f"{slicer} is no source tree of Slicer.")
    return ".".join(part[1] for part in parts if part)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("slicer", type=Path, help="sources of Slicer")
    for name in ("ctk", "vtk", "pythonqt"):
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"sources of {name}")
    parser.add_argument("--note", default="", help="which ones they are, for the record")
    parser.add_argument("--code", type=Path, default=uses.REPOSITORY, help="our repository (this one)")
    args = parser.parse_args()
    version = version_of(args.slicer)
    sources = Sources(args.slicer, args.ctk, args.vtk, args.pythonqt)
    used = uses.all_uses(args.code)
    marks = {name: sources.look_up(name) for name in used}
    record.write(record.read().with_version(version, args.note, marks))
    for mark, what in ((ABSENT, "absent from"), (UNKNOWN, "not to be found out for")):
        for name in sorted(name for name, found in marks.items() if found == mark):
            print(f"{what} {version}: {name} ({', '.join(sorted(used[name]))})")
    print(f"{version}: {len(marks)} names")
    return 0


if __name__ == "__main__":
    sys.exit(main())
