"""``livercnn protocol``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from .protocol.detection import ProtocolDetection

SUMMARY = "say which reconstruction a CT is, and why"

Progress = Callable[[float, str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from LiverCoreLib.shared_arguments import add_series_argument

    parser.add_argument(
        "input",
        metavar="INPUT",
        help="CT: a DICOM folder or a file in one, .nii(.gz), .nrrd, .mha or .mhd, with its .json beside it",
    )
    add_series_argument(parser)
    parser.add_argument(
        "--protocol",
        default="auto",
        metavar="PROTOCOL",
        help="auto (default), or what you know it is: FBP, IR, IR1 to IR5, OPT, M40, M60, M80; "
        "what speaks against it is listed",
    )
    parser.add_argument(
        "--no-hu",
        dest="use_hu",
        action="store_false",
        help="do not read the voxels where the headers say nothing",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Detect the protocol and say what speaks for it. Raises LiverCNNError for what a user can mend."""
    from .protocol.detect import detect_protocol

    found = detect_protocol(
        args.input, series=args.series, protocol=args.protocol, use_hu=args.use_hu, progress=progress
    )
    if args.json:
        print(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
        return 0
    for line in _lines(found):
        print(line)
    return 0


def _lines(found: ProtocolDetection) -> Iterator[str]:
    """The answer, its confidence and its evidence as lines for people."""
    meaning = f" ({found.meaning})" if found.meaning else ""
    yield f"Protocol: {found.name}{meaning}"
    yield f"Confidence: {found.confidence:g} of 1: {found.confidence_meaning}"
    yield f"Read: {found.origin}"
    against = set(found.conflicts)
    agreeing = [one for one in found.evidence if one not in against]
    for one in agreeing:
        yield f"  {one}"
    if found.conflicts:
        yield "In conflict:"
        for one in found.conflicts:
            yield f"  {one}"
    if not found.evidence:
        yield "  No attribute that would tell was found."
    if found.protocol is None:
        yield "If you know it, state it with --protocol."
