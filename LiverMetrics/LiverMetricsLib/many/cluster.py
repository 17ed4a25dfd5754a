"""Pairs measured by a Dask cluster, through joblib's Dask backend.

Dask measures a pair again when its worker dies, and gives it up when it has taken several workers with it
(the scheduler's ``allowed-failures``, 3 unless set otherwise). joblib's backend does not pass on that Dask
gave up, or that the scheduler is gone, and would wait for ever; the one here does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Callable

from distributed import Client
from joblib._dask import DaskDistributedBackend

from ..definitions import DEFINITIONS_VERSION
from .many_error import ClusterError, WorkerDied
from .parallel import Outcomes, measured_by, task_of_call
from .task import Outcome, failure

_CONNECT_S = 10

# In joblib 1.5, the last for Python 3.9, the Dask backend still has the method's old name.
_SUBMIT = vars(DaskDistributedBackend).get("apply_async") or DaskDistributedBackend.submit


def measured_on_cluster(tasks: Sequence[Any], address: str) -> Outcomes:
    """Measure on the workers of a Dask scheduler; outcomes come as they are ready.

    Raises:
        ClusterError: If it cannot be reached, its workers cannot do the work, or it goes away.
    """
    with _connected(address) as client:
        check_workers(client, address)
        yield from measured_by(PatientDaskBackend(client, address), tasks, in_flight="all")


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """A client of the scheduler that is nobody's default and reports through our errors alone."""
    with _quiet_distributed(), _client(address) as client:
        yield client


@contextmanager
def _quiet_distributed() -> Iterator[None]:
    """distributed logs pages of tracebacks about a lost connection, which is one sentence of ours."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before):
            logger.setLevel(level)


@contextmanager
def _client(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:  # a time-out is an OSError; a wrong address a ValueError
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({error}); give the address that it prints when it "
            "starts, such as tcp://host:8786.",
            id="no-cluster",
            address=address,
        ) from error
    try:
        yield client
    finally:
        client.close()


def check_workers(client: Client, address: str) -> None:
    """Make sure that every worker measures by the definitions of this package.

    Raises:
        ClusterError: If a worker lacks the package or has other definitions.
    """
    try:
        versions = client.run(_definitions_version)
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"The workers of {address} lack the Python package {error.name!r}; install slicer-livercnn "
            "there, too.",
            id="unfit-workers",
        ) from error
    for worker, version in versions.items():
        if version != DEFINITIONS_VERSION:
            raise ClusterError(
                f"The worker {worker} measures by definitions {version}, this machine by "
                f"{DEFINITIONS_VERSION}; install one version of slicer-livercnn everywhere.",
                id="unfit-workers",
            )


def _definitions_version() -> str:
    return DEFINITIONS_VERSION


class PatientDaskBackend(DaskDistributedBackend):
    """joblib's Dask backend, which here also tells of tasks that Dask gave up."""

    def __init__(self, client: Client, address: str) -> None:
        # pure=False: the same pair may be measured twice, of files that changed in between.
        super().__init__(client=client, pure=False)
        self._address = address

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """At least 2: with 1, joblib would leave the cluster alone and do the work here."""
        return max(2, super().effective_n_jobs(n_jobs))

    def submit(self, func: Any, callback: Callable[[Any], None] | None = None) -> Future[Any]:
        """Submit a batch of one task; joblib's name and signature."""
        future: Future[Any] = _SUBMIT(self, func, callback)

        def done(finished: Future[Any]) -> None:
            error = finished.exception()
            if error is not None and callback is not None:
                callback([_given_up(func.items[0], error)])

        future.add_done_callback(done)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """The results of a batch.

        Raises:
            ClusterError: If Dask has cancelled the task, as it does when the scheduler is gone.
        """
        if isinstance(out, BaseException):
            reason = str(out).partition(" for reason: ")[2].partition(".")[0] or type(out).__name__
            raise ClusterError(
                f"The Dask scheduler at {self._address} went away ({reason}); what is finished is kept: "
                "start it and run the same command again.",
                id="cluster-lost",
            )
        return super().retrieve_result_callback(out)


def _given_up(call: tuple[Any, ...], error: BaseException) -> Outcome:
    logging.getLogger(__name__).debug("Dask gave a pair up: %s", error)
    died = WorkerDied(
        "Several workers of the cluster died while they measured this pair, most often because memory ran "
        "out; the others went on. Run the same command again on workers with more memory."
    )
    return failure(task_of_call(call), died)
