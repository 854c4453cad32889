"""Cells of tables as JSON holds them: numbers as they are, what is not known as null."""

import json

import numpy as np
import pandas as pd
import pytest

from api.plain import plain, records

CELLS = [
    (np.int64(3), 3),
    (np.float64(1.23456), 1.2346),
    (np.bool_(True), True),
    ("ถนน", "ถนน"),
    (float("nan"), None),
    (float("inf"), None),
    (pd.NA, None),
    (None, None),
]


@pytest.mark.parametrize(("cell", "held"), CELLS)
def test_a_cell_is_held_as_json_can(cell, held):
    assert plain(cell) == held
    assert type(plain(cell)) is type(held)


def test_positions_keep_their_digits():
    assert plain(98.1234567, "lon") == 98.1234567
    assert plain(7.7654321, "lat") == 7.7654321


def test_rows_are_written_by_column():
    table = pd.DataFrame({"name": ["a", "b"], "share": [0.5, np.nan], "lon": [98.1234567, 1.0]})
    listed = records(table)
    assert listed == [
        {"name": "a", "share": 0.5, "lon": 98.1234567},
        {"name": "b", "share": None, "lon": 1.0},
    ]
    assert json.loads(json.dumps(listed, allow_nan=False)) == listed
