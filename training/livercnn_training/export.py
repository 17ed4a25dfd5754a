"""From a training run to a model bundle: fp16 weights, a golden test, a card."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from livercnn_training.checkpoint import read_tensors
from livercnn_training.config import ConfigError, TrainConfig, config_from_dict, load_yaml


def export_run(run: Path, about_file: Path, bundle_folder: Path, recipe_name: str) -> Any:
    """Write the bundle of a finished (or stopped) run and return it, loaded back and checked.

    ``about_file`` (YAML) holds what no run can know: name, version, uses, failure modes, licence, citations
    and the data's licences by set. Raises ConfigError where the run or the file is not whole, ModelError for
    a bad card.
    """
    from LiverCoreLib.bundles import write_bundle

    state = _read_json(run / "last.json")
    config = config_from_dict(state["config"])
    about = load_yaml(about_file)
    kind = _exporter(config)
    averaged = read_tensors(run / "average.safetensors")
    network = kind.deployed_network(config, {n: torch.from_numpy(value) for n, value in averaged.items()})
    # The stored fp16 weights are what everyone will run: the golden output is computed from them.
    weights = {name: value.half().numpy() for name, value in network.state_dict().items()}
    network.load_state_dict({name: torch.from_numpy(value).float() for name, value in weights.items()})
    golden = kind.make_golden(network, config)
    return write_bundle(bundle_folder, make_card(config, state, about, recipe_name), weights, golden)


def _exporter(config: TrainConfig) -> Any:
    """Return the module that knows what bundles of this recipe's kind hold."""
    if config.network == "standardizer":
        from livercnn_training import export_standardizer

        return export_standardizer
    from livercnn_training import export_segmenter

    return export_segmenter


def make_card(
    config: TrainConfig, state: dict[str, Any], about: dict[str, Any], recipe_name: str
) -> dict[str, Any]:
    """Return the card as plain data; sizes, hashes and evaluation are filled in elsewhere."""
    try:
        return {
            "schema_version": 1,
            "id": config.name,
            "name": about["name"],
            "version": str(about["version"]),
            "modality": "CT",
            **_exporter(config).card_parts(config, about),
            "training": {
                "data": _data_rows(config, state, about),
                "recipe": recipe_name,
                "seed": config.seed,
                "commit": _commit(),
                "versions": {
                    "torch": torch.__version__,
                    "numpy": np.__version__,
                    "python": sys.version.split()[0],
                },
                "hardware": state["hardware"],
                "duration_s": round(state["seconds"] + float(about.get("earlier_duration_s", 0.0)), 1),
                "steps": state["step"],
                "notes": about["training_notes"],
            },
            "evaluation": [],
            "intended_use": about["intended_use"],
            "out_of_scope_use": list(about["out_of_scope_use"]),
            "failure_modes": list(about["failure_modes"]),
            "weights_licence": about["weights_licence"],
            "citations": list(about["citations"]),
        }
    except KeyError as error:
        raise ConfigError(f"The card's text lacks {error}.") from error


def set_evaluation(bundle_folder: Path, evaluation: list[dict[str, Any]]) -> Any:
    """Put measurements into a bundle's card and return the bundle, checked.

    They take the place of earlier ones of the same command; those of other commands (another split, --fast)
    stay. Exporting new weights starts with none.
    """
    from LiverCoreLib.bundles import load_bundle, write_bundle

    bundle = load_bundle(bundle_folder)
    card = bundle.card.to_dict()
    commands = {entry["command"] for entry in evaluation}
    kept = [entry for entry in card["evaluation"] if entry["command"] not in commands]
    card["evaluation"] = kept + evaluation
    weights = {name: np.asarray(value, np.float16) for name, value in bundle.weights.items()}
    golden = {name: np.asarray(value) for name, value in (bundle.golden or {}).items()}
    return write_bundle(bundle_folder, card, weights, golden)


def _data_rows(config: TrainConfig, state: dict[str, Any], about: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row a data set: how many of the packed cases were trained on, and under which terms."""
    trained = [name for name in state["about"]["cases"] if name not in config.validation.cases]
    counts: dict[str, int] = {}
    for name in trained:
        counts[name.split("/")[0]] = counts.get(name.split("/")[0], 0) + 1
    return [
        {"name": key, "cases": n, "licence": about["data_licences"][key]} for key, n in sorted(counts.items())
    ]


def _commit() -> str:
    """Return the checkout's commit, or "unknown" outside one."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ConfigError(f"'{path}' is not there or not whole; train first.") from error
