"""What goes out with a comparison, and that it comes back."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from LiverMetricsLib import Comparison, compare


@pytest.fixture(scope="module")
def full(as_image, ball):
    return as_image(ball((12, 12, 12), (6, 6, 6), 4))


@pytest.fixture(scope="module")
def smaller(as_image, ball):
    return as_image(ball((12, 12, 12), (6, 6, 6), 3))


@pytest.fixture(scope="module")
def empty(as_image):
    return as_image(np.zeros((12, 12, 12), dtype=bool))


def strict_json(result):
    """Through JSON that refuses NaN and infinity, as other programs do."""
    return json.loads(json.dumps(result.to_dict(), allow_nan=False))


@pytest.mark.parametrize("family", ["voxel", "surfel", "mesh"])
def test_every_export_names_definitions_neighbourhood_and_version(full, smaller, family):
    written = strict_json(compare(full, smaller, family=family))
    assert written["family"] == family
    assert written["definitions_version"] == "1.0"
    assert written["schema_version"] == 1
    assert ("18-neighbourhood" in written["neighbourhood"]) == (family == "voxel")
    measured = {
        name
        for name in written
        if name.endswith(("_mm", "_ml", "_percent", "_ratio", "_lps", "dice")) and name != "tolerance_mm"
    }
    assert measured <= set(written["definitions"])
    assert {"surface", "percentile", "empty"} <= set(written["definitions"])


@pytest.mark.parametrize("tolerance", [None, 1.5])
def test_what_is_written_comes_back(full, smaller, tolerance):
    result = compare(full, smaller, tolerance_mm=tolerance)
    assert Comparison.from_dict(strict_json(result)) == result
    assert ("surface_dice" in result.to_dict()) == (tolerance is not None)


def test_numbers_that_are_not_finite_are_words_in_json(full, empty):
    one_empty = strict_json(compare(empty, full, tolerance_mm=1.0))
    assert one_empty["hd_mm"] == "Infinity"
    assert one_empty["volume_ratio"] == "NaN"
    assert "hd_point_lps" not in one_empty
    back = Comparison.from_dict(one_empty)
    assert back.hd_mm == math.inf and math.isnan(back.volume_ratio)
    assert back.status == "reference-empty" and back.warnings == compare(empty, full).warnings


def test_other_versions_and_missing_fields_are_refused(full, smaller):
    written = strict_json(compare(full, smaller))
    with pytest.raises(ValueError, match="definitions_version.*'1.0'.*'0.9'"):
        Comparison.from_dict({**written, "definitions_version": "0.9"})
    del written["hd_mm"]
    with pytest.raises(ValueError, match="lacks hd_mm"):
        Comparison.from_dict(written)


def test_a_comparison_cannot_be_changed(full, smaller):
    result = compare(full, smaller)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.dice = 1.0


def test_all_numbers_are_plain_floats(full, smaller):
    """numpy scalars would print as np.float64(...) and break some JSON writers."""
    result = compare(full, smaller, tolerance_mm=1.0)
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        assert type(value) in (float, int, str, tuple, type(None)), field.name
    assert all(type(value) is float for value in result.hd_point_lps)
