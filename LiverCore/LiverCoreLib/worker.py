"""The worker process: ``python -m LiverCoreLib.worker JOB.json``. Its protocol is in ``worker_protocol``.

A task runs in the main thread and may spend seconds inside one native call, in which no Python code of that
thread can run. What has to happen meanwhile (seeing a cancellation, the death of the parent, ending the
process) happens in the threads of :class:`~LiverCoreLib.worker_watch.Watch`.
"""

from __future__ import annotations

import faulthandler
import importlib
import io
import json
import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from LiverCoreLib import scratch
from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.worker_protocol import JOB_FILE, JOB_FOLDER_PREFIX, PROTOCOL, Channel
from LiverCoreLib.worker_watch import Watch, remove_temporary_files

# A job names a task by a word of this table. Signature: run(arguments, temporary_folder, progress) -> dict.
TASKS = {
    "segment": ("LiverSegmentCNNLib.job", "run"),
    "cohort": ("LiverMetricsLib.cohort_job", "run"),
    "compare": ("LiverMetricsLib.compare_job", "compare_masks"),
    "agreement": ("LiverMetricsLib.compare_job", "map_agreement"),
    "device-test": ("LiverSegmentCNNLib.device_test", "run"),
    "standardize": ("LiverStandardizeLib.standardize_job", "run"),
    "synthetic-abdomen": ("LiverStandardizeLib.simulation.job", "run"),
    "model": ("LiverCoreLib.model_job", "run"),
    "install-packages": ("LiverCoreLib.package_install", "run"),
    "wheel-folder": ("LiverCoreLib.wheel_folder", "run"),
    "download": ("LiverCoreLib.download", "run"),
}

# More tasks for tests, as "name=module:function,...". Whoever sets a process's environment may run code in it
# anyway (PYTHONPATH); a job file, which can come from elsewhere, can never name code.
TEST_TASKS_VARIABLE = "LIVERCNN_TEST_TASKS"

_PROGRESS_PERIOD_S = 0.05

Task = Callable[[dict, Path, Callable[[float, str], None]], dict]


class JobFileError(LiverCNNError):
    """The job file does not describe a job. Ids: ``bad-job``, ``unknown-task``."""

    id = "bad-job"


def main(arguments: Sequence[str]) -> int:
    """Run the job and return the process's exit code."""
    channel = Channel(_take_over_stdout())
    faulthandler.enable()  # a crash in native code leaves its place on stderr, which the parent keeps
    try:
        if len(arguments) != 1:
            raise JobFileError("The worker takes one argument, the path of a job file.")
        job_file = Path(arguments[0]).resolve()
        job = read_job(job_file)
    except JobFileError as error:
        channel.send("error", **describe_error(error))
        return error.exit_code
    return _run_job(job, job_file.parent, channel)


def read_job(path: Path) -> dict[str, Any]:
    """Return the job in a job file, which must lie in a folder of its own.

    Raises:
        JobFileError: Where the folder is not one made for a job (it is going to be removed), or the file
            cannot be read or does not follow the protocol.
    """
    if path.name != JOB_FILE or not path.parent.name.startswith(JOB_FOLDER_PREFIX):
        raise JobFileError(
            f"A job file is called {JOB_FILE} and lies in a folder {JOB_FOLDER_PREFIX}*; found {path}."
        )
    try:
        job = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JobFileError(f"The job file {path} cannot be read ({error}).") from error
    if not isinstance(job, dict) or job.get("protocol") != PROTOCOL:
        found = job.get("protocol") if isinstance(job, dict) else None
        raise JobFileError(f"The job file {path} has protocol {found}; this worker understands {PROTOCOL}.")
    if set(job) != {"protocol", "task", "arguments"} or not isinstance(job["arguments"], dict):
        raise JobFileError(f"The job file {path} must hold protocol, task and arguments, and nothing else.")
    return job


def find_task(name: Any) -> Task:
    """Return the function of a task. Raises JobFileError (``unknown-task``)."""
    table = {**TASKS, **_test_tasks()}
    if name not in table:
        raise JobFileError(
            f"There is no task {name!r}; there are {', '.join(sorted(table))}.", id="unknown-task"
        )
    module_name, function_name = table[name]
    task: Task = getattr(importlib.import_module(module_name), function_name)
    return task


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return the keys of an ``error`` message for an exception."""
    if isinstance(error, KeyboardInterrupt):
        error = Cancelled()
    if isinstance(error, LiverCNNError):
        details = {name: value for name, value in error.details.items() if _is_plain(value)}
        return {"id": error.id, "message": str(error), "exit_code": error.exit_code, "details": details}
    if (
        isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    ):  # torch's is a RuntimeError
        message = "The memory does not suffice; close other programs, or choose another device."
        return {"id": "out-of-memory", "message": message, "exit_code": 2, "details": {"reason": str(error)}}
    return {
        "id": "internal-error",
        "message": f"This is a fault of LiverCNN, please report it: {type(error).__name__}: {error}",
        "exit_code": 1,
        "details": {
            "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__))
        },
    }


def _run_job(job: dict[str, Any], folder: Path, channel: Channel) -> int:
    scratch.keep_journal(folder / scratch.JOURNAL_FILE)
    _point_tempfile_to(folder)
    _send_logs(channel)
    watch = Watch(folder, channel)
    watch.start()
    fields: dict[str, Any]
    try:
        task = find_task(job["task"])
        final, fields = "result", {"result": dict(task(job["arguments"], folder, _progress(watch, channel)))}
        json.dumps(fields)  # a result that cannot be sent is a fault of the task, found before it is reported
        exit_code = 0
    except BaseException as error:  # noqa: BLE001  the process boundary: the parent must hear of everything
        final, fields = "error", describe_error(error)
        exit_code = int(fields["exit_code"])
    watch.claim_end()
    remove_temporary_files(folder)
    channel.send(final, **fields)
    return exit_code


def _progress(watch: Watch, channel: Channel) -> Callable[[float, str], None]:
    """The task's progress function: raises Cancelled when the work is to stop, thins out rapid reports."""
    last_time, last_message = -_PROGRESS_PERIOD_S, None

    def progress(fraction: float, message: str) -> None:
        nonlocal last_time, last_message
        if watch.stopping.is_set():
            raise Cancelled()
        now = time.monotonic()
        if message != last_message or now - last_time >= _PROGRESS_PERIOD_S:
            last_time, last_message = now, message
            channel.send("progress", fraction=min(max(float(fraction), 0.0), 1.0), message=str(message))

    return progress


def _take_over_stdout() -> int:
    """Return a descriptor of stdout for the protocol alone; whatever else prints goes to stderr."""
    protocol = os.dup(1)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    return protocol


def _point_tempfile_to(folder: Path) -> None:
    for variable in ("TMPDIR", "TEMP", "TMP"):
        os.environ[variable] = str(folder)
    tempfile.tempdir = str(folder)


class _ChannelHandler(logging.Handler):
    """Sends log records as ``log`` messages."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        level = level if level in ("debug", "info", "warning", "error") else "error"
        self._channel.send("log", level=level, message=f"{record.name}: {record.getMessage()}")


def _send_logs(channel: Channel) -> None:
    logging.captureWarnings(True)
    logging.basicConfig(level=logging.INFO, handlers=[_ChannelHandler(channel)])


def _test_tasks() -> dict[str, tuple[str, str]]:
    table = {}
    for entry in filter(None, os.environ.get(TEST_TASKS_VARIABLE, "").split(",")):
        name, _, place = entry.partition("=")
        module_name, _, function_name = place.partition(":")
        table[name] = (module_name, function_name)
    return table


def _is_plain(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
