"""Volumes that a standardizer made: how they are known in a scene, and of what they were made."""

from __future__ import annotations

import json
from typing import Any

from slicer.i18n import tr as _

from .roles import REPORT, ROLE, STANDARDIZED
from .volumes import VOLUME


def note_standardized(volume: Any, source: Any, report: dict) -> None:
    """Write down what a volume is, of which volume it was made, and how; the scene's file keeps it."""
    volume.SetAttribute(ROLE, STANDARDIZED)
    volume.SetAttribute(REPORT, json.dumps(report))
    volume.SetNodeReferenceID(VOLUME, source.GetID())
    volume.SetAttribute(VOLUME, source.GetName())  # a reference goes with its volume


def is_standardized(volume: Any) -> bool:
    """Whether a volume was made by a standardizer of ours."""
    return volume is not None and volume.GetAttribute(ROLE) == STANDARDIZED


def standardization_of(volume: Any) -> dict | None:
    """The report of a volume that was standardized; None of any other."""
    return json.loads(volume.GetAttribute(REPORT)) if is_standardized(volume) else None


def source_of(volume: Any) -> Any:
    """The volume that a standardized one was made of; None if it is gone, or was never there."""
    return volume.GetNodeReference(VOLUME) if is_standardized(volume) else None


def origin_of(volume: Any) -> dict:
    """Whether a volume is an original, or standardized and of what: plain data for the report of a mask."""
    report = standardization_of(volume)
    if report is None:
        return {"kind": "original", "name": volume.GetName()}
    return {
        "kind": STANDARDIZED,
        "name": volume.GetName(),
        "made_of": volume.GetAttribute(VOLUME),
        "protocol": report["detection"]["name"],
        "target_protocol": report["target_protocol"],
        "model": report["provenance"]["model"]["id"],
    }


def origin_text(volume: Any) -> str:
    """Whether a volume is an original, or standardized, in words."""
    report = standardization_of(volume)
    if report is None:
        return _("original")
    return _("standardized to {target}, from {protocol} ({name})").format(
        target=report["target_protocol"],
        protocol=report["detection"]["name"],
        name=volume.GetAttribute(VOLUME),
    )
