"""``livercnn train``: train a network by a recipe and export its bundle."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "train a network by a recipe"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from LiverCoreLib.shared_arguments import add_processor_arguments

    parser.add_argument("config", metavar="CONFIG.yaml", help="recipe, or the name of one that is installed")
    parser.add_argument(
        "--pack", required=True, help="packed cases or sections (livercnn pack, pack-sections)"
    )
    parser.add_argument("--out", required=True, help="folder of the run; a run there is taken up again")
    add_processor_arguments(parser)
    parser.add_argument(
        "--initial-weights", metavar="FILE", help="average.safetensors of a run to start from"
    )
    parser.add_argument(
        "--minutes", type=float, help="stop after this long with all saved; run again to go on"
    )
    parser.add_argument("--export", metavar="FOLDER", help="write the model bundle here at the end")
    parser.add_argument("--about", metavar="ABOUT.yaml", help="the card's texts (needed for --export)")


def run(args: argparse.Namespace, progress: Any) -> int:
    """Train, print how it went, and export when asked to."""
    from pathlib import Path

    import torch

    from livercnn_training.config import ConfigError, load_config
    from livercnn_training.loop import train
    from livercnn_training.trainers import open_training_data
    from LiverCoreLib.devices import choose_device

    if args.export and not args.about:
        raise ConfigError("--export needs --about: a card without its texts says nothing.")
    recipe = Path(args.config)
    if not recipe.suffix:
        recipe = Path(__file__).parent / "configs" / f"{args.config}.yaml"
    config = load_config(recipe)
    if args.threads:
        torch.set_num_threads(args.threads)
    choice = choose_device(args.device)
    print(choice.sentence)
    cases, about = open_training_data(config, Path(args.pack))
    summary = train(
        config,
        cases,
        Path(args.out),
        torch.device(choice.device),
        progress=progress,
        about=about,
        stop_after_seconds=60 * args.minutes if args.minutes else None,
        initial_weights=Path(args.initial_weights) if args.initial_weights else None,
    )
    state = "finished" if summary["finished"] else "stopped, run the same command to go on"
    print(
        f"{config.name}: {summary['steps']} of {config.steps} steps in {summary['seconds']:.0f} s ({state})."
    )
    for row in summary["history"][-1:]:
        figures = {name: value for name, value in row["validation"].items() if isinstance(value, float)}
        print(
            f"Held out, at step {row['step']}: " + ", ".join(f"{n} {v:.4g}" for n, v in figures.items()) + "."
        )
    if args.export:
        from livercnn_training.export import export_run

        bundle = export_run(Path(args.out), Path(args.about), Path(args.export), f"configs/{recipe.name}")
        print(f"Model {bundle.card.id} {bundle.card.version}: {args.export}")
    return 0
