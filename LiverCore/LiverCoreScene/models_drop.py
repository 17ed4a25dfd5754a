"""Files that are dropped onto a widget."""

from __future__ import annotations

from typing import Any, Callable

import qt


class DropTarget(qt.QObject):
    """Takes one file or folder that is dragged onto a widget from a file manager."""

    def __init__(self, widget: Any, dropped: Callable[[str], None]) -> None:
        """dropped: gets the path."""
        super().__init__(widget)
        self._dropped = dropped
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Accept one local file; Qt calls this for every event of the widget."""
        kind = event.type()
        if kind != qt.QEvent.DragEnter and kind != qt.QEvent.Drop:
            return False
        path = _local_path(event.mimeData())
        if not path:
            return False
        event.acceptProposedAction()
        if kind == qt.QEvent.Drop:
            self._dropped(path)
        return True


def _local_path(data: Any) -> str:
    urls = data.urls() if data.hasUrls() else []
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""
