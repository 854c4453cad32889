from itertools import pairwise

import numpy as np
import pytest
import shapely

from geo.synthetic.frontage import frontages, named
from geo.synthetic.lots import detached_lots, shophouse_lots
from geo.synthetic.obstacles import Obstacles
from tests.geo.synthetic.conftest import places_of, streets_of


def divide(plan, *places, seed=0, depth=200.0):
    """Divide the northern side of a street of 400 m."""
    streets = streets_of(("Main", "tertiary", 8.0, [(0, 0), (400, 0)]))
    obstacles = Obstacles(streets, shapely.box(-20, -depth, 420, depth), places_of(*places))
    north = named(frontages(streets), "Main")[0]
    assert north.at(np.array([0.0]), 0.0)[0, 1] > 0
    return plan(north, obstacles, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
def test_shophouses_are_narrow_and_deep_and_stand_wall_to_wall(seed):
    lots = divide(shophouse_lots, seed=seed)
    fronts = np.array([lot.end_m - lot.start_m for lot in lots])
    depths = np.array([lot.back_m - lot.front_m for lot in lots])
    assert np.all((fronts > 4 - 1e-9) & (fronts < 6 + 1e-9))
    assert 18 <= depths.min() <= depths.max() <= 40
    gaps = np.array([after.start_m - before.end_m for before, after in pairwise(lots)])
    assert np.mean(gaps == 0) > 0.85
    assert gaps.min() == 0
    assert {lot.kind for lot in lots} == {"shophouse"}
    assert {lot.front_m - lot.kerb_m for lot in lots} <= {0.0, 2.0}


def test_rows_have_passages_and_most_a_covered_way_and_some_yards():
    lots = [lot for seed in range(8) for lot in divide(shophouse_lots, seed=seed)]
    gaps = np.array([after.start_m - before.end_m for before, after in pairwise(lots)])
    passages = gaps[gaps > 0]
    assert len(passages) > 8
    assert np.all((passages >= 1.5) & (passages <= 3.0))
    covered = np.array([lot.kerb_m < lot.front_m for lot in lots])
    assert 0.7 < covered.mean() < 1
    yards = np.array([lot.rear_m - lot.back_m for lot in lots])
    assert 0.1 < np.mean(yards > 0) < 0.6
    assert np.all((yards == 0) | ((yards > 2 - 1e-9) & (yards < 9 + 1e-9)))


def test_a_house_never_reaches_past_the_free_room():
    lots = divide(shophouse_lots, depth=32.0)
    assert lots
    # The street's edge at 4 m, the boundary at 32 m with 0.8 m to it.
    assert max(4 + lot.rear_m for lot in lots) <= 31.2
    assert divide(shophouse_lots, depth=20.0) == []


def test_a_place_point_interrupts_a_row():
    lots = divide(shophouse_lots, ("shrine", 200.0, 12.0))
    assert all(lot.end_m < 197.5 or lot.start_m > 202.5 for lot in lots)
    assert len(lots) > 50


@pytest.mark.parametrize("seed", range(5))
def test_detached_buildings_stand_apart(seed):
    lots = divide(detached_lots, seed=seed)
    assert len(lots) > 12
    assert all(after.start_m - before.end_m >= 2 for before, after in pairwise(lots))
    assert all(lot.kerb_m == lot.front_m and lot.rear_m == lot.back_m for lot in lots)
    assert {lot.kind for lot in lots} == {"detached"}
