"""``livercnn pack``: labelled scans into one compact file for a training machine."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "pack labelled scans into one file for training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("pack", metavar="OUT.npz", help="file to write")
    parser.add_argument("--folder", help="plain folder of cases (default: the shared data of LIVERCNN_DATA)")
    parser.add_argument("--split", default="train", help="split of the shared data (default: train)")
    parser.add_argument(
        "--sets", default="ct-btcv,ct-lits", help="sets of the shared data (default: ct-btcv,ct-lits)"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")


def run(args: argparse.Namespace, progress: Any) -> int:
    """Pack the cases and print a line on each."""
    from concurrent.futures import ProcessPoolExecutor
    from pathlib import Path

    from livercnn_training.data.cases import folder_cases, shared_cases
    from livercnn_training.data.pack import write_pack
    from livercnn_training.data.packing import encode_file
    from LiverCoreLib.output import atomic_path

    cases = folder_cases(Path(args.folder)) if args.folder else shared_cases(args.split, args.sets.split(","))
    encoded = []
    with ProcessPoolExecutor(max(1, args.jobs)) as pool:
        for case, arrays in zip(cases, pool.map(encode_file, cases)):
            encoded.append(arrays)
            print(f"{case.name}: {arrays['image'].size / 1e6:.2f} MB")
            if progress is not None:
                progress(len(encoded) / len(cases), f"packed {case.name}")
    with atomic_path(args.pack) as temporary:
        write_pack(temporary, encoded, {"cases": [case.name for case in cases], "split": args.split})
    print(f"{len(cases)} cases, {Path(args.pack).stat().st_size / 1e6:.1f} MB: {args.pack}")
    return 0
