"""Verifies that a model is whole and that this machine computes what its makers' machine did."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from LiverCoreLib.bundles import Bundle
from LiverCoreLib.model_error import ModelError

# Strings, not imports: this floor does not know the floors above, and a checkout may lack one of them.
GOLDEN_CHECKS = {
    "unet3d": ("LiverSegmentCNNLib.networks", "verify_golden"),
    "deepmedic3": ("LiverSegmentCNNLib.networks", "verify_golden"),
    "unet2d": ("LiverSegmentCNNLib.networks", "verify_golden"),
    "standardizer": ("LiverStandardizeLib.networks", "verify_golden"),
}


@dataclass(frozen=True)
class Verification:
    """What was verified.

    Attributes:
        id, version, path: The model.
        sha256: Of the whole bundle, see ``Bundle``.
        golden_difference: Largest absolute difference to the stored output; None where it was not computed.
        tolerance: The largest difference that the card allows; None without golden arrays.
        sentence: All of this for people.
    """

    id: str
    version: str
    path: Path
    sha256: str
    golden_difference: float | None
    tolerance: float | None
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {**vars(self), "path": str(self.path)}


def verify_bundle(bundle: Bundle) -> Verification:
    """Compute the golden output of a loaded (so: whole) bundle where torch and its network are there.

    Raises:
        ModelError: ``golden-mismatch`` where this machine computes something else than the card allows.
    """
    difference, sentence = _check_golden(bundle)
    golden = bundle.card.golden
    return Verification(
        id=bundle.card.id,
        version=bundle.card.version,
        path=bundle.path,
        sha256=bundle.sha256,
        golden_difference=difference,
        tolerance=None if golden is None else golden.tolerance,
        sentence=f"'{bundle.card.id}' {bundle.card.version} is whole; {sentence}",
    )


def _check_golden(bundle: Bundle) -> tuple[float | None, str]:
    if bundle.card.golden is None:
        return None, "it has no golden output to compare with."
    check = _golden_check(bundle.card.architecture.name)
    if check is None:
        return None, "its output was not computed, because torch or its network is not installed here."
    difference, tolerance = check(bundle), bundle.card.golden.tolerance
    # Written so that a difference of NaN fails too.
    if not difference <= tolerance:
        raise ModelError(
            f"Model '{bundle.card.id}' computes something else on this machine than it should (difference "
            f"{difference:.2g}, allowed {tolerance:.2g}); do not use it here, and report the machine.",
            id="golden-mismatch",
            found=difference,
            expected=tolerance,
        )
    return (
        difference,
        f"its output differs from the stored one by {difference:.2g} ({tolerance:.2g} allowed).",
    )


def _golden_check(architecture: str) -> Callable[[Bundle], float] | None:
    module_name, function_name = GOLDEN_CHECKS[architecture]
    if importlib.util.find_spec("torch") is None or not _exists(module_name):
        return None
    check: Callable[[Bundle], float] = getattr(importlib.import_module(module_name), function_name)
    return check


def _exists(module_name: str) -> bool:
    """Whether a module can be found; unlike a caught ImportError this does not hide a broken one."""
    package, _, _ = module_name.rpartition(".")
    return importlib.util.find_spec(package) is not None and importlib.util.find_spec(module_name) is not None
