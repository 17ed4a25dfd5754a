"""What deepmedic3 loses by not running its fine pathway where the coarse head all but excludes liver.

    python Testing/benchmarks/fine_everywhere.py [--model ID|PATH] [--cases CASE ...]

Segments training cases of LIVERCNN_DATA both ways, the whole pipeline, and prints Dice with the reference,
the voxels in which the two masks differ, and CPU seconds. The exit code is 1 if any differs.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time

from measuring import use_this_checkout

CASES = ("ct-btcv/04", "ct-btcv/24", "ct-lits/003", "ct-lits/030")


def main() -> int:
    parser = argparse.ArgumentParser(description="deepmedic3 against its fine pathway everywhere.")
    parser.add_argument("--model", default="deepmedic3-ct", metavar="ID|PATH", help="default: deepmedic3-ct")
    parser.add_argument("--cases", nargs="+", default=CASES, metavar="CASE", help="training cases")
    args = parser.parse_args()
    use_this_checkout()
    import numpy as np
    import SimpleITK as sitk

    from livercnn_training.data.cases import shared_cases
    from LiverSegmentCNNLib import load_model, segment_liver

    differing = 0
    for case in (one for one in shared_cases("train") if one.name in args.cases):
        image = sitk.ReadImage(str(case.image))
        labels = sitk.GetArrayFromImage(sitk.ReadImage(str(case.labels)))
        liver, masks = np.isin(labels, case.liver_values), []
        for everywhere in (False, True):
            model = load_model(args.model)
            model.network.probability = functools.partial(model.network.probability, everywhere=everywhere)
            began = time.process_time()
            masks.append(sitk.GetArrayFromImage(segment_liver(image, model).mask) > 0)
            dice = 2 * (masks[-1] & liver).sum() / (masks[-1].sum() + liver.sum())
            where = "everywhere" if everywhere else "plausible"
            cpu_s = time.process_time() - began
            print(f"{case.name} {where:<10} Dice {dice:.4f} {cpu_s:5.0f} CPU s", flush=True)
        found = int((masks[0] != masks[1]).sum())
        print(f"{case.name} {found} of {int(masks[1].sum())} voxels differ", flush=True)
        differing += found
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
