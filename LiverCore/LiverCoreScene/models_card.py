"""A model's card, so that a person can read it, as HTML for a text browser."""

from __future__ import annotations

from html import escape
from typing import Any

from slicer.i18n import tr as _

MEASURES = {
    "dice": (_("Dice"), "{:.3f}"),
    "surface_dice": (_("surface Dice"), "{:.3f}"),
    "msd_mm": (_("mean surface distance, mm"), "{:.1f}"),
    "hd95_mm": (_("95th percentile distance, mm"), "{:.1f}"),
    "hd_mm": (_("largest distance, mm"), "{:.1f}"),
    "volume_difference_ml": (_("volume difference, mL"), "{:+.0f}"),
    "volume_difference_percent": (_("volume difference, %"), "{:+.1f}"),
    "time_s": (_("time, s"), "{:.1f}"),
}
"""Name of a metric on a card to what it is called, and how its values are written."""


def card_html(model: Any, is_default: bool) -> str:
    """The card of an installed model, or why it cannot be used.

    model: an ``InstalledModel``. is_default: whether it is used where none is chosen.
    """
    if model.card is None:
        return _paragraph(_("Cannot be used"), model.problem) + _paragraph(_("Folder"), str(model.path))
    card = model.card
    title = _("{name}, version {version}").format(name=card.name, version=card.version)
    parts = [f"<h3>{escape(title)}</h3>"]
    if is_default:
        parts.append(f"<p><b>{escape(_('The default: it is used where no model is chosen.'))}</b></p>")
    parts.append(_paragraph(_("For"), card.intended_use))
    parts.append(_items(_("Not for"), card.out_of_scope_use))
    parts.append(_items(_("May fail"), card.failure_modes))
    parts.append(_items(_("Trained on"), [_trained_on(data) for data in card.training["data"]]))
    parts += [_figures(entry) for entry in card.evaluation]
    if not card.evaluation:
        parts.append(_paragraph(_("Measured on"), _("nothing yet")))
    parts.append(_paragraph(_("Licence of the weights"), card.weights_licence))
    parts.append(_paragraph(_("Network"), card.architecture.name))
    size = _("{size:.1f} MB, SHA-256 {sha256}").format(
        size=card.weights.size_bytes / 1e6, sha256=_breakable(card.weights.sha256)
    )
    parts.append(_paragraph(_("Weights"), size))
    parts.append(_paragraph(_("Folder"), str(model.path)))
    parts.append(_items(_("Cite"), card.citations))
    return "".join(parts)


def _trained_on(data: Any) -> str:
    return _("{name}: {cases} cases ({licence})").format(
        name=data["name"], cases=data["cases"], licence=data["licence"]
    )


def _figures(entry: Any) -> str:
    """What was measured on one data set."""
    kinds = {"real": _("patients"), "phantom": _("synthetic")}
    title = _("Measured on {data_set}; {kind}, n = {n}").format(
        data_set=entry["data_set"], kind=kinds.get(entry["kind"], entry["kind"]), n=entry["n"]
    )
    head = "".join(
        f"<th align='left'>{escape(text)}</th>" for text in ("", _("mean"), _("from"), _("to"))
    )
    rows = "".join(_row(name, values) for name, values in entry["metrics"].items())
    command = _("by {command}").format(command=entry["command"])
    return (
        f"<p><b>{escape(title)}</b></p><table cellpadding='2'><tr>{head}</tr>{rows}</table>"
        f"<p><i>{escape(command)}</i></p>"
    )


def _row(name: str, values: Any) -> str:
    label, style = MEASURES.get(name, (name, "{:.3g}"))
    cells = "".join(
        f"<td>{escape('' if values.get(key) is None else style.format(values[key]))}</td>"
        for key in ("mean", "min", "max")
    )
    return f"<tr><td>{escape(label)}</td>{cells}</tr>"


def _paragraph(label: str, text: str) -> str:
    return f"<p><b>{escape(label)}:</b> {escape(text)}</p>"


def _items(label: str, texts: Any) -> str:
    if not texts:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    title = f"<p style='margin-bottom:0'><b>{escape(label)}:</b></p>"
    return f"{title}<ul style='-qt-list-indent: 0; margin-left: 12px'>{items}</ul>"


def _breakable(sha256: str) -> str:
    """In groups of eight, so that a narrow panel can break the line."""
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))
