"""Dialogs that would wait for somebody: a test says beforehand what is answered.

Importing this file needs no PySide6, so that tests can.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from slicerhost.incidents import INCIDENTS, UNANSWERED_DIALOG

_CHOOSERS = ("getExistingDirectory", "getOpenFileName", "getSaveFileName")
ANSWERS: deque[str] = deque()
"""Paths for the dialogs to come, in their order; "" is Cancel."""


def install() -> None:
    """Let the static choosers of QFileDialog answer from ``ANSWERS``."""
    from PySide6 import QtWidgets

    for name in _CHOOSERS:
        setattr(QtWidgets.QFileDialog, name, staticmethod(_chooser(name)))


def _chooser(name: str) -> Any:
    def choose(
        parent: Any = None, caption: str = "", directory: str = "", filter: str = "", *options: Any
    ) -> str:
        texts = (caption, directory, filter)
        if not all(isinstance(text, str) for text in texts) or not _is_parent(parent):
            raise TypeError(f"QFileDialog.{name} called with arguments it does not take: {(parent, *texts)}")
        if not ANSWERS:
            INCIDENTS.add(UNANSWERED_DIALOG, f"QFileDialog.{name}({caption!r}): give the answer beforehand")
            return ""
        return ANSWERS.popleft()

    return choose


def _is_parent(parent: Any) -> bool:
    return parent is None or getattr(parent, "isWidgetType", lambda: False)()
