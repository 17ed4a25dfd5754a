"""Bland-Altman plots side by side, a row a protocol: figures 4 and 5 of Lee et al. 2023."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .bland_altman_plot import draw_agreement, in_digits, points_of, reach_of
from .drawing import Drawing, counted, file_stem
from .style import drawing_style, fitted, new_figure, settled

if TYPE_CHECKING:
    from ..cohort.results import VolumePairs

_ROW_IN = 2.3
MOST_ROWS = 3  # of 2.3 inches, with a caption still one page


@drawing_style()
def bland_altman_grid(
    rows: Sequence[tuple[str, Sequence[VolumePairs]]], columns: Sequence[str], *, key: str, title: str
) -> Drawing:
    """Volume differences in percent of the reference; the axes of a row have one range, to be compared.

    Args:
        rows: Name of a row, and its pairs in the order of the columns; at most ``MOST_ROWS``.
        columns: Names of the columns, such as "original" and "standardized".
        key: Beginning of the file name.
        title: A few words.
    """
    figure = new_figure(_ROW_IN * len(rows) + 0.3)
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    words = []
    for number, (axes_row, (name, pairs_row)) in enumerate(zip(grid, rows), start=1):
        reaches = [
            reach_of(points_of(pairs, pairs.limits_percent.scale)[1], pairs.limits_percent)
            for pairs in pairs_row
        ]
        reach = (min(low for low, _ in reaches), max(high for _, high in reaches))
        for axes, column, pairs in zip(axes_row, columns, pairs_row):
            draw_agreement(axes, pairs, pairs.limits_percent, reach)
            axes.set_title(fitted(f"{name}, {column}", 40, 2))
            axes.set_ylabel("Difference (%)")
            if number < len(rows):
                axes.set_xlabel("")
            words.append(f"{name}, {column}: {_in_words(pairs)}.")
    first = rows[0][1][0]
    return Drawing(
        id=file_stem(key, title),
        title=title,
        caption=(
            f"Mask minus {first.reference_name} in percent of it, against the mean of both volumes; "
            f"{counted(first.limits_percent.n, 'case')}. Solid line: bias; broken lines: limits of "
            "agreement; "
            f"bands: {100 * first.limits_percent.bias_interval.confidence:g} % confidence intervals. "
            "The plots of a row share their range."
        ),
        alt=f"Bland-Altman plots against {first.reference_name}. {' '.join(words)}",
        figure=settled(figure),
    )


def _in_words(pairs: VolumePairs) -> str:
    limits = pairs.limits_percent
    text = f"bias {in_digits(limits.bias)} %" if np.isfinite(limits.bias) else "no finite pair"
    if not np.isfinite(limits.sd):
        return text
    return f"{text}, limits {in_digits(limits.lower_limit)} to {in_digits(limits.upper_limit)} %"
