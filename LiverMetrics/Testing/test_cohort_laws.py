"""What must not matter: the order of the rows, and what cases are called."""

from __future__ import annotations

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from LiverMetricsLib.cohort import analyse, cohort_from_rows

_LENGTHS = st.one_of(
    st.integers(0, 6).map(float),  # ties
    st.floats(0, 50, allow_nan=False),
    st.sampled_from([math.inf, math.nan]),
)
_VALUES = {
    "dice": st.floats(0, 1) | st.none(),
    "hd_mm": _LENGTHS | st.none(),
    "volume_test_ml": st.floats(600, 3000) | st.none(),
    "volume_reference_ml": st.floats(900, 2500) | st.none(),
    "time_s": st.integers(30, 40) | st.none(),
    "score": st.sampled_from([1, 2.5, 3, 4]) | st.none(),
    "regions": st.sampled_from(["", "IVC", "IVC;portal vein", "NA"]),
}


@st.composite
def tables(draw):
    """Rows of up to five cases, not every one with all methods, observers and stages."""
    keys = st.tuples(
        st.sampled_from(["P1", "P2", "P3", "P4", "P5"]),
        st.sampled_from(["", "x", "y"]),
        st.sampled_from(["manual", "cnn", "corrected"]),
        st.sampled_from(["original", "standardized"]),
    )
    drawn = draw(st.lists(keys, min_size=1, max_size=14, unique=True))
    # A few columns at a time, or most of the time goes into tables that others have checked.
    columns = draw(st.lists(st.sampled_from(sorted(_VALUES)), max_size=3, unique=True))
    rows = []
    for key in drawn:
        row = dict(zip(("case", "observer", "method", "stage"), key))
        rows.append({**row, **{name: draw(_VALUES[name]) for name in columns}})
    rows[0]["dice"] = 0.5  # at least one measure
    return rows


def results_of(rows):
    """Everything but names of cases, as text: equal only if equal to the last digit."""
    analysis = analyse(cohort_from_rows(rows))
    numbers = [(pairs.title, pairs.test_ml.tolist(), pairs.reference_ml.tolist()) for pairs in analysis.pairs]
    return [(table.id, table.to_csv(), table.notes) for table in analysis.tables], numbers


_QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_QUICK
@given(rows=tables(), random=st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert results_of(shuffled) == results_of(rows)


@_QUICK
@given(rows=tables(), names=st.permutations(["Q9", "Q10", "a", "\u00c4rztin", "0"]))
def test_names_of_cases_never_matter(rows, names):
    renamed = [{**row, "case": names[int(row["case"][1]) - 1]} for row in rows]
    assert results_of(renamed) == results_of(rows)


@_QUICK
@given(rows=tables())
def test_no_cell_is_nan_and_every_p_is_one(rows):
    for table in analyse(cohort_from_rows(rows)).tables:  # a Table refuses NaN
        for column in table.columns:
            if column.kind == "p":
                assert all(cell is None or 0 <= cell <= 1 for cell in table.column(column.key))
