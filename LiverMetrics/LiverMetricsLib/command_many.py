"""The part of ``livercnn compare`` that measures many pairs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .many.pair import PairList
    from .many.run import Summary

Progress = Callable[[float, str], None]

_PATTERNS = (("--references", "ref/{case}.nii.gz"), ("--tests", "out/{method}/{case}.seg.nrrd"))

# Failures beyond these are in the table only.
_FAILURES_SHOWN = 20


class _ManyInstead(argparse.Action):
    """An option with which the two positional arguments are no longer required."""

    def __init__(self, *args: Any, instead_of: Sequence[argparse.Action], **options: Any) -> None:
        super().__init__(*args, **options)
        self._instead_of = instead_of

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, values)
        # argparse looks at this after the last argument. Optional positionals (nargs="?") would not do: it
        # gives up on the second where an option stands between the two.
        for positional in self._instead_of:
            positional.required = False


def add_many_arguments(parser: argparse.ArgumentParser, instead_of: Sequence[argparse.Action]) -> None:
    """Add the options for many pairs, which take the place of the positional arguments given."""
    parser.set_defaults(refuse=parser.error)
    many = parser.add_argument_group(
        "many pairs",
        "Results are kept in a journal beside COHORT.csv: the same command goes on where it was stopped, and "
        "measures again only what has changed or failed.",
    )
    many.add_argument(
        "--pairs",
        metavar="TABLE.csv",
        action=_ManyInstead,
        instead_of=instead_of,
        help="table with the columns reference and test (paths relative to the table) and, where wanted, "
        "case, observer, method, protocol, stage, label, segment, time_s, score, regions",
    )
    for option, example in _PATTERNS:
        many.add_argument(
            option,
            metavar="PATTERN",
            action=_ManyInstead,
            instead_of=instead_of,
            help=f"pattern such as '{example}'; {{case}}, {{observer}}, {{method}}, {{protocol}}, {{stage}} "
            "and {segment} become columns, and pairs are files in which the shared ones agree",
        )
    many.add_argument(
        "--out", metavar="COHORT.csv", help="table to write, one row a pair, for `livercnn cohort`"
    )
    many.add_argument(
        "--jobs", type=int, metavar="N", help="processes to measure with (default: as many as cores)"
    )
    many.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="measure on the cluster of this Dask scheduler, e.g. tcp://host:8786",
    )


def asks_for_many(args: argparse.Namespace) -> bool:
    """Whether pairs come from a table or patterns."""
    return any(value is not None for value in (args.pairs, args.references, args.tests))


def check_mixture(args: argparse.Namespace) -> None:
    """Refuse options that do not go together, as argparse refuses others."""
    if not asks_for_many(args):
        for name in ("out", "jobs", "dask"):
            if getattr(args, name) is not None:
                args.refuse(f"--{name} goes with many pairs: --pairs, or --references and --tests")
        return
    if args.reference is not None:
        args.refuse(
            f"give two masks or many pairs (--pairs, --references, --tests), not both; found {args.reference}"
        )
    if args.pairs is not None and (args.references is not None or args.tests is not None):
        args.refuse("--pairs does not go with --references and --tests")
    if args.pairs is None and (args.references is None or args.tests is None):
        args.refuse("--references and --tests go together")
    if args.out is None:
        args.refuse("many pairs need --out COHORT.csv")
    if args.json:
        args.refuse("--json is for two masks; many pairs are written to --out")
    if args.jobs is not None and args.dask is not None:
        args.refuse("--jobs is for this machine and --dask for a cluster")
    for name in ("label", "segment"):
        if len(getattr(args, name) or ()) > 1:
            args.refuse(f"many pairs take one --{name}; for several, give each a row with its {name}")


def run_many(args: argparse.Namespace, progress: Progress | None) -> int:
    """Measure many pairs, write their table and say what became of them.

    Raises LiverCNNError for what a user can mend, also where no pair could be measured.
    """
    from LiverCoreLib.errors import Cancelled

    from .many.many_error import NothingMeasured
    from .many.run import compare_many
    from .many.task import Settings

    settings = Settings(
        label=args.label[0] if args.label else None,
        test_label=args.test_label,
        segment=args.segment[0] if args.segment else "",
        tolerance_mm=args.tolerance,
        geometry=args.geometry,
        family=args.family,
    )
    found = _find(args)
    for note in found.notes:
        print(f"Note: {note}")
    try:
        summary = compare_many(
            found.pairs, args.out, settings=settings, jobs=args.jobs, dask=args.dask, progress=progress
        )
    except (KeyboardInterrupt, Cancelled):
        print("Stopped; finished pairs are kept, and the same command goes on from there.")
        raise
    _print_summary(summary)
    if summary.measured + summary.recalled == 0:
        raise NothingMeasured(f"None of the pairs could be measured; {args.out} says why for each.")
    return 0


def _find(args: argparse.Namespace) -> PairList:
    from .many.many_error import PairsError

    if args.pairs is not None:
        from .many.pairs_table import read_pairs

        if os.path.realpath(args.pairs) == os.path.realpath(args.out):
            raise PairsError(
                f"{args.out} would replace the table of pairs; choose another name.", id="same-file"
            )
        return read_pairs(args.pairs)
    from .many.patterns import find_pairs

    return find_pairs(args.references, args.tests)


def _print_summary(summary: Summary) -> None:
    for pair, outcome in summary.failed[:_FAILURES_SHOWN]:
        print(f"Failed: {pair.name}: {outcome.error} [{outcome.error_id}]")
    rest = len(summary.failed) - _FAILURES_SHOWN
    if rest > 0:
        print(f"... and {rest} more; {summary.out} says why for each.")
    total = summary.measured + summary.recalled + len(summary.failed)
    print(
        f"{total} pairs: {summary.measured} measured, {summary.recalled} taken over from an earlier run, "
        f"{len(summary.failed)} failed. Wrote {summary.out}."
    )
