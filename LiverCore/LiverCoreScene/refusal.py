"""A panel's reason why something cannot be started, as an error for scripts."""

from __future__ import annotations

from LiverCoreLib.errors import LiverCNNError


class NotReady(LiverCNNError):
    """Something that cannot be started. Id: ``not-ready``."""

    id = "not-ready"


def require(reason: str) -> None:
    """Raise NotReady if there is a reason why not."""
    if reason:
        raise NotReady(reason)
