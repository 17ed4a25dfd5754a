"""``livercnn audit``: header errors, doubtful labels and doubled scans, before anything is trained."""

from __future__ import annotations

import argparse
from typing import Any

SUMMARY = "look labelled scans over: headers, labels, scans that are there twice"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "folders", nargs="*", metavar="FOLDER", help="plain folders of cases, looked over together"
    )
    parser.add_argument(
        "--sets",
        default="ct-btcv,ct-lits",
        help="sets of the shared data of LIVERCNN_DATA, both splits; '' for none (default: ct-btcv,ct-lits)",
    )
    parser.add_argument("--json", metavar="PATH", help="also write the findings to a file")


def run(args: argparse.Namespace, progress: Any) -> int:
    """Print every finding, and what was looked at."""
    import json
    from dataclasses import asdict
    from pathlib import Path

    from livercnn_training.data.audit import audit_case, duplicates
    from livercnn_training.data.cases import DataError, folder_cases, shared_cases
    from LiverCoreLib.output import atomic_path, check_output

    if args.json:
        check_output(args.json)
    cases = [case for folder in args.folders for case in folder_cases(Path(folder))]
    if args.sets:
        cases += [c for split in ("train", "validation") for c in shared_cases(split, args.sets.split(","))]
    if not cases:
        raise DataError("No cases to look over: give a folder of cases or --sets.")
    audited = []
    for number, case in enumerate(cases):
        if progress is not None:
            progress(number / len(cases), f"reading {case.name}")
        audited.append(audit_case(case))
    findings = [found for entry in audited for found in entry.findings] + duplicates(audited)
    for found in findings:
        print(f"{found.case}: {found.kind}: {found.text}")
    print(f"Cases: {len(cases)}; findings: {len(findings)}.")
    if args.json:
        document = {"cases": [case.name for case in cases], "findings": [asdict(f) for f in findings]}
        with atomic_path(args.json) as temporary:
            temporary.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0
