import numpy as np
import pytest
import shapely

from geo.errors import ParameterError
from geo.synthetic.incident_ground import Ground
from tests.geo.synthetic.conftest import streets_of

STREETS = streets_of(
    ("Main", "primary", 10.0, [(0, 0), (100, 0)]),
    ("Lane", "service", 4.0, [(100, 0), (100, 300)]),
)


def test_points_spread_over_the_lines_by_weight():
    ground = Ground(STREETS, shapely.box(-50, -50, 200, 350))
    xy = ground.along(np.array([3.0, 1.0]), 4_000, np.random.default_rng(1))
    on_main = xy[:, 1] == 0
    assert on_main.mean() == pytest.approx(0.75, abs=0.03)
    assert np.histogram(xy[on_main, 0], bins=4, range=(0, 100))[0] == pytest.approx(750, rel=0.15)


def test_points_come_to_the_nearest_street_between_its_edges():
    ground = Ground(STREETS, shapely.box(-50, -50, 200, 350))
    away = np.column_stack([np.full(500, 130.0), np.linspace(20, 280, 500)])
    x, y = ground.beside(away, np.random.default_rng(2)).T
    assert y == pytest.approx(away[:, 1])
    assert np.all(np.abs(x - 100) <= 2)
    assert x.std() > 0.9


def test_streets_end_at_the_boundary():
    ground = Ground(STREETS, shapely.box(-50, -50, 200, 108))
    assert ground.length_m.tolist() == [100.0, 100.0]
    with pytest.raises(ParameterError, match="streets inside `boundary`"):
        Ground(STREETS, shapely.box(500, 500, 600, 600))
