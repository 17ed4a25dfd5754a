"""Keep ITK, GDCM, MetaIO and the NIfTI library from writing to the terminal.

Whatever they would complain about is checked by our own readers and reaches the user as one plain
sentence; their exceptions are kept as the cause of ours.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

import SimpleITK as sitk

# Warning display and the standard error stream belong to the process: one thread at a time changes them.
_lock = threading.RLock()


@contextlib.contextmanager
def quiet_itk() -> Iterator[None]:
    """Switch ITK's warnings off and discard what C++ writes to standard error, for the body only."""
    with _lock:
        warned_before = sitk.ProcessObject.GetGlobalWarningDisplay()
        sitk.ProcessObject.SetGlobalWarningDisplay(False)
        try:
            with _standard_error_discarded():
                yield
        finally:
            sitk.ProcessObject.SetGlobalWarningDisplay(warned_before)


@contextlib.contextmanager
def _standard_error_discarded() -> Iterator[None]:
    try:
        saved = os.dup(2)
    except OSError:  # A windowed program may have no standard error at all.
        yield
        return
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
        sink = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(sink, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(sink)
    finally:
        os.close(saved)
