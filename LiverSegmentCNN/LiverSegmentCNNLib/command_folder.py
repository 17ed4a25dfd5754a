"""``livercnn segment-folder``."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Callable

from LiverCoreLib.errors import LiverCNNError

from .command import add_option_arguments, options_of

if TYPE_CHECKING:
    from .batch import CaseOutcome
    from .batch_folder import FolderBatch

SUMMARY = "segment the liver in every CT of a folder"

Progress = Callable[[float, str], None]

# Failures beyond these are in the table only.
_FAILURES_SHOWN = 20


class NothingSegmented(LiverCNNError):
    """None of the scans could be segmented."""

    id = "nothing-segmented"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        help="scans, in subfolders too: .nii(.gz), .nrrd, .mha, .mhd files and DICOM series",
    )
    parser.add_argument(
        "output_folder",
        metavar="OUTPUT",
        help="existing folder for NAME.seg.nrrd and NAME.json of each scan, and livercnn-batch.csv",
    )
    parser.add_argument(
        "--redo", action="store_true", help="segment again what has a mask in OUTPUT (default: skip it)"
    )
    add_option_arguments(parser)


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Segment the scans one after the other in worker processes, and say what became of them.

    Raises LiverCNNError for what a user can mend, also where no scan could be segmented.
    """
    from pathlib import Path

    from LiverCoreLib.case_queue import CANCELLED, DONE, FAILED, NOT_RUN, SKIPPED
    from LiverCoreLib.errors import Cancelled
    from LiverCoreLib.job_queue import JobQueue
    from LiverCoreLib.jobs import JobRunner

    from .batch import NO_LIVER
    from .batch_folder import FolderBatch

    queue = JobQueue(JobRunner())
    batch = FolderBatch(
        Path(args.folder), Path(args.output_folder), options_of(args), queue, redo=args.redo
    )
    outcomes = batch.wait(progress)
    counts = Counter(outcome.status for outcome in outcomes)
    _print_failures([outcome for outcome in outcomes if outcome.status == FAILED], batch)
    print(
        f"{len(outcomes)} scans: {counts[DONE]} segmented, {counts[NO_LIVER]} without a liver, "
        f"{counts[SKIPPED]} skipped, {counts[FAILED]} failed."
    )
    print(batch.table_problem or f"Wrote {batch.table}.")
    if counts[CANCELLED] or counts[NOT_RUN]:
        raise Cancelled("Stopped; finished scans are kept, and the same command goes on from there.")
    if counts[FAILED] == len(outcomes):
        raise NothingSegmented(f"None of the scans could be segmented; {batch.table} says why for each.")
    return 0


def _print_failures(failed: list[CaseOutcome], batch: FolderBatch) -> None:
    for outcome in failed[:_FAILURES_SHOWN]:
        print(f"Failed: {outcome.case}: {outcome.error} [{outcome.error_id}]")
    rest = len(failed) - _FAILURES_SHOWN
    if rest > 0:
        print(f"... and {rest} more; {batch.table} says why for each.")
