import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

from analytics.passages import minutes_of, passages_frame, stretches_of, within
from tests.analytics.dosage_cases import CRS, after, graph, passages

PLANNED = passages(("a", 0, 200, 0, 4), ("a", 200, 200, 4, 19), ("b", 0, 100, 21, 23))


def lines(*shapes):
    return gpd.GeoSeries(list(shapes), crs=CRS)


def test_a_line_over_a_corner_is_two_stretches():
    found = stretches_of(graph(), lines(LineString([(50, 0), (100, 0), (300, 0), (300, 70)])))
    assert found.to_numpy().tolist() == [[0, "a", 50.0, 300.0], [0, "b", 0.0, 70.0]]


def test_a_line_back_and_forth_and_several_parts_are_kept_apart():
    shapes = (
        LineString([(0, 0), (90, 0), (20, 0)]),
        MultiLineString([[(0, 0), (10, 0)], [(30, 0), (40, 0)]]),
        LineString([(5, 0), (5, 0)]),
    )
    found = stretches_of(graph(), lines(*shapes))
    assert found[["line", "from_m", "to_m"]].to_numpy().tolist() == [
        [0, 0, 90],
        [0, 90, 20],
        [1, 0, 10],
        [1, 30, 40],
    ]
    assert stretches_of(graph(), lines()).empty


def test_passages_are_cut_to_stretches_in_place_and_time():
    stretches = pd.DataFrame(
        {"line": ["h", "h", "k"], "street": "a", "from_m": [150, 100, 190], "to_m": [50, 120, 210]}
    )
    cut = within(PLANNED, stretches)
    assert cut[["line", "from_m", "to_m"]].to_numpy().tolist() == [
        ["h", 50, 150],
        ["k", 190, 200],
        ["k", 200, 200],
    ]
    assert cut["starts_at"].tolist() == [after(1), after(3.8), after(4)]
    assert cut["ends_at"].tolist() == [after(3), after(4), after(19)]


metres = st.floats(0, 300, allow_subnormal=False)
walks = st.lists(st.tuples(metres, metres, st.floats(0.1, 60)), min_size=1, max_size=12)


@given(walks, metres)
def test_a_street_cut_in_two_takes_all_its_time(walked, cut_m):
    now, rows = 0.0, []
    for from_m, to_m, lasts in walked:
        rows.append(("a", from_m, to_m, now, now + lasts))
        now += lasts
    walked = passages(*rows)
    halves = pd.DataFrame(
        {"line": ["low", "high"], "street": "a", "from_m": [0, cut_m], "to_m": [cut_m, 300]}
    )
    cut = within(walked, halves)
    moved = walked["from_m"] != walked["to_m"]
    still_on_cut = (~moved & walked["from_m"].eq(cut_m)).to_numpy()
    twice = minutes_of(walked)[still_on_cut].sum()
    assert minutes_of(cut).sum() == pytest.approx(minutes_of(walked).sum() + twice, abs=1e-4)


def test_passages_of_nobody_have_their_columns():
    none = passages_frame([])
    assert none.empty
    assert minutes_of(none).tolist() == []
    told = [("u", "a", 0, 5, after(0), after(1))]
    assert minutes_of(passages_frame(told)).tolist() == [1.0]
