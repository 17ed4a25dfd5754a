"""Many pieces of work, one after the other, for a program that must not wait; a bad one never stops the rest.

A case is started when its turn comes; the program polls from a timer::

    cases = CaseQueue([Case("one", start_one), Case("two", start_two)])
    while not cases.poll():
        ...
    for outcome in cases.outcomes:
        ...
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from LiverCoreLib.errors import Cancelled, LiverCNNError

DONE, SKIPPED, FAILED, CANCELLED, NOT_RUN = "done", "skipped", "failed", "cancelled", "not-run"
"""What became of a case. skipped: it needs no work. not-run: the whole was cancelled before its turn."""
_WAIT_S = 0.02
_LEAST_S_FOR_ESTIMATE, _LEAST_SHARE_FOR_ESTIMATE = 5.0, 0.02


AnyOutcome = TypeVar("AnyOutcome", bound="Outcome")


@dataclass(frozen=True)
class Outcome:
    """What became of a case; work adds fields of its own. seconds: from start to end."""

    case: str
    status: str
    seconds: float | None = None
    warnings: tuple[str, ...] = ()
    error_id: str = ""
    error: str = ""

    @classmethod
    def ended(cls: type[AnyOutcome], case: str, error: LiverCNNError, seconds: float | None) -> AnyOutcome:
        """The outcome of a case that an error ended, or a cancellation."""
        status = CANCELLED if isinstance(error, Cancelled) else FAILED
        return cls(case, status, seconds=seconds, error_id=error.id or "", error=str(error))


class CaseRun(Protocol):
    """A case under way. fraction, message: how far it is, 0 to 1, and with what."""

    @property
    def fraction(self) -> float: ...

    @property
    def message(self) -> str: ...

    def poll(self) -> bool:
        """See what has happened, without waiting. Returns whether it is finished."""

    def cancel(self) -> None:
        """Stop; it is finished at a later poll (within 2 s)."""

    def result(self) -> Outcome:
        """Once finished: what came of it. Raises the error (LiverCNNError) that ended it, if one did."""


@dataclass(frozen=True)
class Case:
    """A case to do. start: called in its turn; gives the run, or an outcome if there is nothing to do, or
    raises LiverCNNError.
    """

    name: str
    start: Callable[[], CaseRun | Outcome]


class CaseQueue:
    """Cases under way, one at a time.

    Attributes:
        OUTCOME: The class of the outcomes: Outcome, or one derived from it.
        outcomes: Of the cases that are over, in their order.
        current: The case under way, or None.
    """

    OUTCOME: ClassVar[type[Outcome]] = Outcome

    def __init__(self, cases: Sequence[Case]) -> None:
        self.outcomes: list[Any] = []
        self.current: Case | None = None
        self._cases = tuple(cases)
        self._run: CaseRun | None = None
        self._began = self._case_began = time.monotonic()
        self._cancelled = False
        self._ran = 0

    @property
    def total(self) -> int:
        """How many cases there are."""
        return len(self._cases)

    @property
    def finished(self) -> bool:
        """Whether all cases are over."""
        return len(self.outcomes) == self.total

    @property
    def case_fraction(self) -> float:
        """How far the case under way is, 0 to 1."""
        return 0.0 if self._run is None else self._run.fraction

    @property
    def message(self) -> str:
        """With what."""
        return "" if self._run is None else self._run.message

    @property
    def fraction(self) -> float:
        """How far the whole is, 0 to 1."""
        return (len(self.outcomes) + self.case_fraction) / self.total if self.total else 1.0

    def seconds_left(self) -> float | None:
        """About how long it is going to take from now; None while that is anybody's guess."""
        seconds, ran = time.monotonic() - self._began, self._ran + self.case_fraction
        left = self.total - len(self.outcomes) - self.case_fraction
        if seconds < _LEAST_S_FOR_ESTIMATE or ran < max(0.1, _LEAST_SHARE_FOR_ESTIMATE * self.total):
            return None
        return seconds * left / ran

    def cancel(self) -> None:
        """Stop; what is finished stays. The rest is over at a later poll (within 2 s)."""
        self._cancelled = True
        if self._run is not None:
            self._run.cancel()

    def poll(self) -> bool:
        """See what has happened, without waiting, and start the next case. Returns whether all are over."""
        while not self.finished and self._advance():
            pass
        return self.finished

    def wait(self, progress: Callable[[float, str], None] | None = None) -> list[Any]:
        """Wait for the end; gives the outcomes. `progress` may raise Cancelled, or anything else."""
        try:
            while not self.poll():
                if progress is not None and not self._cancelled:
                    progress(self.fraction, self._what())
                time.sleep(_WAIT_S)
        except BaseException as interruption:
            self.end()
            if not isinstance(interruption, Cancelled):
                raise
        return self.outcomes

    def end(self) -> None:
        """Cancel, and wait (at most 2 s or so) until nothing is left of it: for a panel that goes."""
        self.cancel()
        while not self.poll():
            time.sleep(_WAIT_S)

    def _what(self) -> str:
        name = "" if self.current is None else f"{self.current.name}: "
        return f"{len(self.outcomes) + 1} of {self.total}, {name}{self.message}"

    def _advance(self) -> bool:
        """Take one step; whether another may follow at once."""
        if self._run is None:
            self._start(self._cases[len(self.outcomes)])
            return self._run is None
        if not self._run.poll():
            return False
        assert self.current is not None
        seconds = time.monotonic() - self._case_began
        try:
            outcome = self._run.result()
        except LiverCNNError as error:
            outcome = self.OUTCOME.ended(self.current.name, error, seconds)
        self._run, self.current = None, None
        self._ran += 1
        self.outcomes.append(outcome)
        return True

    def _start(self, case: Case) -> None:
        if self._cancelled:
            self.outcomes.append(self.OUTCOME(case.name, NOT_RUN))
            return
        self._case_began = time.monotonic()
        try:
            started = case.start()
        except LiverCNNError as error:
            self.outcomes.append(self.OUTCOME.ended(case.name, error, 0.0))
            return
        if isinstance(started, Outcome):
            self.outcomes.append(started)
        else:
            self.current, self._run = case, started
