"""The errors of measuring many pairs."""

from __future__ import annotations

from LiverCoreLib.errors import LiverCNNError


class PairsError(LiverCNNError):
    """A table or a pattern does not say which masks belong together; the sentence says where."""

    id = "bad-pairs"


class NothingMeasured(LiverCNNError):
    """Every pair failed; the table says why for each."""

    id = "nothing-measured"


class FileChanged(LiverCNNError):
    """A file was written to while it was measured."""

    id = "file-changed"


class NotEnoughMemory(LiverCNNError):
    """A pair needs more memory than there is."""

    id = "not-enough-memory"


class WorkerDied(LiverCNNError):
    """The process that measured a pair ended before it was done."""

    id = "worker-died"


class PairFault(LiverCNNError):
    """Something that must not happen happened to a pair."""

    id = "pair-fault"


class ClusterError(LiverCNNError):
    """The Dask cluster cannot do the work: ``no-cluster``, ``unfit-workers`` or ``cluster-lost``."""
