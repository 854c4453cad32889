"""Findings are placed by the nearest street that crosses theirs."""

import numpy as np
from shapely import LineString

from api.crossings import junction_m, with_crossings
from tests.api.plan.sample import at, frame, line


def street(identity, name, *offsets):
    return identity, name, line(*offsets)


def streets(*rows):
    ids, names, lines = zip(*rows, strict=True)
    return frame(list(lines), id=ids, name_th=[f"ถ {n}" if n else "" for n in names], name_en=names)


TOWN = streets(
    street("long-1", "Long", (0, 0), (100, 0)),
    street("long-2", "Long", (100, 0), (200, 0)),
    street("long-3", "Long", (200, 0), (300, 0)),
    street("first", "First", (100, 0), (100, 90)),
    street("second", "Second", (200, 0), (200, 90)),
    street("lane", "", (300, 0), (300, 50)),
    street("other", "Other", (0, 50), (50, 50)),
)


def near(name, shape):
    findings = frame([shape], id=["f"], name_th=[f"ถ {name}" if name else ""], name_en=[name])
    placed = with_crossings(findings, TOWN).iloc[0]
    return placed["near_th"], placed["near_en"]


def test_the_nearest_crossing_of_the_own_street_is_named():
    assert near("Long", at(120, 0)) == ("ถ First", "First")
    assert near("Long", at(180, 0)) == ("ถ Second", "Second")
    assert near("Long", line((150, 0), (300, 0))) == ("ถ Second", "Second")


def test_a_street_that_only_passes_nearby_is_not_a_crossing():
    assert near("Long", at(40, 45)) == ("ถ First", "First")


def test_a_finding_on_an_unnamed_street_takes_any_crossing_street():
    assert near("", at(300, 40))[1] == "Long"


def test_a_street_nothing_crosses_stays_alone():
    assert near("Other", at(20, 50)) == ("", "")


def test_no_findings_give_no_names():
    empty = frame([LineString()], id=["f"], name_th=[""], name_en=[""]).iloc[:0]
    assert (
        list(with_crossings(empty, TOWN)[["near_th", "near_en"]].dtypes.astype(str)) == ["str"] * 2
    )


def test_places_are_measured_along_their_street_from_the_junction_at_its_nearer_end():
    places = frame(
        [at(130, 4), at(190, 4), at(103, 80), at(250, 0), at(20, 3)],
        id=list("abcde"),
        street=["long-2", "long-2", "first", "long-3", "long-1"],
    )
    # First Street has its other end, and Long Street its start, where nothing meets it.
    assert np.allclose(
        junction_m(places, TOWN), [30.0, 10.0, np.nan, 50.0, np.nan], atol=1e-6, equal_nan=True
    )
    assert junction_m(places.iloc[:0], TOWN).dtype == np.float64
