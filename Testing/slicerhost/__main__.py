"""``python -m slicerhost MODULE.py --screenshot panel.png [--width 400]``: look at a panel without Slicer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from slicerhost.availability import reason_to_skip


def main(arguments: list[str] | None = None) -> int:
    """Load a module, write a picture of its panel, tell what went wrong; 1 if anything did."""
    parser = argparse.ArgumentParser(prog="python -m slicerhost", description=__doc__)
    parser.add_argument("module", type=Path, help="file of a scripted module")
    parser.add_argument("--screenshot", type=Path, required=True, metavar="PNG", help="picture to write")
    parser.add_argument("--width", type=int, default=400, help="width of the panel in pixels (400)")
    parser.add_argument("--height", type=int, help="height in pixels (as much as is needed)")
    parsed = parser.parse_args(arguments)
    reason = reason_to_skip()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    from slicerhost.host import Host, start
    from slicerhost.screenshot import overflow, save_panel

    host = Host()
    panel = host.load(parsed.module).panel
    save_panel(panel, parsed.screenshot, parsed.width, parsed.height)
    too_wide = overflow(panel, parsed.width)
    if too_wide:
        print(f"the panel is {too_wide} px wider than {parsed.width}", file=sys.stderr)
    incidents = host.finish()
    for incident in incidents:
        print(incident, file=sys.stderr)
    start().host_close()
    return 1 if incidents or too_wide else 0


if __name__ == "__main__":
    sys.exit(main())
