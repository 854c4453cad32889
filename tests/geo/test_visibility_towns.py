"""Fields of view in three towns, against CGAL and against lines of sight.

`python -m tests.geo.visibility_figures` prints the figures.
"""

import pytest
import shapely

from geo import _views
from tests.geo import visibility_figures as figures


@pytest.fixture(scope="module", params=list(figures.TOWNS))
def town(request):
    """Return the buildings of a town, and cameras among them."""
    if request.param == "Hanoi":
        request.getfixturevalue("reference")
    buildings = figures.TOWNS[request.param]()
    solids = figures.as_one(buildings)
    return figures.cameras_in(solids, figures.CAMERAS, seed=figures.SEED), buildings


@pytest.mark.slow
def test_fields_agree_with_cgal(town):
    errors = figures.errors_of(*town)
    assert errors["near_origin"].max() <= 1e-9
    # Where the town was surveyed, a small field is bound to the steps of its coordinates.
    assert ((errors["surveyed"] <= 1e-9) | (errors["steps"] <= 1.0)).all()
    assert errors["surveyed"].median() <= 1e-10
    assert errors["raw"].max() <= 1e-12


@pytest.mark.slow
def test_no_point_is_judged_otherwise_by_a_line_of_sight(town):
    points = figures.judged(*town, points=figures.POINTS_A_CAMERA, seed=figures.SEED)
    assert points.wrong == 0
    assert points.touching <= points.total // 100
    assert 0.2 < points.seen / points.total < 0.8


@pytest.mark.slow
def test_the_figures_catch_one_wall_in_ten_turned_around(town, monkeypatch):
    """Such a wall is taken for seen from behind, and hides nothing."""
    cameras, buildings = town[0].iloc[:48], figures.as_one(town[1])
    true_scene = _views.scene_of

    def planted(parts):
        scene = true_scene(parts)
        walls = scene.walls.copy()
        walls[::10] = walls[::10][:, [0, 1, 4, 5, 2, 3]]
        return scene._replace(walls=walls)

    monkeypatch.setattr(_views, "scene_of", planted)
    assert figures.errors_of(cameras, buildings)["near_origin"].max() > 1e-3
    assert figures.judged(cameras, buildings, points=100, seed=figures.SEED).wrong > 0


def test_cameras_of_the_figures_are_of_every_kind():
    buildings = figures.bubenec()
    solids = figures.as_one(buildings)
    cameras = figures.cameras_in(solids, figures.CAMERAS, seed=figures.SEED)
    first = cameras.azimuth_deg - cameras.fov_deg / 2
    last = cameras.azimuth_deg + cameras.fov_deg / 2
    assert ((first < 0.0) | (last > 360.0)).sum() > 40
    assert (cameras.fov_deg == 360.0).sum() > 15
    assert (cameras.fov_deg < 10.0).sum() > 30
    assert (cameras.range_m == 2000.0).sum() == 7
    outline = shapely.boundary(shapely.union_all(solids.geometry.to_numpy()))
    assert (cameras.distance(outline) < 1e-8).sum() >= 42
