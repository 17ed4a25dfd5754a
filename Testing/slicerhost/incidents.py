"""What went wrong while a panel was driven: errors in slots, PythonQt misuse, unknown widgets.

Qt and VTK report most mistakes to the console and go on. Here each becomes an :class:`Incident`, so that a
test can fail on it.
"""

from __future__ import annotations

from dataclasses import dataclass

SLOT_ERROR = "slot error"
PYTHONQT = "PythonQt"
UNKNOWN_WIDGET = "unknown widget"
UNKNOWN_PROPERTY = "unknown property"
QT_MESSAGE = "Qt message"
VTK_MESSAGE = "VTK message"
LEAKED_NODE = "leaked node"
UNANSWERED_DIALOG = "unanswered dialog"
PLOT_COLUMN = "plot column"


@dataclass(frozen=True)
class Incident:
    """One thing that a module did wrong.

    Attributes:
        kind: One of the constants of this file.
        text: What happened; for a slot error the traceback.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class IncidentLog:
    """Incidents in the order they happened."""

    def __init__(self) -> None:
        self._incidents: list[Incident] = []

    def add(self, kind: str, text: str) -> None:
        self._incidents.append(Incident(kind, text.strip()))

    def take(self) -> tuple[Incident, ...]:
        """All incidents since the last call; the log is empty afterwards."""
        taken, self._incidents = tuple(self._incidents), []
        return taken


INCIDENTS = IncidentLog()
"""The log of this process: there is one Qt application, so there is one log."""
