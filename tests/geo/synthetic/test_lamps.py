import numpy as np
import pytest
import shapely

from geo.synthetic.frontage import off_road
from geo.synthetic.lamps import place_lamps
from tests.geo.synthetic.conftest import streets_of


def lamps_of(name, width, seed=0):
    streets = streets_of((name, "tertiary", width, [(0, 0), (6_000, 0)]))
    area = shapely.box(-50, -50, 6_050, 50)
    return place_lamps(streets, area, rng=np.random.default_rng(seed))


def test_lamps_of_a_road_alternate_every_25_to_35_m():
    lamps = lamps_of("Main Road", 8.0)
    x, y = shapely.get_coordinates(lamps.geometry).T
    order = np.argsort(x)
    assert np.all((np.diff(x[order]) >= 25) & (np.diff(x[order]) <= 35))
    assert np.all(np.diff(np.sign(y[order])) != 0)
    assert np.abs(y) == pytest.approx(4.6)


def test_lanes_are_darker_than_roads():
    road, lane = lamps_of("Main Road", 8.0), lamps_of("Soi Romanee", 5.0)
    assert len(lane) < 0.85 * len(road)
    assert lane["lit"].mean() < road["lit"].mean() < 1
    assert set(lane["height_m"]) == {5.0}


def test_lamps_of_the_town_stand_off_the_roadway_and_out_of_buildings(layers, old_town):
    streets, boundary, _ = old_town
    lamps = layers["lamps"]
    xy = shapely.get_coordinates(lamps.geometry)
    assert len(lamps) > 150
    assert off_road(xy, streets).all()
    assert shapely.contains_xy(boundary, xy[:, 0], xy[:, 1]).all()
    assert shapely.distance(lamps.geometry, layers["buildings"].union_all()).min() > 0.2
    assert lamps["synthetic"].all()
    assert 0 < (~lamps["lit"]).sum() < 0.25 * len(lamps)
