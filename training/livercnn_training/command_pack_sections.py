"""``livercnn pack-sections``: material sections in one file, to train the standardizer with."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "pack sections of phantoms and CTs into one file for training the standardizer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("pack", metavar="OUT.npz", help="file to write")
    parser.add_argument("--phantoms", type=int, default=40, help="phantoms to train on (default: 40)")
    parser.add_argument(
        "--held-out-phantoms", type=int, default=4, help="phantoms to watch with (default: 4)"
    )
    parser.add_argument("--cts", type=int, default=0, help="labelled CTs to train on (default: 0)")
    parser.add_argument(
        "--held-out-cts", type=int, default=0, help="CTs of the training split to watch with (default: 0)"
    )
    parser.add_argument("--folder", help="plain folder of cases (default: the shared data of LIVERCNN_DATA)")
    parser.add_argument(
        "--sets", default="ct-btcv,ct-lits", help="sets of the shared data (default: ct-btcv,ct-lits)"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")


def run(args: argparse.Namespace, progress: Any) -> int:
    """Draw the phantoms, split the CTs into materials, and pack both."""
    from concurrent.futures import ProcessPoolExecutor
    from pathlib import Path

    from livercnn_training.data.ct_sections import encode_ct
    from livercnn_training.data.pack import write_pack
    from livercnn_training.data.phantom_sections import encode_phantom
    from LiverCoreLib.output import atomic_path

    phantoms, cts = _phantoms(args), _cts(args)
    encoded = []
    with ProcessPoolExecutor(max(1, args.jobs)) as pool:
        pending = [pool.submit(encode_ct, case, split) for case, split in cts]
        pending += [pool.submit(encode_phantom, seed, split) for seed, split in phantoms]
        for one in pending:
            encoded.append(one.result())
            if progress is not None:
                progress(len(encoded) / len(pending), f"{len(encoded)} of {len(pending)} bodies")
    trained = [case.name for case, split in cts if split == "train"]
    trained += [f"phantom/{seed}" for seed, split in phantoms if split == "train"]
    with atomic_path(args.pack) as temporary:
        write_pack(temporary, encoded, {"cases": trained})
    size_mb = Path(args.pack).stat().st_size / 1e6
    print(f"{len(phantoms)} phantoms and {len(cts)} CTs, {size_mb:.1f} MB: {args.pack}")
    return 0


def _phantoms(args: argparse.Namespace) -> list[tuple[int, str]]:
    """Return seeds and their splits."""
    from livercnn_training.data.phantom_sections import TRAINING_SEEDS, VALIDATION_SEEDS

    seeds = [(TRAINING_SEEDS + number, "train") for number in range(args.phantoms)]
    return seeds + [(VALIDATION_SEEDS + number, "validation") for number in range(args.held_out_phantoms)]


def _cts(args: argparse.Namespace) -> list[tuple[Any, str]]:
    """Return as many training cases as asked for, evenly over all sets, and their splits.

    Raises DataError where there are too few.
    """
    from pathlib import Path

    from livercnn_training.data.cases import DataError, folder_cases, shared_cases

    wanted = args.cts + args.held_out_cts
    if not wanted:
        return []
    cases = folder_cases(Path(args.folder)) if args.folder else shared_cases("train", args.sets.split(","))
    if len(cases) < wanted:
        raise DataError(f"{wanted} CTs were asked for and there are {len(cases)}; ask for fewer.")
    chosen = [cases[number * len(cases) // wanted] for number in range(wanted)]
    held_out = [number * wanted // max(1, args.held_out_cts) for number in range(args.held_out_cts)]
    return [(case, "validation" if number in held_out else "train") for number, case in enumerate(chosen)]
