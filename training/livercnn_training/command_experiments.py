"""``livercnn experiments protocols|pretest``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

SUMMARY = "measure what protocols and standardization do to segmentation, and choose the target protocol"

Progress = Callable[[float, str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="EXPERIMENT", required=True)
    protocols = actions.add_parser(
        "protocols",
        help="segmentation of original and standardized images of six protocols, as Lee et al. 2023",
        description="Segment exams in six protocols, original and standardized, and compare with the mask on "
        "M80 images and with the true liver: report.html, tables, figures. What was measured is kept: the "
        "same command goes on where it was stopped, and one with a model or standardizer more measures that "
        "alone. A phantom of 256 x 256 x 80 voxels takes about 20 CPU seconds to scan and 40 MB, and 2 to 5 "
        "seconds for each of its masks: 6 for each --model, and 5 more for each standardizer.",
    )
    _add_protocols(protocols)
    pretest = actions.add_parser(
        "pretest",
        help="which protocol a segmenter serves best, on a few exams",
        description="Segment a few exams in every protocol and say which protocol serves the segmenter best: "
        "by Dice with the true liver where every exam has it, else by agreement between the protocols.",
    )
    pretest.add_argument("out", metavar="OUT", help="folder for scans, masks and report")
    pretest.add_argument("--model", metavar="ID|PATH", help="the segmenter (default: the default CT model)")
    pretest.add_argument(
        "--exams", type=_count(1), default=5, metavar="N", help="phantoms to look at (default: 5)"
    )
    pretest.add_argument(
        "--folder", metavar="FOLDER", help="exams of your own instead: FOLDER/EXAM/FBP.nii.gz and so on"
    )
    _add_common(pretest)


def _add_protocols(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="OUT", help="folder for scans, masks, journal and report")
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="ID|PATH",
        help="a segmenter; again for more, as one trained on all protocols (default: the default CT model)",
    )
    parser.add_argument(
        "--standardizer",
        action="append",
        default=[],
        metavar="ID|PATH",
        help="a standardizer; again for more (default: the default one, if it is installed)",
    )
    parser.add_argument(
        "--no-network", action="store_true", help="no standardizer by default: the simple controls alone"
    )
    parser.add_argument(
        "--no-controls",
        dest="controls",
        action="store_false",
        help="leave the controls out: a line of HU for each protocol, and histogram matching",
    )
    parser.add_argument(
        "--phantoms",
        type=_count(0),
        default=40,
        metavar="N",
        help="phantoms, ages as in Lee 2023 (default: 40)",
    )
    parser.add_argument(
        "--lesion-phantoms",
        type=_count(0),
        default=3,
        metavar="N",
        help="phantoms with lesions of 5 to 30 mm, for the contrast that is kept (default: 3)",
    )
    parser.add_argument(
        "--cts", action="store_true", help="also the validation CTs of LIVERCNN_DATA, turned into protocols"
    )
    parser.add_argument(
        "--folder",
        metavar="FOLDER",
        help="also exams of your own: FOLDER/EXAM/FBP.nii.gz and so on, with M80",
    )
    parser.add_argument(
        "--fit",
        type=_count(1),
        default=4,
        metavar="N",
        help="training exams of each kind on which the controls are fitted (default: 4)",
    )
    _add_common(parser)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--size", type=_count(32), default=256, metavar="PIXELS", help="of a phantom's slice (default: 256)"
    )
    parser.add_argument(
        "--slices", type=_count(16), default=80, metavar="N", help="of a phantom (default: 80)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--threads", type=_count(1), metavar="N", help="CPU threads to use (default: all)")


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Run one experiment and say what came of it. Raises LiverCNNError for what a user can mend."""
    actions = {"protocols": _protocols, "pretest": _pretest}
    return actions[args.action](args, progress or (lambda fraction, message: None))


def _protocols(args: argparse.Namespace, progress: Progress) -> int:
    from pathlib import Path

    from livercnn_training.experiments.findings import findings
    from livercnn_training.experiments.phantom_exams import PhantomSize
    from livercnn_training.experiments.study import StudyRequest, run_study
    from livercnn_training.experiments.study_report import cost_words

    request = StudyRequest(
        folder=Path(args.out),
        models=tuple(args.model),
        standardizers=_standardizers(args),
        controls=args.controls,
        phantoms=args.phantoms,
        lesion_phantoms=args.lesion_phantoms,
        size=PhantomSize(args.size, args.slices),
        cts=args.cts,
        own=Path(args.folder) if args.folder else None,
        fit=args.fit,
        device=args.device,
        threads=args.threads,
    )
    outcome = _keeping(lambda: run_study(request, progress))
    for results in outcome.kinds:
        recalled = sum(one.recalled for one in results.done)
        print(
            f"{results.kind}: {len(results.done)} measured ({recalled} of them by an earlier run), "
            f"{len(results.failed)} failed; {cost_words(results)}."
        )
        for one in results.failed:
            print(f"Failed: {one.plan.name}: {one.error} [{one.error_id}]")
        for sentence in findings(results):
            print(f"- {sentence}")
    print(f"Wrote {outcome.page}, its figures and tables.")
    return 0


def _standardizers(args: argparse.Namespace) -> tuple[str, ...]:
    """Those asked for; else the default one, and a line where there is none."""
    from LiverCoreLib.model_error import ModelError
    from LiverCoreLib.registry import default_model, find_model

    if args.standardizer or args.no_network:
        return tuple(args.standardizer)
    try:
        model = default_model("standardize", "CT")
        find_model(model)
    except ModelError as error:
        print(f"Note: no network standardizes in this study: {error}")
        return ()
    return (model,)


def _pretest(args: argparse.Namespace, progress: Progress) -> int:
    from pathlib import Path

    from livercnn_training.experiments.own_exams import own_plans
    from livercnn_training.experiments.phantom_exams import FIRST_FIT_SEED, PhantomSize, phantom_plans
    from livercnn_training.experiments.pretest import run_pretest
    from livercnn_training.experiments.study import load_segmenters

    if args.folder:
        plans = own_plans(Path(args.folder), needs_target=False)
    else:
        # The exams on which a target is chosen are those of training, not those of the study to come.
        plans = phantom_plans(args.exams, PhantomSize(args.size, args.slices), FIRST_FIT_SEED)
    (segmenter,) = load_segmenters([args.model] if args.model else [], args.device, args.threads)
    outcome = _keeping(lambda: run_pretest(plans, segmenter, Path(args.out), progress))
    print(outcome.sentence)
    for name, error in outcome.failed.items():
        print(f"Failed: {name}: {error}")
    print(f"Wrote {outcome.page}, pretest.csv and a figure.")
    return 0


def _keeping(work: Callable[[], Any]) -> Any:
    """What the work gives; who stops it is told that it can go on."""
    from LiverCoreLib.errors import Cancelled

    try:
        return work()
    except (KeyboardInterrupt, Cancelled):
        print("Stopped; what was measured is kept, and the same command goes on from there.")
        raise


def _count(least: int) -> Callable[[str], int]:
    """A type for argparse: a whole number, not too small."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} on, not {text!r}")
        return value

    return read
