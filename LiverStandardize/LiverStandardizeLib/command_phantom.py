"""``livercnn phantom``: a synthetic abdomen in the six protocols as files, or the simulation's figures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

SUMMARY = "make a synthetic abdomen in the six protocols, or measure the CT simulation (--verify)"

Progress = Callable[[float, str], None]

SEXES = ("male", "female")
FORMATS = ("nii.gz", "nrrd", "dicom")
CHALLENGES = (
    "low-dose",
    "low-contrast",
    "hypodense-lesions",
    "ascites",
    "resected",
    "far-left-lobe",
    "arms-down",
    "metal",
)
WORDINGS = ("standard", "siemens", "ge", "philips", "canon")
LOWEST_SIZE, HIGHEST_SIZE = 64, 512
FEWEST_SLICES, MOST_SLICES = 16, 400
DRAWN = 0.9
"""Share of the time after which the phantom is made and writing starts."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments. What makes a phantom has no meaning beside --verify and is ignored there."""
    from .simulated_arguments import PHASES, add_protocols_arguments, whole_number

    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "out",
        nargs="?",
        metavar="OUT",
        help="folder for phantom-SEED_PROTOCOL images with their .json, exact labels of organs, "
        "and of vessels and lesions in the liver, and a picture",
    )
    what.add_argument(
        "--verify",
        action="store_true",
        help="print attenuation, CT numbers, noise and sharpness of both engines beside their references; "
        "exit code 1 if any is out of its range; some 35 CPU seconds",
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0, 2**32 - 1),
        default=0,
        metavar="N",
        help="which person: measures that are not given, anatomy, contrast and noise (default: 0)",
    )
    parser.add_argument(
        "--age",
        type=float,
        metavar="YEARS",
        help="0 to 50, such as 0.5 (default: an adult of the seed's age)",
    )
    parser.add_argument("--sex", choices=SEXES, help="default: the seed's")
    parser.add_argument(
        "--bmi", type=float, metavar="KG_PER_M2", help="default: the seed's, as usual at that age"
    )
    add_protocols_arguments(parser, "which reconstructions: some of {protocols} (default: all)")
    parser.add_argument(
        "--phase", choices=PHASES, default=PHASES[0], help="contrast medium: portal (default) or unenhanced"
    )
    parser.add_argument(
        "--challenge",
        nargs="+",
        default=(),
        choices=CHALLENGES,
        metavar="NAME",
        help=f"what makes the liver hard to find: some of {', '.join(CHALLENGES)}; metal takes some seconds "
        "more for each of its 15 to 20 sections",
    )
    parser.add_argument(
        "--lesion",
        nargs="+",
        default=(),
        metavar="DIAMETER_MM[:KIND]",
        help="lesions at random places in the liver, 5 to 150 mm; kinds: metastasis (default), cyst, "
        "hypervascular",
    )
    parser.add_argument(
        "--size",
        type=whole_number(LOWEST_SIZE, HIGHEST_SIZE),
        default=256,
        metavar="PIXELS",
        help=f"pixels across a field that fits the person, {LOWEST_SIZE} to {HIGHEST_SIZE} (default: 256); "
        "256 with 100 slices take some 15 CPU seconds and 1 GB, 512 four times that",
    )
    parser.add_argument(
        "--slices",
        type=whole_number(FEWEST_SLICES, MOST_SLICES),
        default=100,
        metavar="N",
        help=f"slices from the heart to the pelvis, {FEWEST_SLICES} to {MOST_SLICES} (default: 100)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="of the images and labels (default: nii.gz); dicom: a folder with a series per protocol",
    )
    parser.add_argument(
        "--wording",
        choices=WORDINGS,
        default=WORDINGS[0],
        help="whose way the headers name a reconstruction: the standard's (default) or a vendor's; "
        "vendors but siemens have no optimum contrast (OPT)",
    )
    parser.add_argument(
        "--no-picture", dest="picture", action="store_false", help="do not draw all protocols side by side"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """0 if the files were written or all figures lie in their ranges; 1 if any figure does not."""
    return _verify(args, progress) if args.verify else _make(args, progress)


def _make(args: argparse.Namespace, progress: Progress | None) -> int:
    from LiverCoreLib.result_folder import check_folder

    from .simulated_arguments import require_picture
    from .simulation.challenges import Challenges, lesion_of
    from .simulation.people import draw_adult, draw_person
    from .simulation.phantom_files import write_phantom
    from .simulation.phantom_scan import make_six
    from .simulation.protocols.six import Settings
    from .simulation.wordings import wanted_protocols

    if args.age is None:
        person = draw_adult(args.seed, sex=args.sex, bmi=args.bmi)
    else:
        person = draw_person(args.seed, age_years=args.age, sex=args.sex, bmi=args.bmi)
    protocols = wanted_protocols(args.protocols, args.wording)
    challenges = Challenges.named(args.challenge, [lesion_of(text) for text in args.lesion])
    if args.picture:
        require_picture("phantom")
    check_folder(args.out)
    settings = Settings(ir_strength=args.ir_strength)
    scan = make_six(
        args.seed,
        size=(args.size, args.size, args.slices),
        phase=args.phase,
        person=person,
        challenges=challenges,
        protocols=protocols,
        settings=settings,
        progress=_share(progress, 0.0, DRAWN),
    )
    paths = write_phantom(
        scan,
        args.out,
        f"phantom-{args.seed}",
        settings=settings,
        file_format=args.format,
        wording=args.wording,
        picture=args.picture,
        progress=_share(progress, DRAWN, 1.0),
    )
    if args.json:
        files = [str(path) for path in paths]
        told = {
            "seed": args.seed,
            "person": person.to_dict(),
            **scan.contrast.to_dict(),
            "challenges": scan.challenges.to_dict(),
        }
        print(json.dumps({**told, "files": files}, indent=2))
    else:
        for path in paths:
            print(path)
    return 0


def _verify(args: argparse.Namespace, progress: Progress | None) -> int:
    from .check_table import checks_as_text
    from .simulation.checks import run_checks

    checks = run_checks(progress)
    print(checks_as_text(checks, as_json=args.json))
    return 0 if all(check.passed for check in checks) else 1


def _share(progress: Progress | None, start: float, stop: float) -> Progress | None:
    """A part of the progress for a part of the work."""
    if progress is None:
        return None
    report = progress
    return lambda fraction, message: report(start + (stop - start) * fraction, message)
