import numpy as np
import pytest
import shapely

from geo.synthetic.obstacles import LOT_ROOM_M, PAVEMENT_M, PLACE_ROOM_M, Obstacles
from tests.geo.synthetic.conftest import places_of, streets_of

NORTH = np.array([[0.0, 1.0]])


def town(*places):
    """Build two parallel streets 60 m apart, joined far to the west."""
    streets = streets_of(
        ("South", "tertiary", 8.0, [(0, 0), (200, 0)]),
        ("North", "tertiary", 8.0, [(0, 60), (200, 60)]),
        ("West", "tertiary", 8.0, [(0, 0), (0, 60)]),
    )
    return Obstacles(streets, shapely.box(-40, -40, 180, 100), places_of(*places))


def room(obstacles, x, y, reach=100.0):
    return float(obstacles.room_m(np.array([[x, y]]), NORTH, reach)[0])


def test_a_street_leaves_each_side_of_its_block_half_the_room():
    # Free from y = 6 to the northern pavement at 60 - 4 - 1.
    assert room(town(), 100, 6) == pytest.approx((60 - 4 - PAVEMENT_M - 6) / 2)


def test_places_the_boundary_and_standing_lots_end_the_room():
    assert room(town(("hotel", 100, 20)), 100, 6) == pytest.approx(14 - PLACE_ROOM_M)
    assert room(town(), 100, 66) == pytest.approx(34 - LOT_ROOM_M)
    obstacles = town()
    obstacles.add(np.array([shapely.box(90, 15, 110, 30)], dtype=object))
    assert room(obstacles, 100, 6) == pytest.approx(9 - LOT_ROOM_M)


def test_there_is_no_room_on_a_pavement_or_outside_the_boundary():
    assert room(town(), 100, 4.5) == 0.0
    assert room(town(), 100, 120) == 0.0
    assert room(town(), 190, 20) == 0.0


def test_a_traffic_island_stays_empty():
    ring = [(20, 0), (0, 20), (-20, 0), (0, -20)]
    streets = streets_of(
        *(
            ("Circle", "primary", 6.0, [start, end])
            for start, end in zip(ring, ring[1:] + ring[:1], strict=True)
        )
    )
    obstacles = Obstacles(streets, shapely.box(-99, -99, 99, 99), places_of())
    assert room(obstacles, 0, 0) == 0.0


def test_lots_may_share_a_wall_but_not_ground():
    lots = np.array(
        [
            shapely.box(50, 6, 55, 20),
            shapely.box(55, 6, 60, 25),
            shapely.box(59, 6, 64, 20),
            shapely.box(64, 6, 69, 20),
            shapely.box(90, 2, 95, 20),
            shapely.Polygon([(70, 6), (75, 20), (75, 6), (70, 20)]),
        ],
        dtype=object,
    )
    assert town().clear(lots).tolist() == [True, True, False, True, False, False]


def test_a_lot_keeps_away_from_lots_of_other_rows():
    obstacles = town()
    obstacles.add(np.array([shapely.box(50, 6, 55, 20)], dtype=object))
    lots = np.array([shapely.box(55.5, 6, 60, 20), shapely.box(56, 6, 60, 20)], dtype=object)
    assert obstacles.clear(lots).tolist() == [False, True]
