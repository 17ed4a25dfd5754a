"""``livercnn compare``."""

from __future__ import annotations

import argparse
from typing import Any, Callable

SUMMARY = "measure how masks agree: two files, or many pairs"

Progress = Callable[[float, str], None]

_USAGE = """%(prog)s [OPTIONS] REFERENCE TEST
       %(prog)s [OPTIONS] --pairs TABLE.csv --out COHORT.csv
       %(prog)s [OPTIONS] --references PATTERN --tests PATTERN --out COHORT.csv"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from .command_many import add_many_arguments

    parser.usage = _USAGE
    reference = parser.add_argument(
        "reference", metavar="REFERENCE", help="mask: .seg.nrrd, .nrrd, .nii(.gz), .mha, .mhd"
    )
    test = parser.add_argument("test", metavar="TEST", help="mask to be measured against it")
    parser.add_argument(
        "--label",
        type=int,
        action="append",
        metavar="N",
        help="label value to compare (default: 1, or the only segment); may be given several times",
    )
    parser.add_argument(
        "--test-label", type=int, metavar="N", help="label value in TEST where it differs from --label"
    )
    parser.add_argument(
        "--segment",
        action="append",
        metavar="NAME",
        help="segment to compare, by name, in .seg.nrrd files; may be given several times",
    )
    parser.add_argument("--tolerance", type=float, metavar="MM", help="also give the surface Dice at MM")
    parser.add_argument(
        "--geometry",
        choices=["strict", "resample"],
        default="strict",
        help="masks on different grids: refuse (strict, default) or put REFERENCE on TEST's (resample)",
    )
    parser.add_argument(
        "--family",
        choices=["voxel", "surfel", "mesh"],
        default="voxel",
        help="how surfaces are defined: voxel centres (default), area-weighted surfels, or meshes",
    )
    parser.add_argument(
        "--json", metavar="PATH", help="also write everything, with definitions and versions, to a file"
    )
    add_many_arguments(parser, instead_of=(reference, test))


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Compare two files and print the measures, or many pairs. Raises LiverCNNError for what a user mends."""
    from .command_many import asks_for_many, check_mixture, run_many

    check_mixture(args)
    return run_many(args, progress) if asks_for_many(args) else _run_one(args, progress)


def _run_one(args: argparse.Namespace, progress: Progress | None) -> int:
    from LiverCoreLib.output import check_output

    from .arguments import InvalidArgument
    from .files import compare_files
    from .report_text import text_lines

    if args.test_label is not None and len(args.label or args.segment or [1]) > 1:
        raise InvalidArgument("--test-label goes with one label or segment; compare the others one by one.")
    if args.json:
        check_output(args.json)
    results = compare_files(
        args.reference,
        args.test,
        labels=args.label or (),
        segments=args.segment or (),
        test_label=args.test_label,
        tolerance_mm=args.tolerance,
        geometry=args.geometry,
        family=args.family,
        progress=progress,
    )
    print(f"Reference: {args.reference}")
    print(f"Test:      {args.test}")
    for name, result in results.items():
        print("\n".join(["", *text_lines(name, result)]))
    if args.json:
        _write_json(args, {name: result.to_dict() for name, result in results.items()})
        print(f"\nWrote {args.json}.")
    return 0


def _write_json(args: argparse.Namespace, comparisons: dict[str, Any]) -> None:
    import json

    from LiverCoreLib.output import atomic_path

    from .provenance import provenance_of

    document = {"schema_version": 1, "comparisons": comparisons, **provenance_of(args.reference, args.test)}
    with atomic_path(args.json) as temporary:
        # allow_nan: to_dict has turned what is not finite into words; anything left would be our fault.
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
