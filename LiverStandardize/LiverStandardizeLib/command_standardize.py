"""``livercnn standardize``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .standardize_options import StandardizeOptions

SUMMARY = "make a CT of any of six reconstructions look like one: 80 keV"

Progress = Callable[[float, str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from LiverCoreLib.shared_arguments import add_series_argument

    parser.add_argument(
        "input", metavar="CT", help="CT: .nii(.gz), .nrrd, .mha, .mhd, a DICOM folder or a file in one"
    )
    parser.add_argument(
        "output", metavar="OUT", help="standardized CT, int16 in HU: .nrrd, .nii.gz, .nii or .mha"
    )
    add_option_arguments(parser)
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="PATH",
        help="also write a report: .json (results, warnings, timings, provenance), .html (with HU, noise and "
        "sharpness before and after, and a figure) or .png (the figure); may be given several times",
    )
    parser.add_argument(
        "--mask", metavar="FILE", help="liver mask on the CT's voxels, to measure the liver for the report"
    )
    parser.add_argument(
        "--target",
        metavar="FILE",
        help="the same scan as the target protocol shows it, to compare with in the report",
    )
    add_series_argument(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")


def add_option_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how to standardize; ``options_of`` reads them."""
    from LiverCoreLib.shared_arguments import add_model_argument, add_processor_arguments

    add_model_argument(parser)
    parser.add_argument(
        "--protocol",
        default="auto",
        metavar="PROTOCOL",
        help="auto (default: by the headers), or what you know: FBP, IR, IR1 to IR5, OPT, M40, M60, M80",
    )
    add_processor_arguments(parser)
    parser.add_argument(
        "--force",
        action="store_true",
        help="standardize what is of the target protocol already, or what its headers call a derived map",
    )


def options_of(args: argparse.Namespace) -> StandardizeOptions:
    """How to standardize, from the arguments."""
    from .standardize_options import StandardizeOptions

    return StandardizeOptions(
        model=args.model,
        protocol=args.protocol,
        device=args.device,
        threads=args.threads,
        force=args.force,
    )


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Standardize and say what was done. Raises LiverCNNError for what a user can mend."""
    from dataclasses import asdict

    from .standardize_job import StandardizeRequest, standardize_file

    request = StandardizeRequest(
        input=args.input,
        output=args.output,
        **asdict(options_of(args)),
        reports=tuple(args.report),
        mask=args.mask,
        target=args.target,
        series=args.series,
        overwrite=args.overwrite,
    )
    for line in summary(standardize_file(request, progress)):
        print(line)
    return 0


def summary(report: dict[str, Any]) -> list[str]:
    """A report as lines for people: protocol, range, time, warnings, where the image is."""
    from LiverCoreLib.report_lines import run_lines

    detection, target = report["detection"], report["target_protocol"]
    done = "passed through" if report["passed_through"] else f"standardized to {target}"
    lines = [f"Protocol: {detection['name']} ({detection['confidence_meaning']}), {done}"]
    lines.append(f"Outside the model's HU: {report['outside_range_percent']:.1f} % of the tissue")
    lines += run_lines(report)
    lines.append(f"Wrote {report['output']['image']}.")
    return lines
