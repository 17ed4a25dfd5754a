"""What ``livercnn phantom`` and ``livercnn simulate`` have in common: which protocols, and the picture."""

from __future__ import annotations

import argparse
from typing import Callable

from .protocol.names import PROTOCOLS

PHASES = ("portal", "unenhanced")


def add_protocols_arguments(parser: argparse.ArgumentParser, which: str) -> None:
    """Add --protocols and --ir-strength. which: help of the first, with {protocols}."""
    parser.add_argument(
        "--protocols",
        nargs="+",
        choices=PROTOCOLS,
        metavar="PROTOCOL",
        help=which.format(protocols=", ".join(PROTOCOLS)),
    )
    parser.add_argument(
        "--ir-strength",
        type=whole_number(1, 5),
        default=3,
        metavar="N",
        help="strength of the iterative reconstruction, 1 to 5 (default: 3)",
    )


def require_picture(command: str) -> None:
    """Refuse, before minutes of work, a picture that cannot be drawn. Raises MissingPackage."""
    from LiverCoreLib.extras import require_extra

    without = ", or leave the picture out with --no-picture"
    require_extra(f"The picture of `livercnn {command}`", "demo", ["matplotlib"], without)


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A type for argparse: a whole number in a range, or one sentence."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = lowest - 1
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {lowest} to {highest}, not {text!r}"
            )
        return value

    return read
