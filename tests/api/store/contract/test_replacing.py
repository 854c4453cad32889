"""Whole layers replaced: told by meaning what is new, other or gone, on both stores."""

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from api.store import comparing
from api.store.comparing import TOLERANCE_DEG, difference, same_place
from api.store.features import encode_features
from api.store.records import read_record
from api.store.writing import edits_of, note_files
from geo.errors import NotFoundError
from tests.api.store.contract.features import PROVENANCE, dots, lamp, put

SQUARE = [(98.39, 7.88), (98.391, 7.88), (98.391, 7.881), (98.39, 7.881), (98.39, 7.88)]
YARD = [(98.3902, 7.8802), (98.3902, 7.8805), (98.3905, 7.8805), (98.3902, 7.8802)]


def counts(store, zone, frame):
    with store.engine.reading() as session:
        layer_id, _ = read_record(session, zone, "lamps")
        return tuple(difference(session, layer_id, encode_features("lamps", frame)).counts)


@pytest.fixture
def lamps(kept, zone):
    put(kept, zone, "lamps", dots(["a", "b", "c"], lit=True, note=None))
    return zone


def test_what_is_new_other_and_gone_is_counted(kept, lamps):
    assert counts(kept, lamps, dots(["a", "b", "c"], lit=True, note=None)) == (0, 0, 0)
    assert counts(kept, lamps, dots(["a", "b", "c"], note="x", lit=True)) == (0, 3, 0)
    other = dots(["a", "b", "d", "e"], lit=True, note=None)
    assert counts(kept, lamps, other) == (2, 0, 1)


def test_order_of_columns_and_nulls_that_are_left_out_are_no_change(kept, lamps):
    before = kept.layer(lamps, "lamps").version
    frame = dots(["a", "b", "c"], lit=1)
    assert counts(kept, lamps, frame) == (0, 0, 0)
    put(kept, lamps, "lamps", frame)
    assert kept.layer(lamps, "lamps").version == before


def test_what_the_public_may_see_is_a_change_by_itself(kept, lamps, monkeypatch):
    shown = kept.layer(lamps, "lamps").public_count
    monkeypatch.setattr("api.store.features.public_properties", lambda *_: None)
    put(kept, lamps, "lamps", dots(["a", "b", "c"], lit=True, note=None))
    assert (shown, kept.layer(lamps, "lamps").public_count) == (3, 0)


def test_a_comparison_that_looks_at_the_whole_alone_would_be_found(kept, lamps, monkeypatch):
    """Plant the fault that a feature stays shown to the public because all of it is as it was."""

    def careless(stored, row):
        return comparing._same(stored["feature"], row.feature)

    monkeypatch.setattr(comparing, "_alike", careless)
    with pytest.raises(AssertionError):
        test_what_the_public_may_see_is_a_change_by_itself(kept, lamps, monkeypatch)


def test_edits_are_counted_and_files_noted(kept, lamps):
    for lit in (False, True):
        version = kept.item(lamps, "lamps", "b", view="full")[2]
        kept.put_feature(lamps, "lamps", lamp("b", lit=lit), if_version=version)
    with kept.engine.writing() as session:
        note_files(session, lamps, "lamps", {"lamps.geojson": "0" * 64})
    record = kept.layer(lamps, "lamps")
    assert edits_of(record) == 2
    assert record.provenance["folder"] == {"lamps.geojson": "0" * 64}
    assert record.provenance.items() >= PROVENANCE.items()
    with pytest.raises(NotFoundError), kept.engine.writing() as session:
        note_files(session, lamps, "tunnels", {})


shifts = st.floats(-5e-8, 5e-8)
corners = st.lists(
    st.tuples(st.floats(98.38, 98.40), st.floats(7.87, 7.89)), min_size=2, max_size=6, unique=True
)


@given(corners, st.lists(st.tuples(shifts, shifts), min_size=6, max_size=6))
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
def test_a_line_in_seven_decimals_is_the_line_unless_it_is_drawn_the_other_way(line, moves):
    moved = [(x + a, y + b) for (x, y), (a, b) in zip(line, moves, strict=False)]
    assert same_place(LineString(line), LineString(moved))
    ends = abs(shapely.distance(Point(line[0]), Point(line[-1])))
    if ends > 1e-6:
        assert not same_place(LineString(line), LineString(moved[::-1]))


def test_a_ring_may_be_drawn_either_way():
    house = Polygon(SQUARE, [YARD])
    assert same_place(house, Polygon(SQUARE[::-1], [YARD[::-1]]))
    assert not same_place(house, Polygon(SQUARE))
    assert not same_place(house, shapely.transform(house, lambda at: at + 3 * TOLERANCE_DEG))


def test_none_is_no_place():
    assert same_place(None, None)
    assert not same_place(None, Point(98.39, 7.88))
    assert not same_place(Point(98.39, 7.88), LineString(SQUARE))
