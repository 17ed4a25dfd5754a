"""What the fat-fraction section says: units, the rows of its table, the lines of its result."""

from __future__ import annotations

import math
from dataclasses import dataclass

from slicer.i18n import tr as _

from LiverMetricsLib.pdff import PdffMeasurement

_MUCH_OUTSIDE = 0.05  # share of the mask outside the map, or of voxels without a value, worth a warning
_MANY_IMPOSSIBLE = 0.01  # share of voxels below 0 % or above 100 % worth a warning


@dataclass(frozen=True)
class PdffTexts:
    """The lines of the result."""

    mean: str
    spread: str
    measured: str
    units: str
    warnings: str


def units() -> list:
    """Keys and texts of the units; the empty key has them found."""
    return [
        ("", _("As the map says")),
        ("percent", _("Per cent (0 to 100)")),
        ("fraction", _("Fraction (0 to 1)")),
        ("permille", _("Per mille (0 to 1000)")),
    ]


def segments(node: object) -> list:
    """Keys and texts of the segments of a node; the empty key is none."""
    entries = [("", _("Choose a segment"))]
    if node is not None:
        segmentation = node.GetSegmentation()
        for segment_id in segmentation.GetSegmentIDs():
            entries.append((segment_id, segmentation.GetSegment(segment_id).GetName()))
    return entries


def columns() -> list:
    """Key, title and description of the columns of the table."""
    return [
        ("measure", _("Measure"), _("What was measured")),
        ("value", _("Value"), _("The number")),
        ("unit", _("Unit"), _("The unit of the number")),
        ("definition", _("Definition"), _("What the number means")),
    ]


def rows(one: PdffMeasurement) -> list:
    """Measure, value, unit and definition, in the order of the columns."""
    name = _("{share}th percentile")
    percentile = _("PDFF that {share} % of the measured voxels do not exceed")
    return [
        (_("Mean"), _number(one.mean_pct), "%", _("Mean PDFF of the measured voxels")),
        (_("SD"), _number(one.sd_pct), "%", _("Standard deviation between voxels (n - 1)")),
        (_("Median"), _number(one.median_pct), "%", _("Half of the measured voxels have less")),
        *(
            (name.format(share=share), _number(value), "%", percentile.format(share=share))
            for share, value in one.percentiles_pct.items()
        ),
        (_("Voxels"), str(one.voxels), "", _("Voxels of the map whose centre lies in the mask")),
        (_("Volume"), _number(one.volume_ml), "mL", _("Of the measured voxels")),
        (_("Volume of the mask"), _number(one.mask_volume_ml), "mL", _("Before a rim was left out")),
        (
            _("Mask inside the map"),
            _number(100 * one.inside_share),
            "%",
            _("Share of the mask that lies in the map's field of view"),
        ),
        (_("Rim left out"), _number(one.erosion_mm), "mm", _("From the mask's edge inwards")),
        (_("Without a value"), str(one.without_value), "", _("Voxels that hold no number, left out")),
        (_("Below 0 %"), str(one.below_0_pct), "", _("Measured voxels there, which only noise explains")),
        (_("Above 100 %"), str(one.above_100_pct), "", _("Measured voxels there, which only noise explains")),
    ]


def result(one: PdffMeasurement, current: bool = True) -> PdffTexts:
    """The lines of a result. current: whether mask and map are still as they were measured."""
    low, high = one.percentiles_pct[5], one.percentiles_pct[95]
    return PdffTexts(
        mean=_("{mean:.1f} %, SD {sd:.1f} %").format(mean=one.mean_pct, sd=one.sd_pct)
        if math.isfinite(one.sd_pct)
        else _("{mean:.1f} %").format(mean=one.mean_pct),
        spread=_("{median:.1f} %, 5th to 95th percentile {low:.1f} to {high:.1f} %").format(
            median=one.median_pct, low=low, high=high
        ),
        measured=_("{volume:.0f} mL in {voxels} voxels, of a mask of {mask:.0f} mL").format(
            volume=one.volume_ml, voxels=one.voxels, mask=one.mask_volume_ml
        ),
        units=_units(one),
        warnings="\n".join([*_warnings_of_age(current), *_warnings(one)]) or _("none"),
    )


def _units(one: PdffMeasurement) -> str:
    name = dict(units())[one.units.name]
    if one.units.from_values:
        return _("{units}, told by its values, which go up to {high:.4g}").format(
            units=name, high=one.units.high
        )
    return _("{units}, as given").format(units=name)


def _warnings_of_age(current: bool) -> list:
    if current:
        return []
    return [_("The mask was changed, or mask or map were moved, since this was measured; measure again.")]


def _warnings(one: PdffMeasurement) -> list:
    found = []
    if one.inside_share < 1 - _MUCH_OUTSIDE:
        found.append(
            _("{share:.0f} % of the mask lie outside the map's field of view and are not measured.").format(
                share=100 * (1 - one.inside_share)
            )
        )
    if one.without_value > _MUCH_OUTSIDE * (one.voxels + one.without_value):
        found.append(_("{count} voxels hold no number and are left out.").format(count=one.without_value))
    impossible = one.below_0_pct + one.above_100_pct
    if impossible > _MANY_IMPOSSIBLE * one.voxels:
        found.append(_("{count} voxels lie below 0 or above 100 %.").format(count=impossible))
    return found


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else ""
