"""``livercnn pack-sections``: material sections of phantoms in one file, to train the standardizer with."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "pack sections of phantoms into one file for training the standardizer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("pack", metavar="OUT.npz", help="file to write")
    parser.add_argument("--phantoms", type=int, default=60, help="phantoms to train on (default: 60)")
    parser.add_argument(
        "--validation-phantoms", type=int, default=4, help="phantoms to validate with (default: 4)"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")


def run(args: argparse.Namespace, progress: Any) -> int:
    """Draw the phantoms and pack them."""
    from concurrent.futures import ProcessPoolExecutor
    from pathlib import Path

    from livercnn_training.data.pack import write_pack
    from livercnn_training.data.phantom_sections import TRAINING_SEEDS, VALIDATION_SEEDS, encode_phantom
    from LiverCoreLib.output import atomic_path

    seeds = [TRAINING_SEEDS + number for number in range(max(1, args.phantoms))]
    splits = ["train"] * len(seeds)
    seeds += [VALIDATION_SEEDS + number for number in range(max(0, args.validation_phantoms))]
    splits += ["validation"] * (len(seeds) - len(splits))
    encoded = []
    with ProcessPoolExecutor(max(1, args.jobs)) as pool:
        for seed, arrays in zip(seeds, pool.map(encode_phantom, seeds, splits)):
            encoded.append(arrays)
            if progress is not None:
                progress(len(encoded) / len(seeds), f"drew phantom {seed}")
    cases = [f"phantom/{seed}" for seed, split in zip(seeds, splits) if split == "train"]
    with atomic_path(args.pack) as temporary:
        write_pack(temporary, encoded, {"cases": cases})
    print(f"{len(seeds)} phantoms, {Path(args.pack).stat().st_size / 1e6:.1f} MB: {args.pack}")
    return 0
