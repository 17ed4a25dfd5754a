"""``livercnn pack-pairs``: one's own paired reconstructions in one file, to train the standardizer with."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "pack one's own paired reconstructions into one file for training the standardizer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        help="a folder an exam: EXAM/FBP.nii.gz, IR, OPT, M40, M60, M80 (two or more, M80 among them; the "
        "same in every exam), and EXAM/liver.nii.gz where the liver is marked",
    )
    parser.add_argument("pack", metavar="OUT.npz", help="file to write")
    parser.add_argument(
        "--held-out", type=int, default=1, help="exams to watch the training with (default: 1)"
    )


def run(args: argparse.Namespace, progress: Any) -> int:
    """Check the exams, pack them, and print a line on each."""
    from pathlib import Path

    from livercnn_training.data.cases import DataError
    from livercnn_training.data.pack import write_pack
    from livercnn_training.data.paired_exams import packed_exam, paired_exams
    from livercnn_training.data.pairs import KIND, encode_pairs
    from LiverCoreLib.output import atomic_path

    plans = paired_exams(Path(args.folder))
    if not 0 <= args.held_out < len(plans):
        raise DataError(f"Of {len(plans)} exams {args.held_out} cannot be held out and some trained on.")
    encoded, trained = [], []
    for number, plan in enumerate(plans):
        if progress is not None:
            progress(number / len(plans), plan.name)
        split = "validation" if number >= len(plans) - args.held_out else "train"
        exam = packed_exam(plan, split)
        encoded.append(encode_pairs(exam))
        trained += [exam.name] if split == "train" else []
        print(f"{plan.name}: {len(exam.hu)} slices, {', '.join(exam.protocols)} ({split})")
    with atomic_path(args.pack) as temporary:
        write_pack(temporary, encoded, {"cases": trained, "kind": KIND})
    print(f"{len(plans)} exams, {Path(args.pack).stat().st_size / 1e6:.1f} MB: {args.pack}")
    return 0
