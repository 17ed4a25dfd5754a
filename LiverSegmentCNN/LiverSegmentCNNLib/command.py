"""``livercnn segment``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .options import SegmentOptions

SUMMARY = "segment the liver in a CT"

Progress = Callable[[float, str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from LiverCoreLib.shared_arguments import add_series_argument

    parser.add_argument(
        "input", metavar="INPUT", help="CT: .nii(.gz), .nrrd, .mha, .mhd, a DICOM folder or a file in one"
    )
    parser.add_argument("output", metavar="OUTPUT", help="mask: .seg.nrrd, .nrrd, .nii.gz, .nii or .mha")
    add_option_arguments(parser)
    parser.add_argument("--probability", metavar="PATH", help="also write the probability as an image")
    parser.add_argument(
        "--report", metavar="PATH.json", help="also write results, warnings, timings and provenance"
    )
    add_series_argument(parser)


def add_option_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how to segment; ``options_of`` reads them."""
    from LiverCoreLib.shared_arguments import add_fast_argument, add_model_argument, add_processor_arguments

    add_model_argument(parser)
    add_processor_arguments(parser)
    add_fast_argument(parser)
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="T",
        help="probability above which a voxel is liver (default: the model's)",
    )
    parser.add_argument(
        "--no-postprocess",
        dest="postprocess",
        action="store_false",
        help="keep every voxel above the threshold, not only the largest connected liver",
    )


def options_of(args: argparse.Namespace) -> SegmentOptions:
    """How to segment, from the arguments."""
    from .options import SegmentOptions

    return SegmentOptions(
        model=args.model,
        device=args.device,
        threads=args.threads,
        fast=args.fast,
        threshold=args.threshold,
        postprocess=args.postprocess,
    )


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Segment and say what came out. Raises LiverCNNError for what a user can mend."""
    from dataclasses import asdict

    from .job import SegmentRequest, segment_file

    request = SegmentRequest(
        input=args.input,
        output=args.output,
        **asdict(options_of(args)),
        probability=args.probability,
        report=args.report,
        series=args.series,
    )
    for line in summary(segment_file(request, progress)):
        print(line)
    return 0


def summary(report: dict[str, Any]) -> list[str]:
    """A report as lines for people: volume, what was removed, time, warnings, where the mask is."""
    from LiverCoreLib.report_lines import run_lines

    lines = [f"Liver volume: {report['volume_ml']:.1f} mL"]
    components = report["components"]
    if components is not None and components["removed"]:
        volumes = ", ".join(f"{part['volume_ml']:.1f}" for part in components["removed"][:5])
        more = len(components["removed"]) - 5
        lines.append(f"Removed: {volumes} mL" + (f" and {more} smaller parts" if more > 0 else ""))
    lines += run_lines(report)
    lines.append(f"Wrote {report['output']['mask']}.")
    return lines
