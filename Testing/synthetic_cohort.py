"""A synthetic cohort: measurements that look like those of a study and belong to nobody.

``python Testing/synthetic_cohort.py cohort.csv`` writes the tidy table that ``livercnn cohort`` reads.
Nothing in it was measured: liver volumes are drawn from a log-normal distribution of adult livers (median
1.55 L), errors from distributions chosen so that the figures and tables have something to show. The names
of cases, observers and protocols say that they are synthetic.

Two designs:

``readers``    40 cases x 3 methods (manual, cnn, corrected) x 2 observers. The network gives both observers
               the same mask; they score it, correct it, note which regions they corrected, and are timed.
``protocols``  40 cases x 4 CT protocols x 2 stages (original, standardized), one method.

The same seed gives the same table on every machine.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Union

import numpy as np

SEED = 20260101
CASES = 40
OBSERVERS = ("synthetic A", "synthetic B")

COLUMNS = (
    "case", "observer", "method", "protocol", "stage", "reference", "dice", "volume_test_ml",
    "volume_reference_ml", "volume_ratio", "volume_difference_ml", "volume_difference_percent", "msd_mm",
    "hd_mm", "hd95_mm", "time_s", "score", "regions",
)  # fmt: skip

REGIONS = {  # chance that a region of the network's mask needs correcting
    "inferior vena cava": 0.55,
    "portal vein": 0.35,
    "left tip of the liver": 0.30,
    "lesions": 0.25,
    "gallbladder": 0.18,
    "heart": 0.15,
    "stomach and duodenum": 0.12,
    "colon": 0.10,
    "right kidney": 0.05,
}

Row = dict[str, Union[str, float]]


class Method(NamedTuple):
    """How a method errs: systematic and random volume error (share of the volume) and surface distance."""

    bias: float
    spread: float
    msd_mm: float


METHODS = {
    "manual": Method(bias=0.010, spread=0.025, msd_mm=1.3),
    "cnn": Method(bias=-0.030, spread=0.035, msd_mm=1.7),
    "corrected": Method(bias=-0.005, spread=0.010, msd_mm=0.8),
}
MANUAL_MINUTES = {"synthetic A": 6.0, "synthetic B": 29.0}
CORRECTION_MINUTES = {"synthetic A": 9.0, "synthetic B": 7.0}

PROTOCOLS = {  # volume error of the original images, and how much of the liver is lost at random
    "synthetic FBP": Method(bias=-0.11, spread=0.09, msd_mm=3.5),
    "synthetic IR": Method(bias=-0.09, spread=0.08, msd_mm=3.0),
    "synthetic OPT": Method(bias=-0.20, spread=0.16, msd_mm=5.5),
    "synthetic M60": Method(bias=-0.40, spread=0.18, msd_mm=9.0),
}
STANDARDIZED = Method(bias=-0.012, spread=0.03, msd_mm=1.4)


def readers(seed: int = SEED, cases: int = CASES) -> list[Row]:
    """Rows of the design ``readers``: cases x 3 methods x 2 observers."""
    return list(_readers(np.random.default_rng(seed), cases))


def protocols(seed: int = SEED, cases: int = CASES) -> list[Row]:
    """Rows of the design ``protocols``: cases x 4 protocols x 2 stages."""
    return list(_protocols(np.random.default_rng(seed), cases))


def write_csv(rows: list[Row], path: Path) -> None:
    """Write rows as the tidy table; six significant digits, empty where there is no value."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([_text(row.get(column, "")) for column in COLUMNS] for row in rows)


def _readers(random: np.random.Generator, cases: int) -> Iterator[Row]:
    for number in range(1, cases + 1):
        volume_ml = _liver_volume_ml(random)
        poor = random.random() < 0.06  # the network loses a large part of the liver in a few cases
        network = _measured(random, METHODS["cnn"], volume_ml, worse=6.0 if poor else 1.0)
        manual_habit = random.normal(0.0, METHODS["manual"].spread)
        for observer in OBSERVERS:
            key: Row = {"case": f"synthetic-{number:02d}", "observer": observer, "stage": "original"}
            key |= {"protocol": "portal venous", "reference": "consensus", "regions": "NA"}
            own = METHODS["manual"]._replace(bias=METHODS["manual"].bias + 0.7 * manual_habit)
            yield key | {"method": "manual"} | _measured(random, own, volume_ml) | {
                "time_s": 60 * MANUAL_MINUTES[observer] * float(random.lognormal(0.0, 0.25))
            }
            yield key | {"method": "cnn"} | network | {"time_s": 20.0, "score": _score(random, network)}
            work = 1.0 + 8.0 * (0.97 - float(network["dice"]))
            yield key | {"method": "corrected"} | _measured(random, METHODS["corrected"], volume_ml) | {
                "time_s": 60 * CORRECTION_MINUTES[observer] * work * float(random.lognormal(0.0, 0.35)),
                "regions": "; ".join(name for name, chance in REGIONS.items() if random.random() < chance),
            }


def _protocols(random: np.random.Generator, cases: int) -> Iterator[Row]:
    for number in range(1, cases + 1):
        volume_ml = _liver_volume_ml(random)
        for protocol, original in PROTOCOLS.items():
            for stage, method in (("original", original), ("standardized", STANDARDIZED)):
                key: Row = {"case": f"synthetic-{number:02d}", "method": "cnn", "protocol": protocol}
                key |= {"stage": stage, "reference": "ground truth"}
                yield key | _measured(random, method, volume_ml)


def _liver_volume_ml(random: np.random.Generator) -> float:
    return float(np.clip(random.lognormal(np.log(1550.0), 0.22), 800.0, 3200.0))


def _measured(random: np.random.Generator, method: Method, volume_ml: float, worse: float = 1.0) -> Row:
    """Measures of one mask that fit one another: Dice falls as volume error and surface distance grow."""
    share = method.bias * worse + random.normal(0.0, method.spread)
    test_ml = volume_ml * float(np.clip(1.0 + share, 0.15, 1.8))
    error = (test_ml - volume_ml) / volume_ml
    msd_mm = method.msd_mm * np.sqrt(worse) * float(random.lognormal(0.0, 0.25)) + 8.0 * abs(error)
    hd_mm = 8.0 + 9.0 * msd_mm * float(random.lognormal(0.0, 0.3))
    # The thin shell between two surfaces msd apart has about area x msd / 2 on either side.
    radius_mm = (3000.0 * volume_ml / (4.0 * np.pi)) ** (1 / 3)
    dice = float(np.clip(1.0 - 1.45 * msd_mm / radius_mm - 0.25 * abs(error), 0.05, 0.995))
    return {
        "dice": dice,
        "volume_test_ml": test_ml,
        "volume_reference_ml": volume_ml,
        "volume_ratio": test_ml / volume_ml,
        "volume_difference_ml": test_ml - volume_ml,
        "volume_difference_percent": 100.0 * error,
        "msd_mm": float(msd_mm),
        "hd_mm": float(hd_mm),
        "hd95_mm": float(min(2.4 * msd_mm + 1.0, hd_mm)),
    }


def _score(random: np.random.Generator, network: Row) -> float:
    """A judgement from 1 to 5 in halves that follows the Dice, with the observer's own mind."""
    exact = 4.2 + 22.0 * (float(network["dice"]) - 0.95) + random.normal(0.0, 0.35)
    return float(np.clip(np.round(2.0 * exact) / 2.0, 1.0, 5.0))


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def main() -> int:
    """Write the table named on the command line."""
    parser = argparse.ArgumentParser(description="Write a synthetic cohort table; nothing was measured.")
    parser.add_argument("path", type=Path, help="CSV file to write")
    parser.add_argument("--design", choices=["readers", "protocols"], default="readers")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--cases", type=int, default=CASES)
    args = parser.parse_args()
    design = readers if args.design == "readers" else protocols
    write_csv(design(args.seed, args.cases), args.path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
