"""Pairs measured side by side through joblib: on this machine, or wherever its backend puts them."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Sequence
from typing import Any

from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.parallel import ParallelBackendBase

from .many_error import WorkerDied
from .processes import SeparateProcesses
from .task import Outcome, Task, failure, measure

Outcomes = Generator[Outcome, None, None]


def measured_here(tasks: Sequence[Task], jobs: int | None) -> Outcomes:
    """Measure in processes of this machine; outcomes come as they are ready.

    Args:
        jobs: How many processes; as many as there are cores if None.
    """
    workers = min(jobs or cpu_count(), len(tasks))
    return measured_by(SeparateProcesses(workers, _died_here), tasks, in_flight=workers)


def measured_by(backend: ParallelBackendBase, tasks: Sequence[Task], in_flight: int | str) -> Outcomes:
    """Measure by a joblib backend. Closing the generator stops the work.

    Args:
        in_flight: How many tasks the backend is given at a time, or "all".
    """
    with parallel_config(backend=backend):
        parallel = Parallel(batch_size=1, pre_dispatch=in_flight, return_as="generator_unordered")
        outcomes = parallel(delayed(measure)(task) for task in tasks)
    try:
        # Not `yield from`, which would close joblib's generator itself, outside of the filter.
        for outcome in outcomes:  # noqa: UP028
            yield outcome
    finally:
        with warnings.catch_warnings():
            # joblib takes it for an oversight that results are left behind; here somebody pressed Ctrl-C.
            warnings.filterwarnings("ignore", message=r".*(tasks have been|tasks which were still being)")
            outcomes.close()


def task_of_call(call: tuple[Any, ...]) -> Task:
    """The task in joblib's (function, arguments, keywords)."""
    (task,) = call[1]
    assert isinstance(task, Task)
    return task


def _died_here(call: tuple[Any, ...]) -> Outcome:
    error = WorkerDied(
        "The process that measured this pair died, most often because memory ran out; the others went on. "
        "Run the same command again with fewer --jobs."
    )
    return failure(task_of_call(call), error)
