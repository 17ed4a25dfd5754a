"""How all figures look: colours, type, sizes, and settings that leave the caller's matplotlib alone.

Colours are those of Okabe and Ito (2008, "Color universal design"), told apart with every common kind of
colour blindness; groups also differ in their marker, so that a print in grey can be read, too.
"""

from __future__ import annotations

import contextlib
import textwrap
import threading
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Blue, vermilion, green, purple, orange, sky blue, grey; not Okabe and Ito's yellow, too faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

INK = "#1c1e21"
FAINT = "#5b6067"
RULE = "#b9bec5"

WIDTH_IN = 7.0  # both columns of a journal page, 178 mm
TALLEST_IN = 9.0  # with its caption still one A4 page
PNG_DPI = 200
SMALL = 8.0
BODY = 9.0

# Characters of the body size that fit into an inch of a label, on the safe side for DejaVu Sans.
CHARACTERS_PER_INCH = 12.0

# Scripts that matplotlib's own font lacks; those installed are asked after it.
_MORE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Microsoft YaHei",
    "Yu Gothic",
    "Hiragino Sans",
    "PingFang SC",
    "Malgun Gothic",
    "Arial Unicode MS",
)

_SETTINGS: dict[str, Any] = {
    "font.size": BODY,
    "axes.titlesize": BODY,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": BODY,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": True,
    "text.color": INK,
    "text.parse_math": False,  # a case called "a$b$" is no formula
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": "#e4e7ea",
    "grid.linewidth": 0.7,
    "legend.fontsize": SMALL,
    "legend.title_fontsize": SMALL,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": PNG_DPI,
    "svg.fonttype": "path",  # looks the same on a machine without the font
    "svg.hashsalt": "livercnn",  # the same figure gives the same file
    "pdf.fonttype": 42,  # journals ask for TrueType
}

# What a user's matplotlibrc may have changed and a figure would show; windows and back ends are left alone.
_OURS = {
    "axes", "boxplot", "figure", "font", "grid", "hatch", "legend", "lines", "markers", "mathtext", "patch",
    "path", "pdf", "savefig", "scatter", "svg", "text", "xaxis", "xtick", "yaxis", "ytick",
}  # fmt: skip

_one_at_a_time = threading.RLock()


@contextlib.contextmanager
def drawing_style() -> Iterator[None]:
    """Draw and save with our settings, whatever the caller's are; theirs are back afterwards.

    Also a decorator. One thread at a time, since matplotlib's settings belong to the whole process.
    """
    import matplotlib

    defaults = matplotlib.rcParamsDefault.items()
    settings: Any = {name: value for name, value in defaults if name.partition(".")[0] in _OURS}
    settings.update(_SETTINGS, **{"font.family": fonts()})
    with _one_at_a_time, matplotlib.rc_context(settings), warnings.catch_warnings():
        # Said once for the whole report, in words of ours: see letters.py.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


def new_figure(height_in: float, width_in: float = WIDTH_IN) -> Figure:
    """An empty figure that no window knows of, laid out so that labels keep clear of one another."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, min(height_in, TALLEST_IN)), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def settled(figure: Figure) -> Figure:
    """The figure with its layout computed once and kept: every file shows the same, and is written faster."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def add_legend(figure: Figure, handles: Sequence[Any], labels: Sequence[str], title: str = "") -> None:
    """A legend above all axes, in as many columns as its longest label leaves room for."""
    widest = max((len(line) for label in labels for line in label.split("\n")), default=1)
    columns = int(CHARACTERS_PER_INCH * WIDTH_IN / (widest + 5))
    figure.legend(
        handles,
        labels,
        title=title or None,
        loc="outside upper center",
        ncols=max(1, min(columns, len(labels))),
        handlelength=1.2,
        columnspacing=1.2,
    )


def colour(number: int) -> str:
    """Colour of a group by its number; begins again after the last."""
    return COLOURS[number % len(COLOURS)]


def marker(number: int) -> str:
    """Marker of a group by its number; begins again after the last."""
    return MARKERS[number % len(MARKERS)]


def opacity(n: int) -> float:
    """Opacity of points or lines so that few can be seen and many do not become a blot."""
    return min(0.75, max(0.15, 12.0 / max(n, 1)))


def fitted(text: str, characters: int, lines: int = 3) -> str:
    """Text broken into lines of at most so many characters; what is too long loses its middle.

    The middle, because long names usually differ at their beginning or end. A word an eighth longer than a
    line stays whole: "histogra" over "m" reads worse than a line that is a little wide.
    """
    characters = max(characters, 4)
    longest = max(map(len, text.replace("-", "- ").split()), default=0)
    if longest <= characters * 9 / 8:
        characters = max(characters, longest)
    wrapped = textwrap.wrap(text, characters) or [""]
    if len(wrapped) <= lines:
        return "\n".join(wrapped)
    room = characters * lines - 1
    while True:
        front = (room + 1) // 2
        shorter = f"{text[:front].rstrip()}\u2026{text[len(text) - (room - front) :].lstrip()}"
        wrapped = textwrap.wrap(shorter, characters)
        if len(wrapped) <= lines:
            return "\n".join(wrapped)
        room -= 1


def fonts() -> list[str]:
    """Families of all words in figures: matplotlib's own, then those that have other scripts."""
    from matplotlib import font_manager

    installed = set(font_manager.fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _MORE_FONTS if name in installed)]
