"""Dense inference of deepmedic3 against tiling by segments of 15^3 voxels in batches of 16.

    python Testing/benchmarks/dense_against_tiled.py [--model ID|PATH] [--repeats N] [--json PATH]

Both ways use the same weights on the same volume (a synthetic abdomen at 1.4 mm) and the same number of
threads. Tiling is done as one would: the volume is averaged to 1/5 and 1/15 once, each segment cuts its three
inputs out, and weights lie channels last, which is 15 % faster there, too. Each measurement is a process of
its own; the two take turns, so that whatever else the machine does falls on both. Their probabilities are
compared first: no times of wrong results.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import forget_peak_mb, machine, measure_in_child, medians, peak_mb, use_this_checkout

WAYS = ("dense", "tiled")
BATCH = 16
SEGMENT = 15
SPACING_MM = 1.4
LARGEST_DIFFERENCE = 1e-5
WANTED_RATIO = 2.5


def main() -> int:
    parser = argparse.ArgumentParser(description="Time dense deepmedic3 inference against 15^3 tiling.")
    parser.add_argument(
        "--model", metavar="ID|PATH", help="a deepmedic3 model; without it random weights of the 'std' widths"
    )
    parser.add_argument("--size", nargs=3, type=int, default=(240, 180, 120), metavar=("X", "Y", "Z"))
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="measurements of each way")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads (default: all)")
    parser.add_argument("--json", metavar="PATH", help="also write all measurements")
    parser.add_argument(
        "--measure", nargs=4, metavar=("WAY", "FOLDER", "MODEL", "THREADS"), help=argparse.SUPPRESS
    )
    args = parser.parse_args()
    use_this_checkout()
    if args.measure:
        way, folder, model, threads = args.measure
        print(json.dumps(measure(way, Path(folder), model, int(threads))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        write_volume(Path(folder), tuple(args.size))
        runs = take_turns(Path(folder), args.model or "", args.threads or 0, args.repeats)
    document = summarize(runs, tuple(args.size), args.model)
    print("\n".join(table(document)))
    if args.json:
        Path(args.json).write_text(json.dumps({**document, "runs": runs}, indent=2) + "\n", encoding="utf-8")
    return 0


def write_volume(folder: Path, size: tuple[int, int, int]) -> None:
    """A synthetic abdomen (z, y, x), float32, normalised as deepmedic3 wants it."""
    import numpy as np
    import SimpleITK as sitk

    from LiverStandardizeLib.simulation import make_abdomen

    image = make_abdomen(0, size=size, spacing_mm=(SPACING_MM,) * 3).image
    hu = sitk.GetArrayViewFromImage(image).astype(np.float32)
    np.save(folder / "volume.npy", np.clip(hu, -200, 200) / 1000)


def take_turns(folder: Path, model: str, threads: int, repeats: int) -> dict[str, list[dict[str, Any]]]:
    """Measurements by way, after checking that both give the same probabilities."""
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for repeat in range(repeats):
        for way in WAYS:
            runs[way].append(measure_in_child(__file__, [way, str(folder), model, str(threads)]))
        if repeat == 0:
            runs["tiled"][0]["largest_difference"] = check(folder)
    return runs


def check(folder: Path) -> float:
    """The largest difference of the two probabilities; raises AssertionError if it is more than rounding."""
    import numpy as np

    dense, tiled = (np.load(folder / f"{way}.npy") for way in WAYS)
    if float(tiled.max()) - float(tiled.min()) < 0.01:
        raise AssertionError(
            "The probabilities hardly vary: equality would prove nothing. Use another model."
        )
    difference = float(np.abs(dense - tiled).max())
    if difference > LARGEST_DIFFERENCE:
        raise AssertionError(
            f"Dense and tiled differ by {difference:.2e}; {LARGEST_DIFFERENCE:g} is allowed."
        )
    return difference


def measure(way: str, folder: Path, model: str, threads: int) -> dict[str, Any]:
    """One measurement in this process: wall and CPU seconds, peak memory and the work's part of it, MB."""
    import numpy as np
    import torch

    from LiverSegmentCNNLib.networks.layers import channels_last

    if threads:
        torch.set_num_threads(threads)
    network = channels_last(_network(model))
    volume = torch.from_numpy(np.load(folder / "volume.npy"))
    run = _dense if way == "dense" else _tiled
    pad_value = float(volume.min())
    with torch.inference_mode():
        run(network, volume[:30, :30, :30].contiguous(), pad_value)  # kernels are chosen at the first call
        before_mb = forget_peak_mb()
        wall, cpu = time.perf_counter(), time.process_time()
        probability = run(network, volume, pad_value)
        cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    peak = peak_mb()
    np.save(folder / f"{way}.npy", probability.numpy())
    return {"cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak, "extra_mb": peak - before_mb}


def _network(model: str) -> Any:
    import torch

    from LiverSegmentCNNLib import networks

    if model:
        from LiverSegmentCNNLib import load_model

        loaded = load_model(model)
        if loaded.card.architecture.name != "deepmedic3":
            raise SystemExit(f"{model} is a {loaded.card.architecture.name}; give a deepmedic3 model.")
        return loaded.network
    torch.manual_seed(0)
    network = networks.build("deepmedic3", {"folded_norm": True}).eval()
    with torch.no_grad():  # untrained logits lie close to 0; spread them, so that equality means something
        network.classifier.weight.mul_(20)
    return network


def _dense(network: Any, volume: Any, pad_value: float) -> Any:
    return network.probability(volume, pad_value=pad_value, everywhere=True)


def _tiled(network: Any, volume: Any, pad_value: float) -> Any:
    """Segment by segment, `BATCH` at a time; the volume is padded to whole segments and pooled once."""
    import torch
    import torch.nn.functional as F

    from LiverSegmentCNNLib.networks.deepmedic3 import CONTEXT, SCALES, input_sizes

    padding = [part for n in reversed(volume.shape) for part in (0, -n % SEGMENT)]
    whole = F.pad(volume, padding, value=pad_value)[None, None]
    levels = [
        F.pad(F.avg_pool3d(whole, s) if s > 1 else whole, (CONTEXT,) * 6, value=pad_value) for s in SCALES
    ]
    result = torch.empty(whole.shape[2:])
    corners = [
        (z, y, x)
        for z in range(0, result.shape[0], SEGMENT)
        for y in range(0, result.shape[1], SEGMENT)
        for x in range(0, result.shape[2], SEGMENT)
    ]
    for start in range(0, len(corners), BATCH):
        batch = corners[start : start + BATCH]
        inputs = [
            torch.cat([_cut(level, [c // scale for c in corner], size) for corner in batch])
            for level, scale, size in zip(levels, SCALES, input_sizes(SEGMENT))
        ]
        values = torch.sigmoid(network(*inputs))
        for (z, y, x), value in zip(batch, values):
            result[z : z + SEGMENT, y : y + SEGMENT, x : x + SEGMENT] = value[0]
    return result[tuple(slice(0, n) for n in volume.shape)]


def _cut(level: Any, corner: list[int], size: int) -> Any:
    z, y, x = corner
    return level[:, :, z : z + size, y : y + size, x : x + size]


def summarize(
    runs: dict[str, list[dict[str, Any]]], size: tuple[int, ...], model: str | None
) -> dict[str, Any]:
    rows = {way: medians(results) for way, results in runs.items()}
    return {
        "machine": machine(),
        "model": model or "random weights, std widths",
        "size": list(size),
        "repeats": len(runs["dense"]),
        "largest_difference": runs["tiled"][0]["largest_difference"],
        "medians": rows,
        "cpu_ratio": rows["tiled"]["cpu_s"] / rows["dense"]["cpu_s"],
        "wall_ratio": rows["tiled"]["wall_s"] / rows["dense"]["wall_s"],
    }


def table(document: dict[str, Any]) -> list[str]:
    lines = [
        document["machine"],
        f"deepmedic3 ({document['model']}), {' x '.join(map(str, document['size']))} voxels, "
        f"medians of {document['repeats']}",
        f"largest difference of the probabilities: {document['largest_difference']:.1e}",
        "",
        f"{'':<8}{'CPU s':>9}{'wall s':>9}{'peak MB':>9}{'of it for the work':>20}",
    ]
    for way, row in document["medians"].items():
        numbers = f"{row['cpu_s']:>9.1f}{row['wall_s']:>9.1f}{row['peak_mb']:>9.0f}{row['extra_mb']:>20.0f}"
        lines.append(f"{way:<8}{numbers}")
    lines += [
        "",
        f"Tiling takes {document['cpu_ratio']:.1f} times the CPU time (wanted: {WANTED_RATIO} or more) and "
        f"{document['wall_ratio']:.1f} times the wall time.",
    ]
    return lines


if __name__ == "__main__":
    sys.exit(main())
