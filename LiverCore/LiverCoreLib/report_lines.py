"""What every report of a network says, as lines for people."""

from __future__ import annotations

from typing import Any

_LEAST_SHOWN_S = 0.05  # less would be shown as 0.0


def run_lines(report: dict[str, Any]) -> list[str]:
    """How long it took, which model it was and where it ran, and the warnings.

    report: plain data with ``timings_s`` (``total`` and the stages, s), ``provenance`` and ``warnings``.
    """
    timings = report["timings_s"]
    stages = ", ".join(
        f"{name} {seconds:.1f}"
        for name, seconds in timings.items()
        if name != "total" and seconds >= _LEAST_SHOWN_S
    )
    provenance = report["provenance"]
    return [
        f"Time: {timings['total']:.1f} s ({stages})",
        f"Model: {provenance['model']['id']}. {provenance['device']['sentence']}",
        *(f"Warning: {warning}" for warning in report["warnings"]),
    ]
