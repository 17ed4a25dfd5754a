"""What is said about many cases: how far they are, and how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from slicer.i18n import tr as _

from LiverCoreLib.case_queue import CaseQueue


def progress(cases: CaseQueue, stage: Callable[[str], str]) -> str:
    """What is being done, and how long it is going to take. stage: the worker's words in the user's."""
    values = {
        "number": len(cases.outcomes) + 1,
        "total": cases.total,
        "name": "" if cases.current is None else cases.current.name,
        "what": stage(cases.message),
    }
    left_s = cases.seconds_left()
    if left_s is None:
        return _("{number} of {total}, {name}: {what} ...").format(**values)
    if left_s < 90:
        values["left"] = _("{seconds} s").format(seconds=max(1, round(left_s)))
    else:
        values["left"] = _("{minutes} min").format(minutes=round(left_s / 60))
    return _("{number} of {total}, {name}: {what}; about {left} left for all").format(**values)


def ending(cases: CaseQueue, known: Mapping[str, str], why: str) -> str:
    """How they ended. known: texts with {count} by status, in their order. why: a sentence, if the user did
    not end it.
    """
    counts = Counter(outcome.status for outcome in cases.outcomes)
    parts = [text.format(count=counts[status]) for status, text in known.items() if counts[status]]
    summary = _("{parts}.").format(parts=", ".join(parts)) if parts else ""
    return " ".join(text for text in (why, summary) if text)
