"""The errors of background jobs, made from what a worker reports or from the way in which it died."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.worker_process import Ended
from LiverCoreLib.worker_protocol import PROTOCOL


class JobError(LiverCNNError):
    """The task ended with an error; id, message and details are the worker's own."""

    id = "job-failed"


class JobFault(JobError):
    """The worker died, or failed in a way that is our fault."""

    id = "worker-crashed"
    exit_code = 1


def reported_error(final: Mapping[str, Any]) -> LiverCNNError:
    """Return the error in a worker's ``error`` message; exit code 1 is our fault."""
    error_class = JobFault if final["exit_code"] == 1 else JobError
    error = error_class(str(final["message"]), id=str(final["id"]))
    error.details.update(final["details"])
    return error


def wrong_protocol(found: int) -> JobFault:
    """Return the error for a worker of another protocol version."""
    return JobFault(
        f"The worker speaks protocol {found} and this program {PROTOCOL}: two versions are mixed; "
        "install LiverCNN anew.",
        id="wrong-protocol",
        found=found,
        expected=PROTOCOL,
    )


def crash(ended: Ended) -> JobFault:
    """Return the error for a worker that ended without a last message."""
    code = ended.returncode
    if code == -getattr(signal, "SIGKILL", 9):
        reason = (
            "was killed from outside, as happens when memory runs out; close other programs and try again"
        )
    elif code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        reason = f"crashed ({name}); try again, and report it if it happens again"
    else:
        reason = f"ended without a result (exit code {code}); try again, and report it if it happens again"
    return JobFault(f"The background process {reason}.", returncode=code, stderr="\n".join(ended.stderr))
