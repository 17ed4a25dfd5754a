"""``livercnn models list|show|verify|install|export``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from LiverCoreLib.card import Card

SUMMARY = "list, show, verify, install and export models"

Progress = Callable[[float, str], None]

_MODEL_HELP = "id of an installed model, or the folder or zip of a bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    listing = actions.add_parser(
        "list", help="the installed models, the default ones marked", description="List the installed models."
    )
    _add_json(listing)

    show = actions.add_parser(
        "show",
        help="what a model is for, what it was measured on, where it fails",
        description="Show a model's card.",
    )
    show.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    _add_json(show)

    verify = actions.add_parser(
        "verify",
        help="check files, checksums and the golden output",
        description="Verify a model on this machine.",
    )
    verify.add_argument("model", metavar="MODEL", nargs="?", help=f"{_MODEL_HELP} (default: all installed)")
    _add_json(verify)

    install = actions.add_parser(
        "install",
        help="install a model from a file; needs no network",
        description="Install a model for this user.",
    )
    install.add_argument("source", metavar="ZIP_OR_FOLDER", help="the bundle")
    install.add_argument("--replace", action="store_true", help="replace another version of the same id")

    export = actions.add_parser(
        "export", help="write a model as one zip, to install it elsewhere", description="Export a model."
    )
    export.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    export.add_argument("zip", metavar="ZIP", help="the .zip to write")


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Run one subcommand. Raises ModelError and OutputError for what a user can mend."""
    actions = {"list": _list, "show": _show, "verify": _verify, "install": _install, "export": _export}
    return actions[args.action](args, progress)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _list(args: argparse.Namespace, progress: Progress | None) -> int:
    from LiverCoreLib.registry import default_ids, list_models, search_path

    models, defaults = list_models(), default_ids()
    if args.json:
        rows = [
            {
                "id": model.id,
                "path": str(model.path),
                "version": None if model.card is None else model.card.version,
                "task": None if model.card is None else model.card.task,
                "modality": None if model.card is None else model.card.modality,
                "default": model.id in defaults,
                "problem": model.problem,
            }
            for model in models
        ]
        print(json.dumps(rows, indent=2))
    elif not models:
        folders = "\n".join(f"  {folder}" for folder in search_path())
        print(
            f"No models are installed. Searched:\n{folders}\nInstall one with `livercnn models install ZIP`."
        )
    else:
        for model in models:
            if model.card is None:
                print(f"{model.id}: cannot be used. {model.problem} ({model.path})")
                continue
            card, mark = model.card, " (default)" if model.id in defaults else ""
            print(
                f"{model.id} {card.version}{mark}: {card.name}; {card.task}, {card.modality} ({model.path})"
            )
    return 0


def _show(args: argparse.Namespace, progress: Progress | None) -> int:
    from LiverCoreLib.bundles import load_bundle
    from LiverCoreLib.registry import find_model

    bundle = load_bundle(find_model(args.model))
    if args.json:
        print(
            json.dumps(
                {**bundle.card.to_dict(), "bundle_sha256": bundle.sha256}, indent=2, ensure_ascii=False
            )
        )
        return 0
    for label, text in _card_lines(bundle.card):
        print(f"{label + ':':<16}{text}")
    print(f"{'bundle SHA-256:':<16}{bundle.sha256}")
    print(f"{'path:':<16}{bundle.path}")
    return 0


def _verify(args: argparse.Namespace, progress: Progress | None) -> int:
    from LiverCoreLib.model_error import ModelError
    from LiverCoreLib.registry import list_models, verify_model

    targets = [args.model] if args.model else [model.path for model in list_models()]
    results, problems = [], []
    for index, target in enumerate(targets):
        if progress is not None:
            progress(index / len(targets), f"Verifying {target}")
        try:
            results.append(verify_model(target))
        except ModelError as error:
            if args.model:
                raise
            problems.append((target, error))
    if args.json:
        print(json.dumps([result.to_dict() for result in results], indent=2))
    else:
        print("\n".join(result.sentence for result in results) if targets else "No models are installed.")
    if problems:
        sentences = " ".join(f"{target}: {error}" for target, error in problems)
        raise ModelError(
            f"{len(problems)} of {len(targets)} models cannot be used. {sentences}", id=problems[0][1].id
        )
    return 0


def _install(args: argparse.Namespace, progress: Progress | None) -> int:
    from LiverCoreLib.registry import find_model, install_model

    model = install_model(args.source, replace=args.replace)
    version = model.card.version if model.card is not None else ""
    print(f"Installed '{model.id}' {version} in {model.path}.")
    used = find_model(model.id)
    if used != model.path:
        print(f"Note: '{model.id}' in {used} comes first on the search path and stays the one that is used.")
    return 0


def _export(args: argparse.Namespace, progress: Progress | None) -> int:
    from LiverCoreLib.registry import export_model

    path = export_model(args.model, args.zip)
    print(f"Wrote {path} ({path.stat().st_size / 1e6:.1f} MB).")
    return 0


def _card_lines(card: Card) -> Iterator[tuple[str, str]]:
    """A card as labelled lines for people."""
    yield "model", f"{card.id} {card.version}: {card.name}"
    yield "task", f"{card.task} {card.modality}, network {card.architecture.name}"
    spacing = " x ".join(f"{edge:g}" for edge in card.input.spacing_mm)
    low, high = card.input.hu_window
    yield "input", f"{spacing} mm, window {low:g} to {high:g} HU"
    yield "intended use", card.intended_use
    for text in card.out_of_scope_use:
        yield "not for", text
    for text in card.failure_modes:
        yield "may fail", text
    for data in card.training["data"]:
        yield "trained on", f"{data['name']}: {data['cases']} cases, {data['licence']}"
    for entry in card.evaluation:
        metrics = "; ".join(f"{name} {_summary(values)}" for name, values in entry["metrics"].items())
        yield "measured on", f"{entry['data_set']} ({entry['kind']}, n = {entry['n']}): {metrics}"
        yield "  by", entry["command"]
    if not card.evaluation:
        yield "measured on", "nothing yet"
    yield "weights", f"{card.weights.size_bytes / 1e6:.1f} MB, {card.weights_licence}"
    for text in card.citations:
        yield "cite", text


def _summary(values: Mapping[str, Any]) -> str:
    """{"mean": .96, "min": .93, "max": .97} -> "mean 0.96, min 0.93, max 0.97"; absent values left out."""
    parts = []
    for name, value in values.items():
        if isinstance(value, list):
            value = None if None in value else f"{value[0]:.4g} to {value[1]:.4g}"
        elif value is not None:
            value = f"{value:.4g}"
        if value is not None:
            parts.append(f"{name} {value}")
    return ", ".join(parts)
