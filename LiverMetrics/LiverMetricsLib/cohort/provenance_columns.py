"""How the metrics of a cohort table were measured, where it says so, and whether it was one way."""

from __future__ import annotations

# Columns that ``livercnn compare`` writes beside the metrics.
_COLUMNS = ("family", "neighbourhood", "tolerance_mm", "definitions_version")


def measured_by(
    names: tuple[str, ...], records: tuple[tuple[int, tuple[str, ...]], ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines such as "family: voxel", and warnings where rows were measured in several ways.

    A Dice of one family is that of another, but their distances are not, nor is surface Dice at another
    tolerance.
    """
    lines, warnings = [], []
    for name in _COLUMNS:
        if name not in names:
            continue
        place = names.index(name)
        found = sorted({cells[place] for _, cells in records if cells[place]})
        if found:
            lines.append(f"{name}: {', '.join(found)}")
        if len(found) > 1:
            warnings.append(
                f"Column {name!r} has several values ({', '.join(found)}): rows measured in different ways "
                "are not comparable."
            )
    return tuple(lines), tuple(warnings)
