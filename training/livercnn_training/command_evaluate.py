"""``livercnn evaluate``: a model's figures on labelled scans, and into its card."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "measure a model on labelled scans, or a standardizer on exams in six protocols"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from LiverCoreLib.shared_arguments import add_processor_arguments

    parser.add_argument("model", metavar="MODEL", help="id, folder or zip of a model")
    parser.add_argument("--folder", help="plain folder of cases (default: the shared data of LIVERCNN_DATA)")
    parser.add_argument(
        "--split", default="validation", help="split of the shared data (default: validation)"
    )
    parser.add_argument(
        "--sets",
        default="ct-btcv,ct-lits",
        help="sets of the shared data, or none (default: ct-btcv,ct-lits)",
    )
    parser.add_argument("--cases", help="only these cases, separated by commas")
    add_processor_arguments(parser)
    parser.add_argument("--fast", action="store_true", help="as in livercnn segment")
    parser.add_argument("--threshold", type=float, help="as in livercnn segment")
    parser.add_argument(
        "--no-postprocess", dest="postprocess", action="store_false", help="as in livercnn segment"
    )
    parser.add_argument(
        "--phantoms", type=int, default=10, help="of a standardizer: phantoms, besides the CTs (default: 10)"
    )
    parser.add_argument(
        "--slices", type=int, default=40, help="of a standardizer: slices of each exam (default: 40)"
    )
    parser.add_argument("--out", metavar="FOLDER", help="write cases.csv, evaluation.json and the masks here")
    parser.add_argument("--update-card", action="store_true", help="put the figures into the model's card")


def run(args: argparse.Namespace, progress: Any) -> int:
    """Measure the model as its task asks, print the tables, and write what was asked for."""
    import json
    from pathlib import Path

    from livercnn_training.data.cases import DataError
    from LiverCoreLib import bundles, registry

    if args.update_card and not Path(args.model).is_dir():
        raise DataError("--update-card needs the model as a folder.")
    task = bundles.read_card(registry.find_model(args.model)).task
    out = Path(args.out) if args.out else None
    measure = _standardizer if task == "standardize" else _segmenter
    entries = measure(args, out, progress)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "evaluation.json").write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
        print(f"Wrote {out / 'evaluation.json'}.")
    if args.update_card:
        from livercnn_training.export import set_evaluation

        set_evaluation(Path(args.model), entries)
        print(f"The card of {args.model} holds these figures now.")
    return 0


def _segmenter(args: argparse.Namespace, out: Any, progress: Any) -> list[dict[str, Any]]:
    """Segment the cases, compare, print the tables, and return the card's entries."""
    from livercnn_training.evaluate import evaluate, evaluation_entries, table_lines, write_table
    from LiverSegmentCNNLib.model import load_model

    options = {
        "device": args.device,
        "threads": args.threads,
        "fast": args.fast,
        "threshold": args.threshold,
        "postprocess": args.postprocess,
    }
    cases = _cases(args)
    results = evaluate(cases, load_model(args.model), options, out / "masks" if out else None, progress)
    entries = evaluation_entries(results, command_line(args))
    print("\n".join(table_lines(results, entries)))
    for result in results:
        for warning in result.warnings:
            print(f"{result.case}: warning: {warning}")
    if out:
        write_table(results, out / "cases.csv")
        print(f"Wrote {out / 'cases.csv'} and the masks.")
    return entries


def _standardizer(args: argparse.Namespace, out: Any, progress: Any) -> list[dict[str, Any]]:
    """Standardize phantoms and CTs in all protocols, print the tables, and return the card's entries."""
    from livercnn_training.evaluate_standardizer import (
        evaluate_exams,
        evaluation_entries,
        evaluation_plans,
        table_lines,
    )
    from livercnn_training.experiments.standardizers import NetworkStandardizer
    from LiverCoreLib.devices import limit_threads

    standardizer = NetworkStandardizer.load(args.model, args.device)
    window = standardizer.model.card.input.hu_window
    plans = evaluation_plans(args.phantoms, args.slices, _cases(args) if args.sets != "none" else [])
    tell = progress or (lambda fraction, message: None)
    with limit_threads(args.threads):
        figures = evaluate_exams(plans, standardizer, window, tell)
    entries = evaluation_entries(figures, standardizer_command_line(args))
    print("\n".join(table_lines(entries)))
    return entries


def _cases(args: argparse.Namespace) -> list[Any]:
    """Return the labelled cases that were asked for. Raises DataError where there are none."""
    from pathlib import Path

    from livercnn_training.data.cases import DataError, folder_cases, shared_cases

    if args.folder:
        cases = folder_cases(Path(args.folder), split="validation")
    else:
        cases = shared_cases(args.split, args.sets.split(","))
    if args.cases:
        wanted = args.cases.split(",")
        unknown = sorted(set(wanted) - {case.name for case in cases})
        if unknown:
            raise DataError(f"No such case: {', '.join(unknown)}.")
        cases = [case for case in cases if case.name in wanted]
    if not cases:
        raise DataError(f"No cases: the split '{args.split}' of {args.sets} is empty.")
    return cases


def command_line(args: argparse.Namespace) -> str:
    """Return the command that gives these figures again, without this machine's paths."""
    from pathlib import Path

    parts = ["livercnn evaluate", Path(args.model).name]
    parts += ["--folder FOLDER"] if args.folder else [f"--split {args.split}", f"--sets {args.sets}"]
    parts += [f"--cases {args.cases}"] if args.cases else []
    parts += ["--fast"] if args.fast else []
    parts += [f"--threshold {args.threshold:g}"] if args.threshold is not None else []
    parts += [] if args.postprocess else ["--no-postprocess"]
    return " ".join(parts)


def standardizer_command_line(args: argparse.Namespace) -> str:
    """Return the command that gives a standardizer's figures again, without this machine's paths."""
    from pathlib import Path

    parts = [
        "livercnn evaluate",
        Path(args.model).name,
        f"--phantoms {args.phantoms}",
        f"--slices {args.slices}",
    ]
    parts += ["--folder FOLDER"] if args.folder else [f"--split {args.split}", f"--sets {args.sets}"]
    parts += [f"--cases {args.cases}"] if args.cases else []
    return " ".join(parts)
