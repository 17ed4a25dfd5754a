"""CPU seconds per slice of the CT simulation: the image engine stage by stage, the projection engine.

    python Testing/benchmarks/simulation_speed.py [--size N] [--repeats N] [--threads N] [--json PATH]

The image engine makes all six protocols of a batch of sections, as a training source does: `prepare` is done
once per section, `draw` and `protocols` for every slice. Projector and back-projector are also compared with
astra-toolbox's, where it is installed: the same geometry, values checked first. Each measurement is a process
of its own.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measuring import machine, measure_in_child, medians, use_this_checkout

BATCH = 8
FIELD_MM = 290.0
WANTED_SLICES_PER_S = 20
WANTED_CORES = 2
LARGEST_DIFFERENCE = 1e-3


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the CT simulation.")
    parser.add_argument("--size", type=int, default=256, metavar="N", help="pixels per side (default: 256)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="measurements")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads (default: 1)")
    parser.add_argument("--json", metavar="PATH", help="also write all measurements")
    parser.add_argument("--measure", nargs=2, metavar=("SIZE", "THREADS"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    use_this_checkout()
    if args.measure:
        print(json.dumps(measure(*map(int, args.measure))))
        return 0
    runs = [measure_in_child(__file__, [str(args.size), str(args.threads)]) for _ in range(args.repeats)]
    document = {"machine": machine(), "size": args.size, "threads": args.threads, "cpu_s": medians(runs)}
    print("\n".join(table(document)))
    if args.json:
        Path(args.json).write_text(json.dumps({**document, "runs": runs}, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(size: int, threads: int) -> dict[str, float]:
    """CPU seconds per slice of every stage."""
    import torch

    from LiverStandardizeLib.simulation.checks.objects import Lattice, plain_abdomen
    from LiverStandardizeLib.simulation.image_engine import ImageEngine
    from LiverStandardizeLib.simulation.projection import ParallelBeam, ProjectionEngine
    from LiverStandardizeLib.simulation.protocols import make_protocols

    torch.set_num_threads(threads)
    lattice = Lattice(size, FIELD_MM / size)
    maps = plain_abdomen(lattice).maps
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        fast, batch = ImageEngine(size, lattice.pixel_mm), maps.repeat(BATCH, 1, 1, 1)
        make_protocols(fast.scan(batch, generator))  # the first run of a process is slower
        prepare_s, prepared = timed(lambda: fast.prepare(batch))
        draw_s, images = timed(lambda: fast.draw(prepared, generator))
        protocols_s, _ = timed(lambda: make_protocols(images))
        slow = ProjectionEngine(size, lattice.pixel_mm)
        project_s, projected = timed(lambda: slow.prepare(maps))
        noise_s, _ = timed(lambda: slow.draw(projected, generator))
        geometry = ParallelBeam.covering(size, lattice.pixel_mm, slow.scanner.detector_pitch_mm)
        against = against_astra(maps[0, 0], geometry)
    return {
        "image engine: prepare": prepare_s / BATCH,
        "image engine: draw": draw_s / BATCH,
        "six protocols": protocols_s / BATCH,
        "projection engine: project, reconstruct": project_s,
        "projection engine: noise": noise_s,
        **against,
    }


def against_astra(image: Any, geometry: Any) -> dict[str, float]:
    """Projecting and back-projecting one image here and with astra-toolbox, if it is there."""
    from LiverStandardizeLib.simulation.projection import back_project, project

    project_s, views = timed(lambda: project(image[None], geometry))
    back_s, _ = timed(lambda: back_project(views, geometry))
    ours = {"projector, one image": project_s, "back-projector, one image": back_s}
    try:
        import astra
    except ModuleNotFoundError:
        return ours
    described = astra.create_proj_geom(
        "parallel",
        geometry.pitch_cm / geometry.pixel_cm,
        geometry.readings,
        [-math.pi * view / geometry.views for view in range(geometry.views)],
    )
    projector = astra.create_projector(
        "linear", described, astra.create_vol_geom(geometry.size, geometry.size)
    )
    project_s, (_, wanted) = timed(lambda: astra.create_sino(image.numpy(), projector))
    back_s, _ = timed(lambda: astra.create_backprojection(wanted, projector))
    wanted = wanted * geometry.pixel_cm
    if abs(views[0].numpy() - wanted).max() > LARGEST_DIFFERENCE * wanted.max():
        raise AssertionError("The projections differ from astra's: no times of wrong results.")
    return {**ours, "astra's projector": project_s, "astra's back-projector": back_s}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of all threads, and what the work gives."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def table(document: dict[str, Any]) -> list[str]:
    cpu_s = document["cpu_s"]
    each = cpu_s["image engine: draw"] + cpu_s["six protocols"]
    rate = WANTED_CORES / each
    met = "met" if rate >= WANTED_SLICES_PER_S else "missed"
    return [
        document["machine"],
        f"{document['size']} x {document['size']}, CPU seconds per slice:",
        *(f"  {name:<42} {seconds:.4f}" for name, seconds in cpu_s.items()),
        f"Six protocols of a prepared section: {rate:.0f} slices/s on {WANTED_CORES} cores "
        f"(wanted: {WANTED_SLICES_PER_S}: {met}); with its preparation "
        f"{WANTED_CORES / (each + cpu_s['image engine: prepare']):.0f}.",
    ]


if __name__ == "__main__":
    sys.exit(main())
