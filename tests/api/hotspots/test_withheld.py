"""Small counts: whoever knows the total and every count that is told learns none of them."""

import re
from itertools import product

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from api.hotspots.withheld import FEW, told_counts, withheld, without

COUNTS = st.lists(st.integers(0, 3 * FEW), max_size=5).map(lambda n: pd.Series(n, dtype="int64"))


def possible(told, total):
    """Give for each count that is not told every value it may have, by trying all."""
    ranges = [
        range(1, FEW)
        if text.startswith("<")
        else range(FEW, total + 1)
        if text.startswith("≥")
        else [int(text)]
        for text in told
    ]
    fitting = [counts for counts in product(*ranges) if sum(counts) == total]
    return [set(values) for values in zip(*fitting, strict=True)]


def is_open(counts, told):
    """Tell whether some small count that others stand beside follows from what is told."""
    values = possible(told, int(counts.sum()))
    small = [number for number, count in enumerate(counts) if 0 < count < FEW]
    return any(len(values[number]) == 1 for number in small)


@given(COUNTS)
def test_counts_are_told_as_they_are_or_within_their_bounds(counts):
    for count, text in zip(counts, told_counts(counts), strict=True):
        bound = re.fullmatch(r"([<≥]) 5", text)
        if bound is None:
            assert text == str(count)
            assert count == 0 or count >= FEW
        else:
            assert (count >= FEW) == (bound[1] == "≥")
            assert count > 0


@given(COUNTS)
def test_a_lone_small_count_does_not_follow_from_the_sum(counts):
    small = ((counts > 0) & (counts < FEW)).sum()
    if small == 1 and (counts >= FEW).any():
        told = told_counts(counts)
        # Whole bounds may leave one value only where the other is as small as it may be.
        least = counts[counts >= FEW].min() == FEW and counts[counts < FEW].max() == 1
        assert least or not is_open(counts, told)
        plain = [f"< {FEW}" if 0 < count < FEW else str(count) for count in counts]
        assert is_open(counts, plain)  # what this is for


def test_no_more_is_withheld_than_must_be():
    assert withheld(pd.Series([7, 9, 0, 3])).tolist() == [True, False, False, True]
    assert withheld(pd.Series([7, 9, 0])).tolist() == [False] * 3
    assert withheld(pd.Series([7, 2, 3])).tolist() == [False, True, True]
    assert withheld(pd.Series([0, 2])).tolist() == [False, True]
    assert told_counts(pd.Series([1200, 4, 4])) == ["1,200", "< 5", "< 5"]
    assert told_counts(pd.Series([], dtype="int64")) == []


def test_cells_are_blanked_in_their_rows_alone():
    table = pd.DataFrame({"a": [1, 2], "b": [0.5, 0.25], "c": ["x", "y"]})
    found = without(table, ["a", "b"], where=np.array([False, True]))
    assert found["a"].tolist()[0] == 1
    assert found[["a", "b"]].isna().to_numpy().tolist() == [[False, False], [True, True]]
    assert found["c"].tolist() == ["x", "y"]
    assert table["a"].tolist() == [1, 2]
