"""Attributes of nodes that say what is in them: the mask in each segment of a segmentation, or a volume."""

from __future__ import annotations

import json
from typing import Any

from .fingerprints import same_voxels

ROLE, REPORT, FINGERPRINT = "LiverCNN.Role", "LiverCNN.Report", "LiverCNN.Fingerprint"
"""Names of the attributes, with ``.<segment ID>`` behind them where they are of a segment."""
RAW, POSTPROCESSED, CORRECTED = "cnn-raw", "cnn-postprocessed", "corrected"
"""Roles: as the network gave it, after post-processing, and a working copy that a person corrects."""
STANDARDIZED = "standardized"
"""Role of a volume: a CT that a network turned into another protocol; see ``standardized.py``."""


def role_of(node: Any, segment_id: str) -> str | None:
    """The role of a segment; None if it is not one of ours."""
    return node.GetAttribute(f"{ROLE}.{segment_id}")


def report_of(node: Any, segment_id: str) -> dict | None:
    """The report of the mask in a segment; None if it is not one of ours."""
    text = node.GetAttribute(f"{REPORT}.{segment_id}")
    return json.loads(text) if text else None


def edited_since(node: Any, segment_id: str, now: dict) -> bool:
    """Whether a segment of ours has other voxels than it was given; False where nobody wrote that down.

    now: its fingerprint.
    """
    text = node.GetAttribute(f"{FINGERPRINT}.{segment_id}")
    return bool(text) and not same_voxels(json.loads(text), now)
