"""Arguments that several commands have, in the same words."""

from __future__ import annotations

import argparse


def add_series_argument(parser: argparse.ArgumentParser) -> None:
    """Add --series: which one of a DICOM folder is read."""
    parser.add_argument(
        "--series", metavar="SERIES", help="which DICOM series: number, UID or part of its description"
    )


def add_model_argument(parser: argparse.ArgumentParser) -> None:
    """Add --model: the network that is run."""
    parser.add_argument("--model", metavar="ID|PATH", help="installed model, or folder or zip of one")


def add_processor_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --device and --threads: where the network runs."""
    parser.add_argument(
        "--device", default="auto", metavar="DEVICE", help="auto (default), cpu, cuda or cuda:N"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads to use (default: all)")


def add_fast_argument(parser: argparse.ArgumentParser) -> None:
    """Add --fast: of the networks that segment."""
    parser.add_argument(
        "--fast", action="store_true", help="faster, a little less accurate; models that cannot say so"
    )
