"""``livercnn demo``."""

from __future__ import annotations

import argparse
from typing import Callable

SUMMARY = "segment a synthetic abdomen in six reconstructions, or a scan, and draw the result"

Progress = Callable[[float, str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from LiverCoreLib.shared_arguments import add_fast_argument, add_model_argument, add_processor_arguments

    parser.add_argument(
        "--out",
        default="livercnn-demo",
        metavar="DIR",
        help="folder for the results (default: livercnn-demo)",
    )
    parser.add_argument(
        "--ct",
        metavar="PATH",
        help="a CT to use instead of the synthetic abdomen: .nii(.gz), .nrrd, .mha, .mhd or a DICOM folder",
    )
    parser.add_argument(
        "--series",
        metavar="SERIES",
        help="which DICOM series of --ct: number, UID or part of its description",
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="which synthetic abdomen, 0 or more (default: 0); not with --ct"
    )
    add_model_argument(parser)
    add_processor_arguments(parser)
    add_fast_argument(parser)


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Make the results and name the files to look at. Raises LiverCNNError for what a user can mend."""
    from .demo import DemoRequest, run_demo

    request = DemoRequest(
        folder=args.out,
        ct=args.ct,
        series=args.series,
        seed=args.seed,
        model=args.model,
        device=args.device,
        threads=args.threads,
        fast=args.fast,
    )
    for line in run_demo(request, progress).summary():
        print(line)
    return 0
