"""The one queue of background work in this Slicer: two networks at once would halve each other's speed."""

from __future__ import annotations

from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner

QUEUE = JobQueue(JobRunner())
