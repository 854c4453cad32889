import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import STRtree

from geo.synthetic.buildings import HISTORIC_STREETS, build_up
from geo.synthetic.frontage import width_m
from tests.geo.synthetic.conftest import places_of, streets_of


def overlap_m2(shapes):
    """Add up what every two shapes share, by brute force over their boxes."""
    first, second = STRtree(shapes).query(shapes)
    once = first < second
    return float(
        shapely.area(shapely.intersection(shapes[first[once]], shapes[second[once]])).sum()
    )


def junction_town(angle_deg=80.0, width=8.0, bend=10.0):
    """Cross a bent main road of the core with a lane and a plain road."""
    along, across = math.radians(angle_deg), math.radians(angle_deg + 20)
    streets = streets_of(
        ("Thalang Road", "tertiary", width, [(0, 0), (80, 0)]),
        ("Thalang Road", "tertiary", width, [(80, 0), (150, bend), (240, bend)]),
        (
            "Soi Romanee",
            "living_street",
            5.0,
            [(80, 0), (80 + 150 * math.cos(along), 150 * math.sin(along))],
        ),
        (
            "Plain Road",
            "residential",
            math.nan,
            [(240, bend), (240 + 200 * math.cos(across), bend - 200 * math.sin(across))],
        ),
    )
    return streets, shapely.box(-100, -250, 340, 250), places_of(("hotel", 40, 9))


def build(town, seed=0):
    return build_up(*town, rng=np.random.default_rng(seed))


@settings(max_examples=25)
@given(
    angle_deg=st.floats(40, 140),
    width=st.floats(4, 14),
    bend=st.floats(-25, 25),
    seed=st.integers(0, 2**32),
)
def test_in_any_town_houses_are_whole_and_disjoint_and_off_the_streets(
    angle_deg, width, bend, seed
):
    streets, boundary, places = town = junction_town(angle_deg, width, bend)
    buildings, grounds = build(town, seed)
    shapes = buildings.geometry.to_numpy()
    assert len(shapes) > 20
    assert shapely.is_valid(shapes).all()
    assert shapely.is_valid(grounds.geometry.to_numpy()).all()
    assert overlap_m2(shapes) <= 1e-6
    surface = shapely.union_all(shapely.buffer(streets.geometry, width_m(streets) / 2))
    assert shapely.distance(shapes, surface).min() >= 0.9
    assert shapely.contains(boundary, shapes).all()
    assert shapely.distance(shapes, places.geometry.iloc[0]).min() >= 2.0


@pytest.mark.parametrize("seed", range(3))
def test_party_walls_are_shared_to_the_last_bit(seed):
    buildings, _ = build(junction_town(bend=0.0), seed)
    rows = buildings[buildings["kind"] == "shophouse"].geometry
    corners = [set(map(tuple, shapely.get_coordinates(shape))) for shape in rows]
    together = [
        len(corners[at] & corners[at + 1])
        for at in range(len(rows) - 1)
        if rows.iloc[at].distance(rows.iloc[at + 1]) < 1e-3
    ]
    assert len(together) > 60
    assert min(together) >= 2


def test_walls_stay_shared_when_coordinates_are_rounded(layers):
    shapes = layers["buildings"].to_crs(4326).geometry.to_numpy()
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, 7))
    assert shapely.is_valid(rounded).all()
    first, second = STRtree(rounded).query(rounded, predicate="intersects")
    assert not (shapely.relate(rounded[first], rounded[second])[first != second] == "2").any()
    shared = shapely.intersection(rounded[first], rounded[second])
    square_degrees = shapely.area(shared[first < second]).sum()
    assert square_degrees * 111_000**2 <= 1e-6


def test_the_town_has_its_rows(layers, old_town):
    streets, boundary, _ = old_town
    buildings = layers["buildings"]
    assert 1_500 <= len(buildings) <= 3_500
    shapes = buildings.geometry.to_numpy()
    assert overlap_m2(shapes) <= 1e-6
    assert shapely.contains(boundary, shapes).all()
    surface = shapely.union_all(shapely.buffer(streets.geometry, width_m(streets) / 2))
    assert not shapely.intersects(surface, shapes).any()
    rows = buildings[buildings["kind"] == "shophouse"]
    thalang = streets[streets["name_en"] == "Thalang Road"].union_all()
    assert (rows.distance(thalang) < 10).sum() > 100
    assert rows["height_m"].between(7, 14).all()


def test_the_overlap_check_sees_a_house_moved_by_half_a_metre(layers):
    shapes = layers["buildings"].geometry.to_numpy().copy()
    here, there = (shapely.get_coordinates(shapes[at].centroid)[0] for at in (0, 1))
    assert shapely.touches(shapes[0], shapes[1])
    step = 0.5 * (there - here) / np.hypot(*(there - here))
    shapes[0] = shapely.transform(shapes[0], lambda xy: xy + step)
    assert overlap_m2(shapes) > 5


def test_no_place_point_is_built_over(layers, old_town):
    _, _, places = old_town
    shapes = layers["buildings"].geometry.to_numpy()
    hit = STRtree(shapes).query(places.geometry.to_numpy(), predicate="intersects")
    assert hit.size == 0


def test_every_five_foot_way_lies_between_its_house_and_the_street(layers, old_town):
    streets, _, _ = old_town
    buildings, grounds = layers["buildings"], layers["grounds"]
    ways = grounds[grounds["kind"] == "five_foot_way"]
    houses = buildings.geometry.loc[ways["building"]].to_numpy()
    assert (buildings["kind"].loc[ways["building"]] == "shophouse").all()
    assert 0.7 < len(ways) / (buildings["kind"] == "shophouse").sum() < 1
    fronts = shapely.length(shapely.intersection(ways.geometry.to_numpy(), houses))
    assert np.all((fronts > 3.6) & (fronts < 6.6))
    core = streets[streets["name_en"].isin(HISTORIC_STREETS)]
    pavement = shapely.union_all(shapely.buffer(core.geometry, width_m(core) / 2))
    gap = shapely.distance(ways.geometry.to_numpy(), pavement)
    assert np.quantile(gap, 0.99) < 0.3
    # Open ground: no house stands on it.
    way, house = STRtree(buildings.geometry.to_numpy()).query(ways.geometry, predicate="intersects")
    covered = shapely.intersection(
        ways.geometry.to_numpy()[way], buildings.geometry.to_numpy()[house]
    )
    assert shapely.area(covered).sum() <= 1e-6


def test_yards_lie_behind_their_houses_and_under_no_other(layers):
    buildings, grounds = layers["buildings"], layers["grounds"]
    yards = grounds[grounds["kind"] == "yard"]
    assert len(yards) > 100
    houses = buildings.geometry.loc[yards["building"]].to_numpy()
    shared = shapely.length(shapely.intersection(yards.geometry.to_numpy(), houses))
    assert shared.min() > 2.4
    yard, house = STRtree(buildings.geometry.to_numpy()).query(
        yards.geometry, predicate="intersects"
    )
    covered = shapely.intersection(
        yards.geometry.to_numpy()[yard], buildings.geometry.to_numpy()[house]
    )
    assert shapely.area(covered).sum() <= 1e-6
