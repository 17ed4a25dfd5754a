"""What became of the contrast of known lesions, as a table and as a target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from .exams import TARGET
from .kind_results import CHANGED, KindResults

if TYPE_CHECKING:
    from LiverMetricsLib.cohort import Table

LESION_KEPT = (0.9, 1.1)


def lesion_table(results: KindResults) -> Table:
    """How much of a lesion's contrast stays, by protocol, standardizer, kind of lesion and diameter."""
    from LiverMetricsLib.cohort import Column, Table

    found = lesions_of(results)
    diameters = sorted({one.diameter_mm for one in found})
    columns = (
        Column("protocol", "Protocol", kind="text"),
        Column("standardizer", "Standardizer", kind="text"),
        Column("kind", "Kind of lesion", kind="text"),
        *(Column(f"kept_{d:g}_mm", f"{d:g} mm", "%", digits=0, definition=_KEPT) for d in diameters),
        Column("n", "n", kind="integer", definition="Lesions of one diameter, where it has the most"),
        Column("least", "Least", "%", digits=0, definition="Of all single lesions"),
        Column("most", "Most", "%", digits=0, definition="Of all single lesions"),
    )
    rows = []
    for group in _lesion_groups(found):
        protocol, standardizer, kind = group
        members = [one for one in found if one.group == group]
        by_diameter = {d: [one for one in members if one.diameter_mm == d] for d in diameters}
        pooled = [_percent(pooled_share(by_diameter[d])) for d in diameters]
        shares = [100 * one.share for one in members]
        most = max(map(len, by_diameter.values()))
        named = standardizer or "original"
        rows.append((protocol, named, kind, *pooled, most, min(shares), max(shares)))
    return Table(
        f"{results.id}-contrast",
        "Contrast of known lesions",
        columns,
        tuple(rows),
        caption="Sum of a lesion's contrast to the liver around it, in percent of that in the M80 image of "
        "the same scan. 100 is kept, 0 erased. Originals of other energies have another contrast by nature.",
    )


_KEPT = (
    "Of the sum over all lesions of this diameter: noise, which hides single small ones, averages out"
)


@dataclass(frozen=True)
class MeasuredLesion:
    """What became of one lesion's contrast. standardizer: "" for the original.

    hu_ml, target_hu_ml: sum of its contrast in this image and in that of the target protocol.
    """

    protocol: str
    standardizer: str
    kind: str
    diameter_mm: float
    hu_ml: float
    target_hu_ml: float

    @property
    def share(self) -> float:
        """What was kept; 1 is all."""
        return self.hu_ml / self.target_hu_ml

    @property
    def group(self) -> tuple[str, str, str]:
        """Protocol, standardizer and kind."""
        return self.protocol, self.standardizer, self.kind


def lesions_of(results: KindResults) -> list[MeasuredLesion]:
    """All lesions of all exams, in every protocol that is standardized, before and after."""
    found = []
    for result in results.done:
        recipe = result.plan.recipe
        targets = [row["lesions_hu_ml"] for row in result.image_rows.get("", ()) if row["protocol"] == TARGET]
        for standardizer in ("", *(one.name for one in results.standardizers)):
            for row in result.image_rows.get(standardizer, ()):
                if row["protocol"] not in CHANGED or not targets:
                    continue
                for diameter, hu_ml, wanted in zip(recipe["lesions_mm"], row["lesions_hu_ml"], targets[0]):
                    if hu_ml is not None and wanted:
                        kind = recipe["lesion_kind"]
                        found.append(
                            MeasuredLesion(row["protocol"], standardizer, kind, diameter, hu_ml, wanted)
                        )
    return found


def pooled_share(lesions: Sequence[MeasuredLesion]) -> float:
    """What is kept of the contrast of all of them together; NaN of none."""
    wanted = sum(one.target_hu_ml for one in lesions)
    return sum(one.hu_ml for one in lesions) / wanted if wanted else math.nan


def _lesion_groups(found: Sequence[MeasuredLesion]) -> list[tuple[str, str, str]]:
    """In the order of protocols, and within them of standardizers and kinds as they were measured."""
    groups = dict.fromkeys(one.group for one in found)
    return sorted(groups, key=lambda group: CHANGED.index(group[0]))


def add_lesion_targets(results: KindResults, name: str, add: Callable[[str, str, bool], None]) -> None:
    """Add what was asked of a standardizer, what it reached, and whether that is enough."""
    lesions = [one for one in lesions_of(results) if one.standardizer == name]
    groups: dict[tuple[str, str, float], list[MeasuredLesion]] = {}
    for one in lesions:
        groups.setdefault((one.protocol, one.kind, one.diameter_mm), []).append(one)
    pooled = {group: pooled_share(members) for group, members in groups.items()}
    for title, shares in (
        ("each kind and diameter", pooled),
        ("every single lesion", {(number,): one.share for number, one in enumerate(lesions)}),
    ):
        if shares:
            kept = list(shares.values())
            inside = sum(LESION_KEPT[0] <= share <= LESION_KEPT[1] for share in kept)
            spread = f"{100 * min(kept):.0f} to {100 * max(kept):.0f} %"
            reached = f"{inside} of {len(kept)} (all protocols); {spread}"
            add(f"contrast of {title} kept within 10 %", reached, inside == len(kept))


def _percent(share: float) -> float | None:
    return None if math.isnan(share) else 100 * share
