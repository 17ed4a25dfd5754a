"""Measuring many pairs: what was measured before is recalled, the rest is done side by side."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

from LiverCoreLib.extras import require_extra
from LiverCoreLib.output import check_output

from ..arguments import InvalidArgument
from .cohort_csv import write_cohort_csv
from .journal import Journal, journal_path
from .pair import Pair
from .task import Outcome, Settings, Task, task_of

Progress = Optional[Callable[[float, str], None]]


@dataclass(frozen=True)
class Summary:
    """What became of the pairs.

    Attributes:
        out: The table of the cohort.
        journal: What lets the next run go on.
        measured, recalled: Numbers of pairs that were measured now and in an earlier run.
        failed: The pairs that could not be measured, each with its outcome, in the order given.
    """

    out: Path
    journal: Path
    measured: int
    recalled: int
    failed: tuple[tuple[Pair, Outcome], ...]


def compare_many(
    pairs: Sequence[Pair],
    out: str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    progress: Progress = None,
) -> Summary:
    """Compare many pairs of masks and write the table of their cohort.

    Each result goes to a journal beside the table as soon as it is there. Pairs that the journal holds, of
    the same content and settings, are not measured again; those that failed are. A pair that cannot be
    measured becomes a row with its error, and so does one whose process dies; the others go on.

    Args:
        pairs: As from ``read_pairs`` or ``find_pairs``.
        out: The table, a .csv file; replaced whole at the end, and also when the run is stopped.
        settings: How to compare.
        jobs: Processes on this machine; as many as there are cores if None.
        dask: Address of a Dask scheduler, such as "tcp://host:8786", to whose workers the pairs go instead.
            They must see the files under the same paths and have this package.
        progress: Called with a fraction and a message after each pair.

    Raises:
        InvalidArgument: If there are no pairs, fewer than one job, or both ``jobs`` and ``dask``.
        MissingPackage: If joblib, or Dask, is not installed.
        ClusterError: If the cluster cannot be reached, lacks this package, or goes away.
        OutputError: If table or journal cannot be written.
    """
    _check(pairs, jobs, dask)
    out = Path(out)
    check_output(out, (".csv",))
    tasks = [task_of(number, pair, settings or Settings()) for number, pair in enumerate(pairs)]
    report = progress or (lambda fraction, message: None)
    outcomes: dict[int, Outcome] = {}
    with Journal(journal_path(out)) as journal:
        try:
            recalled = _recall(tasks, journal, outcomes, report)
            waiting = [task for task in tasks if task.number not in outcomes]
            with contextlib.closing(_measured(waiting, jobs, dask)) as results:
                for outcome in results:
                    task = tasks[outcome.number]
                    journal.add(task, outcome)
                    outcomes[task.number] = outcome
                    report(len(outcomes) / len(tasks), f"{len(outcomes)} of {len(tasks)}: {task.pair.test}")
        finally:
            # Also when the run was stopped: what is finished is worth having.
            if outcomes:
                finished = [task for task in tasks if task.number in outcomes]
                write_cohort_csv(out, [(task, outcomes[task.number]) for task in finished])
    failed = tuple((task.pair, outcomes[task.number]) for task in tasks if outcomes[task.number].error)
    return Summary(out, journal.path, len(tasks) - recalled - len(failed), recalled, failed)


def _check(pairs: Sequence[Pair], jobs: int | None, dask: str | None) -> None:
    if not pairs:
        raise InvalidArgument("There are no pairs to compare.")
    if jobs is not None and jobs < 1:
        raise InvalidArgument(f"At least one process has to do the work; found {jobs} for --jobs.")
    if jobs is not None and dask is not None:
        raise InvalidArgument("--jobs is for this machine and --dask for a cluster; give one of them.")
    if dask is None:
        require_extra("Comparing many pairs", "parallel", ["joblib"])
    else:
        require_extra("Comparing on a cluster", "cluster", ["joblib", "dask", "distributed"])


def _recall(
    tasks: Sequence[Task],
    journal: Journal,
    outcomes: dict[int, Outcome],
    report: Callable[[float, str], None],
) -> int:
    """Take over what the journal holds; gives how many that were."""
    report(0.0, "looking for what was measured before")
    for task in tasks:
        outcome = journal.recall(task)
        if outcome is not None:
            outcomes[task.number] = outcome
            report(len(outcomes) / len(tasks), f"{len(outcomes)} of {len(tasks)}: {task.pair.test}")
    return len(outcomes)


def _measured(tasks: Sequence[Task], jobs: int | None, dask: str | None) -> Generator[Outcome, None, None]:
    """Outcomes as they come; closing the generator ends the work."""
    if tasks and dask is not None:
        from .cluster import measured_on_cluster

        yield from measured_on_cluster(tasks, dask)
    elif tasks:
        from .parallel import measured_here

        yield from measured_here(tasks, jobs)
