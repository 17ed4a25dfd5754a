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
    parser.add_argument(
        "--protocols",
        type=int,
        metavar="SEED",
        help="beside the scans, copies of them simulated in one of FBP, IR, OPT, M40 and M60 each, at "
        "another dose, drawn by SEED: for a segmenter that needs no standardization (about 10 CPU seconds a "
        "copy)",
    )
    parser.add_argument(
        "--copies", type=int, metavar="N", help="copies of so many scans, evenly chosen (default: of each)"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")


def run(args: argparse.Namespace, progress: Any) -> int:
    """Pack the cases and print a line on each."""
    from concurrent.futures import ProcessPoolExecutor
    from dataclasses import asdict
    from pathlib import Path

    from livercnn_training.data.cases import DataError, folder_cases, shared_cases
    from livercnn_training.data.pack import write_pack
    from livercnn_training.data.packing import encode_file
    from livercnn_training.data.protocol_copies import drawn_copy, encode_copy
    from LiverCoreLib.output import atomic_path

    if args.copies is not None and args.protocols is None:
        raise DataError("--copies needs --protocols SEED, which says what is drawn.")
    cases = folder_cases(Path(args.folder)) if args.folder else shared_cases(args.split, args.sets.split(","))
    copied = [] if args.protocols is None else _evenly(cases, args.copies)
    copies = {case: drawn_copy(case.name, args.protocols) for case in copied}
    encoded = []
    with ProcessPoolExecutor(max(1, args.jobs)) as pool:
        pending = [(case.name, pool.submit(encode_file, case)) for case in cases]
        pending += [(copy.name, pool.submit(encode_copy, case, copy)) for case, copy in copies.items()]
        for name, one in pending:
            encoded.append(one.result())
            print(f"{name}: {encoded[-1]['image'].size / 1e6:.2f} MB")
            if progress is not None:
                progress(len(encoded) / len(pending), f"packed {name}")
    about = {
        "cases": [case.name for case in cases],
        "copies": [asdict(copy) for copy in copies.values()],
        "split": args.split,
    }
    with atomic_path(args.pack) as temporary:
        write_pack(temporary, encoded, about)
    also = f" and {len(copies)} simulated copies" if copies else ""
    print(f"{len(cases)} cases{also}, {Path(args.pack).stat().st_size / 1e6:.1f} MB: {args.pack}")
    return 0


def _evenly(cases: list[Any], count: int | None) -> list[Any]:
    """Return so many of the cases, from all over the list; all for None. Raises DataError for too many."""
    from livercnn_training.data.cases import DataError

    if count is None:
        return cases
    if not 1 <= count <= len(cases):
        raise DataError(f"Copies of {count} scans were asked for and there are {len(cases)} scans.")
    return [cases[number * len(cases) // count] for number in range(count)]
