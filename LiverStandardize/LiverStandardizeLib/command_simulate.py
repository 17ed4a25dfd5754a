"""``livercnn simulate``: a real single-energy CT in the six protocols, or under stress, as files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any, Optional

SUMMARY = "show a real CT in the six protocols, or under stress: dose, kernel, keV, iodine, thickness"

Progress = Optional[Callable[[float, str], None]]

NOISES = ("own", "fresh", "none")
FORMATS = ("nii.gz", "nrrd")
LABELS_ARE = ("auto", "organs", "liver")
MIXED, LOWEST_KV, HIGHEST_KV = "mixed", 70.0, 140.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from LiverCoreLib.shared_arguments import add_series_argument

    from .simulated_arguments import PHASES, add_protocols_arguments

    parser.add_argument(
        "ct",
        metavar="CT",
        help="CT of the abdomen at one energy: .nii(.gz), .nrrd, .mha, .mhd, a DICOM folder or a file in one",
    )
    parser.add_argument(
        "out",
        metavar="OUT",
        help="folder for NAME_PROTOCOL images with their .json, NAME.json with what was found, NAME.png",
    )
    add_series_argument(parser)
    parser.add_argument(
        "--labels",
        metavar="LABELS",
        help="organs, or the liver, drawn on this CT: iodine is more certain then",
    )
    parser.add_argument(
        "--labels-are",
        choices=LABELS_ARE,
        default=LABELS_ARE[0],
        help="organs: 1 spleen, 2 and 3 kidneys, 4 gallbladder, 5 oesophagus, 6 liver, 7 stomach, 8 aorta, 9 "
        "vena cava, 10 portal vein, 11 pancreas, 12 and 13 adrenals; liver: 1, and 2 its tumours; auto "
        "(default): liver if there is nothing but 1 and 2",
    )
    add_protocols_arguments(parser, "some of {protocols} (default: all; FBP for a sweep)")
    parser.add_argument(
        "--sweep",
        nargs="+",
        metavar=("KIND", "VALUE"),
        help="each protocol for each value: dose (times the CT's), kernel (lp/cm at one half; the CT's is "
        "taken for 3.8), kev (40 to 140), iodine (times the CT's) or thickness (mm)",
    )
    parser.add_argument(
        "--noise",
        choices=NOISES,
        default=NOISES[0],
        help="own (default): that of the CT, shared by the energies as those of a scanner would; fresh: new "
        "noise of the same strength; none",
    )
    parser.add_argument(
        "--kv",
        type=_tube_voltage,
        metavar="KV",
        help=f"tube voltage of the CT, {LOWEST_KV:g} to {HIGHEST_KV:g}: iodine is the brighter the lower it "
        f"is; or {MIXED}, for the mix of a scanner's two (default: what headers say, else 120)",
    )
    parser.add_argument("--phase", choices=PHASES, help="if you know it (default: by labels or HU)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the noise that is drawn (default: 0)"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default=FORMATS[0], help="of the images (default: nii.gz)"
    )
    parser.add_argument(
        "--no-picture", dest="picture", action="store_false", help="do not draw all images side by side"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, progress: Progress) -> int:
    """Write the images. Raises LiverCNNError for what a user can mend."""
    from .protocol.names import PROTOCOLS
    from .simulated_arguments import require_picture
    from .simulation.real_ct.job import SimulateRequest, simulate_file
    from .simulation.real_ct.stress import sweep_of

    stresses = sweep_of(args.sweep)
    if args.picture:
        require_picture("simulate")
    protocols = args.protocols or (PROTOCOLS if args.sweep is None else PROTOCOLS[:1])
    request = SimulateRequest(
        ct=args.ct,
        out=args.out,
        series=args.series,
        labels=args.labels,
        labels_are=args.labels_are,
        protocols=tuple(name for name in PROTOCOLS if name in protocols),
        ir_strength=args.ir_strength,
        stresses=tuple(stresses),
        noise=args.noise,
        kv=args.kv,
        phase=args.phase,
        seed=args.seed,
        file_format=args.format,
        picture=args.picture,
    )
    report = simulate_file(request, progress)
    if args.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return 0
    for line in _lines(report):
        print(line)
    return 0


def _tube_voltage(text: str) -> float | str:
    if text == MIXED:
        return text
    try:
        voltage = float(text)
    except ValueError:
        voltage = 0.0
    if not LOWEST_KV <= voltage <= HIGHEST_KV:
        wanted = f"{LOWEST_KV:g} to {HIGHEST_KV:g}, or {MIXED}"
        raise argparse.ArgumentTypeError(f"a tube voltage is {wanted}, not {text!r}")
    return voltage


def _lines(report: dict[str, Any]) -> Iterator[str]:
    """What was found out, what cannot be known, and the files."""
    noise = "not measured" if report["noise_hu"] is None else f"{report['noise_hu']:.1f} HU"
    yield f"Tube: {report['tube']} ({report['tube_from']}). Noise in soft tissue: {noise}."
    yield f"Phase: {report['phase']} (by: {report['phase_from']})."
    for warning in report["warnings"]:
        yield f"Note: {warning}"
    yield from report["files"]
