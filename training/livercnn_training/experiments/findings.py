"""What a study found, in sentences: computed from the numbers, whatever they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .exam_measures import TARGET_MASK, TRUTH
from .exams import LESIONS, TARGET
from .kind_results import CHANGED, KindResults, mean, name_of
from .standardizers import Standardizer, stage_of

FAILED_BELOW = 0.5
"""A mean Dice at which a protocol is lost, as M40 was in Lee et al. 2023 (0.054)."""


def findings(results: KindResults) -> list[str]:
    """Sentences about one kind of exams, the most important first."""
    if results.kind == LESIONS or not results.rows:
        return []
    found = []
    for segmenter in results.segmenters:
        found.append(_originals(results, segmenter.name))
        for one in results.standardizers:
            found.append(_effect(results, segmenter.name, one))
        if results.networks():
            found += _control_wins(results, segmenter.name)
        elif results.standardizers:
            found.append("No network standardized in this study: its controls stand alone.")
    found += _other_segmenters(results)
    found += _hu_wins(results)
    return [sentence for sentence in found if sentence]


def _originals(results: KindResults, method: str) -> str:
    """How the segmenter does where nothing is standardized."""
    reference = TARGET_MASK if TARGET_MASK in results.references else TRUTH
    dice = {p: results.mean_dice(method, p, None, reference) for p in CHANGED}
    known = {protocol: value for protocol, value in dice.items() if not math.isnan(value)}
    if not known:
        return ""
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    text = (
        f"On the original images, {method} reaches a mean Dice with the {reference} of {known[low]:.3f} "
        f"({low}) to {known[high]:.3f} ({high})"
    )
    lost = [protocol for protocol, value in known.items() if value < FAILED_BELOW]
    if lost:
        return (
            f"{text}; it fails on {_listed(lost)}, as the segmenter of Lee et al. 2023 failed on M40 (0.054)."
        )
    return (
        f"{text}: it fails on no protocol, unlike the segmenter of Lee et al. 2023 (M40 0.054), so that "
        "there is less to gain from standardization."
    )


def _effect(results: KindResults, method: str, one: Standardizer) -> str:
    """On which protocols a standardizer raised the Dice, and on which it lowered it."""
    reference = TARGET_MASK if TARGET_MASK in results.references else TRUTH
    gains = {
        p: results.mean_dice(method, p, one, reference) - results.mean_dice(method, p, None, reference)
        for p in CHANGED
    }
    known = {protocol: gain for protocol, gain in gains.items() if not math.isnan(gain)}
    if not known:
        return ""
    raised = [p for p, gain in known.items() if gain > 0]
    most, least = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    text = (
        f"{one.name} raises the mean Dice of {method} with the {reference} on {len(raised)} of {len(known)} "
        "protocols"
    )
    if raised:
        text += f", most on {most} ({_change(results, method, most, one, reference)})"
    if known[least] < 0:
        text += f"; it lowers it most on {least} ({_change(results, method, least, one, reference)})"
    return text + "."


def _change(results: KindResults, method: str, protocol: str, one: Standardizer, reference: str) -> str:
    before = results.mean_dice(method, protocol, None, reference)
    return f"{before:.3f} to {results.mean_dice(method, protocol, one, reference):.3f}"


def _control_wins(results: KindResults, method: str) -> list[str]:
    """Where a control did as well as a network, or better: a sentence a network, control and reference."""
    sentences = []
    for network in results.networks():
        beaten = False
        for reference in results.references:
            for control in results.controls():
                wins = [
                    words for p in CHANGED if (words := _win(results, method, p, control, network, reference))
                ]
                if wins:
                    beaten = True
                    sentences.append(
                        f"A simple control wins: {name_of(control)} has a mean Dice of {method} with the "
                        f"{reference} at least that of {network.name} on {len(wins)} of {len(CHANGED)} "
                        f"protocols: {'; '.join(wins)}."
                    )
        if not beaten:
            sentences.append(
                f"No simple control reaches the mean Dice of {method} with {network.name} on any protocol."
            )
    return sentences


def _win(
    results: KindResults,
    method: str,
    protocol: str,
    control: Standardizer | None,
    network: Standardizer,
    reference: str,
) -> str:
    """The control's mean beside the network's, and their paired difference; "" where the network is ahead."""
    first = results.values("dice", method, protocol, stage_of(control), reference)
    second = results.values("dice", method, protocol, stage_of(network), reference)
    return difference_words(protocol, first, second)


def difference_words(name: str, first: Mapping[str, float], second: Mapping[str, float]) -> str:
    """Such as "M60 0.957 against 0.951 (difference +0.006, 95 % CI +0.001 to +0.011)"; "" if second is ahead.

    Over the cases that both have.
    """
    from LiverMetricsLib import paired_t

    cases = sorted(set(first) & set(second))
    if not cases:
        return ""
    left, right = [first[case] for case in cases], [second[case] for case in cases]
    if mean(left) < mean(right):
        return ""
    words = f"{name} {mean(left):.3f} against {mean(right):.3f}"
    test = paired_t(left, right)
    if len(cases) < 2 or math.isnan(test.difference_interval.low):
        return words
    interval = test.difference_interval
    return f"{words} (difference {test.difference:+.3f}, 95 % CI {interval.low:+.3f} to {interval.high:+.3f})"


def _other_segmenters(results: KindResults) -> list[str]:
    """A segmenter that needs no standardization is a control, too: against the first one with a network."""
    if TRUTH not in results.references or not results.networks():
        return []
    main = results.segmenters[0]
    sentences = []
    for other in results.segmenters[1:]:
        for network in results.networks():
            wins = []
            for p in CHANGED:
                alone = results.values("dice", other.name, p, stage_of(None), TRUTH)
                helped = results.values("dice", main.name, p, stage_of(network), TRUTH)
                if words := difference_words(p, alone, helped):
                    wins.append(words)
            helped_by = f"that of {main.name} after {network.name}"
            if wins:
                sentences.append(
                    f"A control wins that needs no standardization: {other.name} on original images has a "
                    f"mean Dice with the {TRUTH} at least {helped_by} on {len(wins)} of {len(CHANGED)} "
                    f"protocols: {'; '.join(wins)}."
                )
            else:
                sentences.append(
                    f"The control that needs no standardization, {other.name} on original images, has a mean "
                    f"Dice with the {TRUTH} below {helped_by} on all protocols."
                )
    return sentences


def _hu_wins(results: KindResults) -> list[str]:
    """Where a simple rule comes nearer to the target's HU, or noise, than a network."""
    sentences = []
    for network in results.networks():
        for control in results.controls():
            if control is None:
                continue
            nearer = [p for p in CHANGED if _nearer(results, "bias_hu", 0.0, p, control, network)]
            quieter = [p for p in CHANGED if _nearer(results, "noise_ratio", 1.0, p, control, network)]
            for what, protocols in (("liver HU", nearer), ("noise", quieter)):
                if protocols:
                    sentences.append(
                        f"A simple control wins: {control.name} comes nearer to the {what} of {TARGET} than "
                        f"{network.name} on {_listed(protocols)}."
                    )
    return sentences


def _nearer(
    results: KindResults,
    measure: str,
    ideal: float,
    protocol: str,
    control: Standardizer,
    network: Standardizer,
) -> bool:
    off = [
        abs(mean(results.image_values(measure, protocol, one.name).values()) - ideal)
        for one in (control, network)
    ]
    return off[0] < off[1]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
