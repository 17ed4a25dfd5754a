"""A model's card in a few lines."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverStandardizeLib.protocol.names import MEANINGS

_BIAS, _NOISE, _BEFORE = "_liver_bias_hu", "_liver_noise_ratio", "_original_"
"""How the names of a card's figures end for the liver, and what those of the unchanged image hold."""


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
    """What was measured on one data set: the largest mean bias of the liver over protocols, and its noise."""
    kinds = {"real": _("patients"), "phantom": _("synthetic")}
    return _("{data_set} ({kind}, n = {n}): {means}.").format(
        data_set=entry["data_set"],
        kind=kinds.get(entry["kind"], entry["kind"]),
        n=entry["n"],
        means=", ".join(_of_liver(entry["metrics"])) or _("nothing of the liver"),
    )


def _of_liver(metrics: Any) -> list[str]:
    found = []
    biases = _means(metrics, _BIAS)
    if biases:
        protocol = max(biases, key=lambda name: abs(biases[name]))
        found.append(
            _("liver within {bias:.1f} HU of the target ({protocol})").format(
                bias=abs(biases[protocol]), protocol=protocol
            )
        )
    noises = _means(metrics, _NOISE)
    if noises:
        least, most = min(noises, key=noises.__getitem__), max(noises, key=noises.__getitem__)
        found.append(
            _("noise {least:.2f} ({of_least}) to {most:.2f} ({of_most}) of the target's").format(
                least=noises[least], of_least=least, most=noises[most], of_most=most
            )
        )
    return found


def _means(metrics: Any, ending: str) -> dict[str, float]:
    """Means after standardization by protocol."""
    return {
        name[: -len(ending)]: values["mean"]
        for name, values in metrics.items()
        if name.endswith(ending) and _BEFORE not in name
    }
