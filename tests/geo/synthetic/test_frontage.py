import math

import numpy as np
import pytest
import shapely

from geo.errors import ParameterError
from geo.synthetic.frontage import Frontage, frontages, named, off_road, width_m
from tests.geo.synthetic.conftest import streets_of


def frontage(*xy, width=8.0, name="Main Road"):
    return Frontage(shapely.LineString(xy), "ถนน", name, "tertiary", width)


def test_the_side_lies_left_of_the_line_beyond_the_edge_of_the_street():
    eastward = frontage((0, 0), (100, 0))
    assert eastward.at(np.array([30.0]), 2.0).tolist() == [[30.0, 6.0]]
    westward = frontage((100, 0), (0, 0))
    assert westward.at(np.array([30.0]), 2.0).tolist() == [[70.0, -6.0]]


def test_directions_turn_gradually_at_a_bend():
    bend = frontage((0, 0), (50, 0), (50, 50))
    azimuths = [
        math.degrees(math.atan2(*bend.directions(np.array([station]))[0]))
        for station in (40.0, 48.0, 50.0, 52.0, 60.0)
    ]
    assert azimuths[0] == pytest.approx(90)
    assert azimuths[2] == pytest.approx(45)
    assert azimuths[4] == pytest.approx(0, abs=1e-9)
    assert azimuths == sorted(azimuths, reverse=True)


def test_a_street_that_turns_back_on_itself_still_has_directions():
    hairpin = frontage((0, 0), (50, 0), (0, 0))
    loop = frontage((0, 0), (1, 0), (1, 1), (0, 0))
    for line in (hairpin, loop):
        directions = line.directions(np.linspace(0, line.line.length, 41))
        assert np.hypot(*directions.T) == pytest.approx(1)


def test_an_edge_for_each_direction_of_travel_is_one_line():
    streets = streets_of(
        ("Main Road", "tertiary", 8.0, [(0, 0), (50, 0)]),
        ("Main Road", "tertiary", 8.0, [(50, 0), (0, 0)]),
    )
    assert [side.line.length for side in frontages(streets)] == [50.0, 50.0]


def test_edges_of_one_street_join_into_one_chain_with_two_sides():
    streets = streets_of(
        ("Main Road", "tertiary", 8.0, [(0, 0), (50, 0)]),
        ("Side Road", "tertiary", 8.0, [(50, 0), (50, 80)]),
        ("Main Road", "tertiary", 8.0, [(50, 0), (120, 0)]),
    )
    sides = named(frontages(streets), "Main Road")
    assert [side.line.length for side in sides] == [120.0, 120.0]
    assert sides[0].line.equals_exact(sides[1].line.reverse())
    assert {side.name_th for side in sides} == {"th Main Road"}


def test_a_change_of_width_ends_a_chain_and_unnamed_edges_stay_apart():
    streets = streets_of(
        ("Main Road", "tertiary", 8.0, [(0, 0), (50, 0)]),
        ("Main Road", "tertiary", 12.0, [(50, 0), (120, 0)]),
        ("", "service", 4.0, [(120, 0), (150, 0)]),
        ("", "service", 4.0, [(150, 0), (180, 0)]),
    )
    assert len(frontages(streets)) == 8


def test_the_order_of_the_edges_does_not_matter():
    rows = [
        ("Main Road", "tertiary", 8.0, [(0, 0), (50, 0)]),
        ("Main Road", "tertiary", 8.0, [(50, 0), (120, 0)]),
        ("Side Road", "tertiary", 8.0, [(50, 0), (50, 80)]),
    ]
    forward, backward = (
        [side.line.normalize().wkt for side in frontages(streets_of(*order))]
        for order in (rows, rows[::-1])
    )
    assert forward == backward


def test_a_street_without_width_takes_that_of_its_class():
    streets = streets_of(
        ("A", "primary", math.nan, [(0, 0), (9, 0)]),
        ("B", "unheard_of", math.nan, [(0, 0), (0, 9)]),
        ("C", "primary", 5.5, [(0, 0), (9, 9)]),
    )
    assert width_m(streets).tolist() == [12.0, 6.0, 5.5]


def test_lanes_are_known_by_name_or_width():
    assert frontage((0, 0), (9, 0), name="Soi Romanee").is_soi
    assert frontage((0, 0), (9, 0), width=4.0).is_soi
    assert not frontage((0, 0), (9, 0)).is_soi


def test_off_road_points_lie_beside_every_street():
    streets = streets_of(
        ("A", "tertiary", 8.0, [(0, 0), (100, 0)]),
        ("B", "tertiary", 4.0, [(50, 0), (50, 80)]),
    )
    beside = off_road(np.array([[20.0, 4.1], [20.0, 3.9], [51.9, 40.0], [52.1, 40.0]]), streets)
    assert beside.tolist() == [True, False, False, True]


def test_an_unknown_street_is_named_in_the_error():
    streets = streets_of(("A", "tertiary", 8.0, [(0, 0), (100, 0)]))
    with pytest.raises(ParameterError, match=r"Expected a street named 'B', got none\."):
        named(frontages(streets), "B")
