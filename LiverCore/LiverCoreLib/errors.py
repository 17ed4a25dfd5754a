"""Errors that a user can act on.

Every error raised for a wrong input or a failed resource derives from
:class:`LiverCNNError`: one plain sentence for people, a stable kebab-case id for
programs and documentation, and the values found and expected as details.
This file imports only the standard library, so every floor may use it.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

_ID_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class LiverCNNError(Exception):
    """Base of all errors whose message is meant for the user.

    A subclass states its ``id`` as a class attribute, or each raise states it::

        class OutputError(LiverCNNError):
            id = "output-error"

        raise ModelError("The weights do not match their card; download the bundle again.",
                         id="wrong-checksum", path=path, expected=wanted, found=sha256)

    Args:
        message: One plain sentence: what was found and what to do about it.
        id: Overrides the id of the class where one class covers several cases.
        details: Values found and expected, kept in :attr:`details` for panels and reports.

    Raises:
        TypeError: If neither the class nor the call gives an id.
        ValueError: If the id is not kebab-case or the message is empty.
    """

    id: ClassVar[str | None] = None
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, id: str | None = None, **details: Any) -> None:
        chosen_id = id if id is not None else type(self).id
        if chosen_id is None:
            raise TypeError(f"{type(self).__name__} needs an id: set it on the class or pass id=...")
        if not isinstance(chosen_id, str) or not _ID_PATTERN.fullmatch(chosen_id):
            raise ValueError(f"An error id is kebab-case, such as 'file-not-found'; found {chosen_id!r}.")
        if not isinstance(message, str) or not message.strip():
            raise ValueError("An error needs one plain sentence as its message.")
        super().__init__(message)
        self.id: str = chosen_id  # type: ignore[misc]  # the instance narrows the class default
        self.message = message
        self.details: dict[str, Any] = details

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, id={self.id!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle their positional arguments only; the id and details must survive a process pool.
        return _rebuild, (type(self), self.message, self.id, self.details)


def _rebuild(
    error_class: type[LiverCNNError], message: str, error_id: str, details: dict[str, Any]
) -> LiverCNNError:
    error = error_class.__new__(error_class, message)
    LiverCNNError.__init__(error, message, id=error_id, **details)
    return error


class Cancelled(LiverCNNError):
    """The user stopped the work; nothing is wrong with the input."""

    id = "cancelled"
    exit_code = 130

    def __init__(self, message: str = "Cancelled.", *, id: str | None = None, **details: Any) -> None:
        super().__init__(message, id=id, **details)
