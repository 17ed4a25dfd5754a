"""Words beside an axis that keep their distance from one another."""

from __future__ import annotations

from collections.abc import Sequence


def spread(places: Sequence[float], distance: float) -> list[float]:
    """Places moved as little as needed so that neighbours are at least ``distance`` apart; order is kept.

    Overlapping neighbours become one block around their common middle, until no blocks overlap.
    """
    order = sorted(range(len(places)), key=lambda number: places[number])
    blocks: list[tuple[float, list[int]]] = []  # middle, members from low to high
    for number in order:
        blocks.append((places[number], [number]))
        while len(blocks) > 1 and _overlap(blocks[-2], blocks[-1], distance):
            upper, lower = blocks.pop(), blocks.pop()
            members = lower[1] + upper[1]
            blocks.append((sum(places[member] for member in members) / len(members), members))
    moved = [0.0] * len(places)
    for middle, members in blocks:
        for step, member in enumerate(members):
            moved[member] = middle + (step - (len(members) - 1) / 2) * distance
    return moved


def _overlap(lower: tuple[float, list[int]], upper: tuple[float, list[int]], distance: float) -> bool:
    reach = (len(lower[1]) + len(upper[1])) / 2 * distance
    return upper[0] - lower[0] < reach
