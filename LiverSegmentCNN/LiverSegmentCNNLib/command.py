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
    parser.add_argument(
        "input", metavar="INPUT", help="CT: .nii(.gz), .nrrd, .mha, .mhd, a DICOM folder or a file in one"
    )
    parser.add_argument("output", metavar="OUTPUT", help="mask: .seg.nrrd, .nrrd, .nii.gz, .nii or .mha")
    add_option_arguments(parser)
    parser.add_argument("--probability", metavar="PATH", help="also write the probability as an image")
    parser.add_argument(
        "--report", metavar="PATH.json", help="also write results, warnings, timings and provenance"
    )
    parser.add_argument(
        "--series", metavar="SERIES", help="which DICOM series: number, UID or part of its description"
    )


def add_option_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how to segment; ``options_of`` reads them."""
    parser.add_argument("--model", metavar="ID|PATH", help="installed model, or folder or zip of one")
    parser.add_argument(
        "--device", default="auto", metavar="DEVICE", help="auto (default), cpu, cuda or cuda:N"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads to use (default: all)")
    parser.add_argument(
        "--fast", action="store_true", help="faster, a little less accurate; models that cannot say so"
    )
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
    lines = [f"Liver volume: {report['volume_ml']:.1f} mL"]
    components = report["components"]
    if components is not None and components["removed"]:
        volumes = ", ".join(f"{part['volume_ml']:.1f}" for part in components["removed"][:5])
        more = len(components["removed"]) - 5
        lines.append(f"Removed: {volumes} mL" + (f" and {more} smaller parts" if more > 0 else ""))
    timings = report["timings_s"]
    longest = ", ".join(
        f"{name} {seconds:.1f}" for name, seconds in timings.items() if name != "total" and seconds >= 0.05
    )
    lines.append(f"Time: {timings['total']:.1f} s ({longest})")
    lines.append(
        f"Model: {report['provenance']['model']['id']}. {report['provenance']['device']['sentence']}"
    )
    lines += [f"Warning: {warning}" for warning in report["warnings"]]
    lines.append(f"Wrote {report['output']['mask']}.")
    return lines
