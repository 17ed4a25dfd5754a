"""A model's card in a few lines."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene.models_card import MEASURES
from LiverStandardizeLib.protocol.names import MEANINGS

_MOST_MEASURES = 3


def card_text(model: Any) -> str:
    """Name, target protocol and what was measured; empty where there is no card. model: as chosen."""
    if model is None or model.card is None:
        return ""
    card = model.card
    target = card.output.target_protocol
    first = _("{name}, version {version}: to {target} ({meaning}).").format(
        name=card.name, version=card.version, target=target, meaning=MEANINGS.get(target, "")
    )
    measured = [_measured(entry) for entry in card.evaluation] or [_("Nothing was measured yet.")]
    return "\n".join([first, *measured])


def _measured(entry: Any) -> str:
    """What was measured on one data set: the first few means."""
    kinds = {"real": _("patients"), "phantom": _("synthetic")}
    means = [_mean(name, values) for name, values in list(entry["metrics"].items())[:_MOST_MEASURES]]
    return _("{data_set} ({kind}, n = {n}): {means}.").format(
        data_set=entry["data_set"],
        kind=kinds.get(entry["kind"], entry["kind"]),
        n=entry["n"],
        means=", ".join(means),
    )


def _mean(name: str, values: Any) -> str:
    label, style = MEASURES.get(name, (name, "{:.3g}"))
    return _("{label} {mean}").format(label=label, mean=style.format(values["mean"]))
