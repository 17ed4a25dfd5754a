"""Seconds of `livercnn standardize` by stage: 100 slices of 512 x 512.

    python Testing/benchmarks/standardize_speed.py [--model ID|PATH | --full-size] [--slices N] [--matrix N]
                                                   [--repeats N] [--threads N] [--device DEVICE] [--json PATH]

The model is the default one. `--full-size` takes a network of the paper's size instead, of random weights,
which do not matter for the time. Each measurement is a process of its own, which reads a compressed file,
standardizes and writes a compressed file. CPU seconds are those of all threads: on a machine where others
compute, too, they say more than the clock.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from measuring import REPOSITORY, machine, measure_in_child, medians, peak_mb, use_this_checkout

DEFAULT_MODEL = "standardizer-m80"
WANTED_S = 20.0
WANTED_CORES = 2
STAGES = (
    "headers",
    "reading",
    "starting",
    "model",
    "checks",
    "protocol",
    "network",
    "finishing",
    "writing",
    "total",
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the standardization of a CT.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", default=DEFAULT_MODEL, metavar="ID|PATH", help=f"default: {DEFAULT_MODEL}")
    which.add_argument("--full-size", action="store_true", help="a network of the paper's size")
    parser.add_argument("--slices", type=int, default=100, metavar="N", help="default: 100")
    parser.add_argument("--matrix", type=int, default=512, metavar="N", help="pixels per side (default: 512)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="measurements")
    parser.add_argument("--threads", type=int, default=WANTED_CORES, metavar="N", help="CPU threads")
    parser.add_argument("--device", default="cpu", metavar="DEVICE", help="default: cpu")
    parser.add_argument("--json", metavar="PATH", help="also write all measurements")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)  # folder, model, threads, device
    args = parser.parse_args()
    use_this_checkout()
    if args.measure:
        folder, model, threads, device = args.measure
        print(json.dumps(measure(Path(folder), model, int(threads), device)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        write_scan(Path(folder), args.slices, args.matrix)
        model = write_full_size_model(Path(folder)) if args.full_size else args.model
        arguments = [folder, model, str(args.threads), args.device]
        runs = [measure_in_child(__file__, arguments) for _ in range(args.repeats)]
    document = {
        "machine": machine(), "model": "full size" if args.full_size else args.model,
        "slices": args.slices, "matrix": args.matrix, "threads": args.threads,
        "device": args.device, "seconds": medians(runs),
    }  # fmt: skip
    print("\n".join(table(document)))
    if args.json:
        Path(args.json).write_text(json.dumps({**document, "runs": runs}, indent=2) + "\n", encoding="utf-8")
    return 0


def write_scan(folder: Path, slices: int, matrix: int) -> None:
    """Write a CT."""
    import SimpleITK as sitk

    from_tests()
    from standardizer_scans import scan

    pixel_mm = 400.0 / matrix
    image = scan((matrix, matrix, slices), (pixel_mm, pixel_mm, 3.0), noise_hu=15.0)
    sitk.WriteImage(image, str(folder / "ct.nrrd"), useCompression=True)


def write_full_size_model(folder: Path) -> str:
    """Write a model of the paper's size and return its path."""
    from_tests()
    from standardizer_bundles import write_near_identity_bundle

    write_near_identity_bundle(folder / "bundle", config={"width": 48, "blocks": 4})
    return str(folder / "bundle")


def from_tests() -> None:
    """Let the tests' makers of scans and models be imported."""
    tests = str(REPOSITORY / "LiverStandardize" / "Testing")
    if tests not in sys.path:
        sys.path.insert(0, tests)


def measure(folder: Path, model: str, threads: int, device: str) -> dict[str, float]:
    """Seconds of every stage, CPU seconds of the whole, peak memory."""
    from LiverStandardizeLib import StandardizeRequest, standardize_file

    cpu_began = time.process_time()
    report = standardize_file(
        StandardizeRequest(
            input=str(folder / "ct.nrrd"),
            output=str(folder / "standardized.nrrd"),
            model=model,
            protocol="M40",
            device=device,
            threads=threads,
            overwrite=True,
        )
    )
    seconds = {stage: report["timings_s"][stage] for stage in STAGES}
    return {**seconds, "CPU seconds": time.process_time() - cpu_began, "peak MB": peak_mb()}


def table(document: dict) -> list[str]:
    """The measurements as lines for people."""
    seconds = document["seconds"]
    size = f"{document['slices']} slices of {document['matrix']} x {document['matrix']}"
    place = f"{document['threads']} threads, {document['device']}; {document['machine']}"
    lines = [f"{document['model']}: {size}, {place}"]
    lines += [f"  {name:<12}{seconds[name]:8.2f} s" for name in STAGES]
    per_slice = seconds["CPU seconds"] / document["slices"]
    lines.append(f"  CPU seconds {seconds['CPU seconds']:8.2f}   {per_slice:.3f} a slice")
    lines.append(f"  peak memory {seconds['peak MB']:8.0f} MB")
    lines.append(f"  wanted: {WANTED_S:g} s for 100 slices of 512 x 512 on {WANTED_CORES} quiet cores")
    return lines


if __name__ == "__main__":
    sys.exit(main())
