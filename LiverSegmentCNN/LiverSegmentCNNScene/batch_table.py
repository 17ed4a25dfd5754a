"""The columns of the table of a batch."""

from __future__ import annotations

from slicer.i18n import tr as _

from LiverCoreScene.case_table import Column, OutcomeTable


def outcome_table() -> OutcomeTable:
    """The table of a batch that begins."""
    return OutcomeTable(_("Batch of segmentations"), _columns())


def _columns() -> list:
    return [
        Column("case", _("Case"), _("The volume, or the scan's name in its folder")),
        Column(
            "status",
            _("Status"),
            _(
                "done; no-liver: segmented, and no liver was found; skipped: its result was there; failed: "
                "see the error; cancelled: while it was segmented; not-run: cancelled before its turn"
            ),
        ),
        Column(
            "volume_ml",
            _("Volume (mL)"),
            _("Millilitres: voxels of the mask times the volume of a voxel"),
            is_number=True,
        ),
        Column(
            "removed_ml",
            _("Removed (mL)"),
            _("Millilitres that post-processing took away"),
            is_number=True,
        ),
        Column("seconds", _("Time (s)"), _("Seconds that the segmentation took"), is_number=True),
        Column("mask", _("Mask"), _("The segmentation in the scene, or its file")),
        Column("warnings", _("Warnings"), _("What to look at before using the mask")),
        Column("error", _("Error"), _("Why it failed, and what to do")),
    ]
