"""How segmenting networks take cysts put in and beside the livers of scans that they were not trained on.

    python Testing/benchmarks/inserted_masses.py MODEL ... --pack PACK.npz --cases CASE,CASE [--seeds N]

A share called liver is right for a cyst inside (1.00) and wrong for one beside it (0.00). On the network's
own grid, without post-processing. Seeds are fixed: models see the same cysts.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from measuring import use_this_checkout

KINDS = [("none", 0.0, False)] + [
    (f"{'inside' if inside else 'beside'}, {radius:.0f} mm", radius, inside)
    for inside in (False, True)
    for radius in (30.0, 60.0)
]


def main() -> int:
    parser = argparse.ArgumentParser(description="Insert cysts into and beside livers, and segment.")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="ids or folders of models")
    parser.add_argument("--pack", type=Path, required=True, help="file made by livercnn pack")
    parser.add_argument(
        "--cases", required=True, help="cases of the pack, not trained on, with commas between"
    )
    parser.add_argument("--seeds", type=int, default=5, help="cysts of each kind a case (default: 5)")
    args = parser.parse_args()
    use_this_checkout()
    results = measure_all(args.models, args.pack, args.cases.split(","), args.seeds)
    print("| model | cyst | n | Dice mean ± SD | called liver, mean ± SD |\n|---|---|---|---|---|")
    for (model, kind), found in results.items():
        dice = [result.dice for result in found]
        share = [result.share_called_liver for result in found]
        called = "" if kind == "none" else f"{mean_sd(share)}"
        print(f"| {Path(model).name} | {kind} | {len(found)} | {mean_sd(dice)} | {called} |")
    return 0


def measure_all(models: list[str], pack: Path, names: list[str], seeds: int) -> dict:
    """Results by model and kind of cyst."""
    import torch

    from livercnn_training.augment_intensity import Dice
    from livercnn_training.config import InputContract
    from livercnn_training.data.pack import open_pack
    from livercnn_training.inserted_masses import insert_cyst, measure
    from livercnn_training.scans import load_scan, sample, whole_placement
    from LiverSegmentCNNLib import load_model

    cases = [case for case in open_pack(pack)[0] if case.name in names]
    if len(cases) != len(names):
        raise SystemExit(f"The pack lacks some of {', '.join(names)}.")
    device = torch.device("cpu")
    results: dict = {}
    for model in models:
        loaded = load_model(model)
        card = loaded.card.input
        spacing = card.spacing_mm[0]
        contract = InputContract(
            spacing, tuple(card.hu_window), card.offset_hu, card.scale_hu, card.median_filter_voxels
        )
        for case in cases:
            scan = load_scan(case, spacing, device)
            hu, liver = sample(scan, whole_placement(scan, spacing))
            for kind, radius, inside in KINDS:
                for seed in range(seeds if radius else 1):
                    dice = Dice.for_step(device, seed, int(radius), int(inside))
                    shown, cyst = (
                        insert_cyst(hu, liver, spacing, radius, inside, dice)
                        if radius
                        else (hu, torch.zeros_like(hu))
                    )
                    found = measure(loaded.network, contract, shown, liver, cyst)
                    results.setdefault((model, kind), []).append(found)
    return results


def mean_sd(values: list[float]) -> str:
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{spread}"


if __name__ == "__main__":
    raise SystemExit(main())
