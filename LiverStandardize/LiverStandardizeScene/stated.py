"""What a user says of a volume: kept with the volume, where panel and batch find it."""

from __future__ import annotations

from typing import Any

STATED, LEFT_OUT = "LiverCNN.StatedProtocol", "LiverCNN.LeftOut"
"""Attributes of volume nodes."""


def stated_protocol(volume: Any) -> str:
    """One of PROTOCOLS; empty where none was stated."""
    return volume.GetAttribute(STATED) or ""


def state_protocol(volume: Any, protocol: str) -> None:
    """State one of PROTOCOLS; empty goes by what is detected."""
    if protocol != stated_protocol(volume):
        volume.SetAttribute(STATED, protocol or None)


def is_left_out(volume: Any) -> bool:
    """Whether the batch is to leave a volume out."""
    return volume.GetAttribute(LEFT_OUT) is not None


def leave_out(volume: Any, wanted: bool) -> None:
    """Have the batch leave a volume out, or not."""
    if wanted != is_left_out(volume):
        volume.SetAttribute(LEFT_OUT, "1" if wanted else None)
