"""`livercnn segment` from file to file on a CT of 512 x 512 x 300 voxels, stage by stage.

    python Testing/benchmarks/end_to_end.py [--models ID|PATH ...] [--fast] [--repeats N] [--json PATH]

The CT is the synthetic abdomen resampled to 0.75 x 0.75 x 1 mm. Each measurement is a fresh process that
reads the .nii.gz, segments and writes a .seg.nrrd; start-up and imports are in its wall time. Stages come
from the command's own report; CPU time and peak memory are the process's. The models take turns.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from measuring import REPOSITORY, machine, medians, run_and_measure, use_this_checkout

SIZE = (512, 512, 300)
SPACING_MM = (0.75, 0.75, 1.0)

# What the first issue asks for on two quiet cores: wall seconds by architecture, and MB.
WANTED_WALL_S = {"unet3d": 8.0, "deepmedic3": 30.0}
WANTED_PEAK_MB = 1200.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Time `livercnn segment` on a CT of 512 x 512 x 300 voxels.")
    parser.add_argument(
        "--models", nargs="+", metavar="ID|PATH", help="models to time (default: all that segment CT)"
    )
    parser.add_argument("--fast", action="store_true", help="also with --fast, where the network has it")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="measurements of each model")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads (default: all)")
    parser.add_argument("--json", metavar="PATH", help="also write all measurements")
    args = parser.parse_args()
    use_this_checkout()
    variants = [
        (model, fast) for model in args.models or installed_models() for fast in _speeds(model, args.fast)
    ]
    if not variants:
        raise SystemExit("No model that segments CT is installed; name one with --models.")
    with tempfile.TemporaryDirectory() as folder:
        ct = write_ct(Path(folder))
        runs = take_turns(Path(folder), ct, variants, args.repeats, args.threads)
    document = summarize(runs, args.repeats)
    print("\n".join(table(document)))
    if args.json:
        Path(args.json).write_text(json.dumps({**document, "runs": runs}, indent=2) + "\n", encoding="utf-8")
    return 0


def installed_models() -> list[str]:
    """Ids of the installed models that segment CT."""
    from LiverCoreLib.registry import list_models

    cards = [model.card for model in list_models() if model.card is not None]
    return [card.id for card in cards if card.task == "segment" and "CT" in card.modality]


def write_ct(folder: Path) -> Path:
    """The synthetic abdomen on the large grid, as .nii.gz."""
    import SimpleITK as sitk

    from LiverCoreLib.image_writing import write_image
    from LiverStandardizeLib.simulation import make_abdomen

    small = make_abdomen(0).image
    extent = [count * step for count, step in zip(small.GetSize(), small.GetSpacing())]
    origin = [
        start + (whole - step) / 2 - (count - 1) / 2 * spacing
        for start, whole, step, count, spacing in zip(
            small.GetOrigin(), extent, small.GetSpacing(), SIZE, SPACING_MM
        )
    ]
    identity = sitk.Transform(3, sitk.sitkIdentity)
    path = folder / "ct.nii.gz"
    write_image(
        sitk.Resample(
            small, SIZE, identity, sitk.sitkLinear, origin, SPACING_MM, small.GetDirection(), -1000.0
        ),
        path,
    )
    return path


def take_turns(
    folder: Path, ct: Path, variants: list[tuple[str, bool]], repeats: int, threads: int | None
) -> dict[str, list[dict[str, Any]]]:
    """Measurements by variant (a model, with or without --fast)."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for _ in range(repeats):
        for model, fast in variants:
            name = f"{Path(model).name} --fast" if fast else Path(model).name
            runs.setdefault(name, []).append(measure(folder, ct, model, fast, threads))
    return runs


def measure(folder: Path, ct: Path, model: str, fast: bool, threads: int | None) -> dict[str, Any]:
    """One run of the command in a fresh process."""
    report = folder / "report.json"
    command = [
        sys.executable,
        str(REPOSITORY / "livercnn.py"),
        "segment",
        str(ct),
        str(folder / "liver.seg.nrrd"),
    ]
    command += ["--model", model, "--device", "cpu", "--report", str(report)]
    command += ["--fast"] if fast else []
    command += ["--threads", str(threads)] if threads else []
    usage = run_and_measure(command)
    found = json.loads(report.read_text())
    return {
        **asdict(usage),
        "stages_s": found["timings_s"],
        "volume_ml": found["volume_ml"],
        "architecture": found["provenance"]["model"]["architecture"],
    }


def _speeds(model: str, fast: bool) -> list[bool]:
    """Without --fast, and with it if that was asked for and the network can."""
    if not fast:
        return [False]
    from LiverSegmentCNNLib import load_model

    return [False, True] if load_model(model).network.supports_fast else [False]


def summarize(runs: dict[str, list[dict[str, Any]]], repeats: int) -> dict[str, Any]:
    rows = {}
    for name, results in runs.items():
        numbers = medians(
            [{key: run[key] for key in ("wall_s", "cpu_s", "peak_mb", "volume_ml")} for run in results]
        )
        stages = medians([run["stages_s"] for run in results])
        rows[name] = {**numbers, "stages_s": stages, "architecture": results[0]["architecture"]}
    return {"machine": machine(), "size": list(SIZE), "repeats": repeats, "medians": rows}


def table(document: dict[str, Any]) -> list[str]:
    rows = document["medians"]
    width = max(15, *(len(name) + 2 for name in rows))
    size = " x ".join(map(str, document["size"]))
    lines = [
        document["machine"],
        f"{size} voxels, .nii.gz to .seg.nrrd, a fresh process each; medians of {document['repeats']}",
        "",
        " " * 16 + "".join(f"{name:>{width}}" for name in rows),
    ]
    for label, key, digits in (("wall s", "wall_s", 1), ("CPU s", "cpu_s", 1), ("peak MB", "peak_mb", 0)):
        lines.append(f"{label:<16}" + "".join(f"{row[key]:>{width}.{digits}f}" for row in rows.values()))
    stages = list(
        dict.fromkeys(stage for row in rows.values() for stage in row["stages_s"] if stage != "total")
    )
    for stage in stages:
        values = (row["stages_s"].get(stage, 0.0) for row in rows.values())
        lines.append(f"  {stage:<14}" + "".join(f"{value:>{width}.2f}" for value in values))
    outside = (row["wall_s"] - row["stages_s"]["total"] for row in rows.values())
    lines.append(f"  {'start-up':<14}" + "".join(f"{value:>{width}.2f}" for value in outside))
    return lines + ["", *(_verdict(name, row) for name, row in rows.items())]


def _verdict(name: str, row: dict[str, Any]) -> str:
    wanted = WANTED_WALL_S.get(row["architecture"])
    time_part = f"{row['wall_s']:.1f} s" + (f" (wanted: {wanted:g} or less)" if wanted else "")
    return f"{name}: {time_part}, {row['peak_mb']:.0f} MB (wanted: {WANTED_PEAK_MB:.0f} or less)"


if __name__ == "__main__":
    sys.exit(main())
