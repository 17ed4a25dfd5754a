"""Figures as files, and as SVG that can stand inside a page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.output import atomic_path

from .drawing import Drawing
from .style import PNG_DPI, drawing_style

FORMATS = ("png", "svg", "pdf")


class UnknownFigureFormat(LiverCNNError):
    """A figure was asked for in a format that is not written."""

    id = "unknown-figure-format"


def check_formats(formats: Sequence[str]) -> None:
    """Refuse formats before anything is drawn.

    Raises:
        UnknownFigureFormat: If one is not of ``FORMATS``.
    """
    for name in formats:
        if name not in FORMATS:
            raise UnknownFigureFormat(
                f"Figures are written as {', '.join(FORMATS)}; found {name!r}.", found=name, expected=FORMATS
            )


def save_figure(
    drawing: Drawing, folder: Path, formats: Sequence[str], svg: bytes | None = None
) -> tuple[str, ...]:
    """Write one figure in every format asked for and return the names of the files.

    ``svg`` is the figure as SVG where the caller has it already.

    PNG has 200 dots an inch; SVG has its letters as paths, PDF has TrueType letters. None holds a date, so
    that the same data give the same files.

    Raises:
        OutputError: If a file cannot be written.
    """
    names = []
    for extension in formats:
        name = f"{drawing.id}.{extension}"
        with atomic_path(folder / name) as temporary:
            ready = svg if extension == "svg" else None
            temporary.write_bytes(figure_bytes(drawing, extension) if ready is None else ready)
        names.append(name)
    return tuple(names)


def figure_bytes(drawing: Drawing, extension: str) -> bytes:
    """The figure as the content of a file."""
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Software": None, "Title": drawing.title},
        "svg": {"Date": None, "Creator": "LiverCNN", "Title": drawing.title},
        "pdf": {"CreationDate": None, "Creator": "LiverCNN", "Title": drawing.title},
    }
    stream = io.BytesIO()
    with drawing_style():
        drawing.figure.savefig(stream, format=extension, dpi=PNG_DPI, metadata=metadata[extension])
    return stream.getvalue()


def inline_svg(name: str, svg: bytes) -> str:
    """A figure in SVG as an ``<svg>`` element that can stand in a page with others.

    Ids and the style sheet inside are made its own, its size is left to the page, and nothing in it names an
    address elsewhere. The page gives the alternative text.

    Args:
        name: Unique in the page.
        svg: As ``figure_bytes`` gives it.
    """
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\sid="([^"]+)"', rf' id="{name}--\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}--\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}--\1)", text)
    text = text.replace("*{", f"#{name}--svg *{{", 1)
    head, rest = text.split(">", 1)
    view_box = re.search(r'viewBox="[^"]+"', head)
    if view_box is None:
        raise AssertionError("matplotlib wrote an SVG without a viewBox")
    return f'<svg id="{name}--svg" {view_box[0]} aria-hidden="true" focusable="false">{rest}'
