"""The synthetic cohort is what it says: repeatable, of the stated size, and fit for a cohort table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import synthetic_cohort

from LiverMetricsLib.cohort import read_cohort


def test_the_script_writes_forty_cases_by_three_methods_by_two_observers(tmp_path):
    path = tmp_path / "cohort.csv"
    script = Path(synthetic_cohort.__file__)
    subprocess.run([sys.executable, str(script), str(path)], check=True)
    cohort = read_cohort(path)
    assert len(cohort.rows) == 40 * 3 * 2
    assert len(cohort.cases) == 40
    assert {row.method for row in cohort.rows} == {"manual", "cnn", "corrected"}
    assert len({row.observer for row in cohort.rows}) == 2
    assert all("synthetic" in row.case and "synthetic" in row.observer for row in cohort.rows)


def test_the_same_seed_gives_the_same_table():
    assert synthetic_cohort.readers(seed=3, cases=4) == synthetic_cohort.readers(seed=3, cases=4)
    assert synthetic_cohort.readers(seed=3, cases=4) != synthetic_cohort.readers(seed=4, cases=4)


def test_measures_fit_one_another_and_livers():
    for row in synthetic_cohort.readers() + synthetic_cohort.protocols():
        assert 800 <= row["volume_reference_ml"] <= 3200
        assert 0 < row["dice"] < 1
        assert 0 < row["msd_mm"] < row["hd95_mm"] <= row["hd_mm"]
        np.testing.assert_allclose(row["volume_ratio"], row["volume_test_ml"] / row["volume_reference_ml"])
        percent = 100 * (row["volume_ratio"] - 1)
        np.testing.assert_allclose(row["volume_difference_percent"], percent, atol=1e-9)
        assert row.get("score", 1.0) in np.arange(1.0, 5.1, 0.5)


def test_the_network_gives_both_observers_the_same_mask():
    rows = [row for row in synthetic_cohort.readers(cases=5) if row["method"] == "cnn"]
    by_case = {}
    for row in rows:
        by_case.setdefault(row["case"], set()).add((row["volume_test_ml"], row["dice"], row["hd_mm"]))
    assert all(len(masks) == 1 for masks in by_case.values())


def test_protocols_have_both_stages_of_every_case():
    rows = synthetic_cohort.protocols(cases=3)
    assert len(rows) == 3 * 4 * 2
    assert {row["stage"] for row in rows} == {"original", "standardized"}
