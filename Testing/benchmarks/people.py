"""The phantom's people: liver volumes against the regression, and every organ whole and in its place.

    python Testing/benchmarks/people.py [--seeds N] [--ages YEARS ...] [--json PATH]

Every seed is drawn at every age on a coarse grid (`checks/people.py` of the simulation says which and what is
looked for); without --ages each seed has an age of its own. Each takes 2 to 3 CPU seconds. The exit code is 1
if a volume is off by more than 5 % or anything else is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from measuring import machine, use_this_checkout

WITHIN = 0.05
AGES = ((0.0, 2.0), (2.0, 6.0), (6.0, 12.0), (12.0, 18.0), (18.0, 51.0))


def main() -> int:
    parser = argparse.ArgumentParser(description="Look at many of the phantom's people.")
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="how many (default: 200)")
    parser.add_argument("--ages", type=float, nargs="+", metavar="YEARS", help="each seed at each of these")
    parser.add_argument("--json", metavar="PATH", help="also write what was found of everyone")
    args = parser.parse_args()
    use_this_checkout()
    from LiverStandardizeLib.simulation.checks.people import check_people

    found = []
    for checked in check_people(range(args.seeds), args.ages or (None,)):
        found.append(checked.to_dict())
        print(
            f"seed {checked.seed}, {checked.person.age_years:.1f} years: liver {checked.liver_ml:.0f} mL, "
            f"{100 * checked.volume_error:+.2f} % {'; '.join(checked.problems)}",
            flush=True,
        )
    print("\n".join(table(found)), flush=True)
    if args.json:
        Path(args.json).write_text(
            json.dumps({"machine": machine(), "people": found}, indent=2) + "\n", encoding="utf-8"
        )
    wrong = [one for one in found if one["problems"] or abs(one["volume_error"]) > WITHIN]
    return 1 if wrong else 0


def table(found: list[dict[str, Any]]) -> list[str]:
    lines = ["age         people  liver mL         error: mean, least to most"]
    for low, high in (*AGES, (0.0, 51.0)):
        group = [one for one in found if low <= one["age_years"] < high]
        if not group:
            continue
        volumes = sorted(one["liver_ml"] for one in group)
        errors = sorted(100 * one["volume_error"] for one in group)
        name = "all" if (low, high) == (0.0, 51.0) else f"{low:.0f} to {high:.0f}"
        lines.append(
            f"{name:<10} {len(group):>7}  {volumes[0]:>6.0f} to {volumes[-1]:<6.0f} "
            f"{sum(errors) / len(errors):+.2f} %, {errors[0]:+.2f} to {errors[-1]:+.2f} %"
        )
    troubled = sum(bool(one["problems"]) for one in found)
    lines.append(f"{troubled} of {len(found)} with an organ that is not whole or not in its place.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
