"""The synthetic abdomen as a file: what the background worker runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import SimpleITK as sitk


def run(
    arguments: Mapping[str, Any], temporary_folder: Path, progress: Callable[[float, str], None]
) -> dict[str, Any]:
    """Make an abdomen and write its CT.

    Args:
        arguments: ``path``: the image file to write, without compression. ``seed``, and optionally ``size``
            and ``spacing_mm``: see ``make_abdomen``.
        temporary_folder: Not used.
        progress: Told what is being done.

    Returns:
        ``path``.

    Raises:
        OutputError: If the file cannot be written.
    """
    from LiverCoreLib.output import atomic_path

    from .phantom import make_abdomen

    del temporary_folder
    shape: dict[str, Any] = {
        name: tuple(arguments[name]) for name in ("size", "spacing_mm") if name in arguments
    }

    def drawing(fraction: float, message: str) -> None:
        del message
        progress(0.9 * fraction, "drawing the synthetic abdomen")

    abdomen = make_abdomen(int(arguments["seed"]), progress=drawing, **shape)
    progress(0.9, "writing the volume")
    with atomic_path(arguments["path"]) as temporary:
        sitk.WriteImage(abdomen.image, str(temporary), useCompression=False)
    return {"path": str(arguments["path"])}
