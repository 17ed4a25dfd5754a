"""The table of a batch, and what is said about it."""

from __future__ import annotations

from slicer.i18n import tr as _

from LiverCoreLib.case_queue import CANCELLED, DONE, FAILED, NOT_RUN, SKIPPED
from LiverCoreScene import case_texts
from LiverCoreScene.case_table import Column, OutcomeTable

from .batch_volumes import Batch
from .panel_texts import stage


def outcome_table() -> OutcomeTable:
    """The table of a batch that begins."""
    return OutcomeTable(_("Batch of standardizations"), _columns())


def progress(batch: Batch) -> str:
    """What is being done, and how long it is going to take."""
    return case_texts.progress(batch, stage)


def ending(batch: Batch, why: str) -> str:
    """How a batch ended. why: a sentence, if the user did not end it."""
    known = {
        DONE: _("{count} standardized"),
        SKIPPED: _("{count} skipped"),
        FAILED: _("{count} failed"),
        CANCELLED: _("{count} cancelled"),
        NOT_RUN: _("{count} not begun"),
    }
    return case_texts.ending(batch, known, why)


def left_out(volumes: list) -> str:
    """Which volumes are left out, and why. volumes: pairs of a volume and a sentence."""
    if not volumes:
        return ""
    lines = [f"\N{BULLET} {why}" for _volume, why in volumes]
    return "\n".join([_("Left out:"), *lines])


def _columns() -> list:
    return [
        Column("case", _("Volume"), _("The CT")),
        Column(
            "status",
            _("Status"),
            _(
                "done; skipped: its result was there, or it needs none; failed: see the reason; cancelled: "
                "while it was standardized; not-run: cancelled before its turn"
            ),
        ),
        Column("protocol", _("Protocol"), _("What it was taken for: as stated, else as detected")),
        Column("result", _("Result"), _("The standardized volume")),
        Column("seconds", _("Time (s)"), _("Seconds that the standardization took"), is_number=True),
        Column("error", _("Reason"), _("Why it was skipped, or why it failed and what to do")),
        Column("warnings", _("Warnings"), _("What to look at before using the result")),
    ]
