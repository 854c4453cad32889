"""Footprints and the lens: the vertical view, the dead zone, the pixels of a task."""

import math

import numpy as np
import pytest
import shapely

from geo.pixel_density import STANDARDS
from tests.geo.footprint_cases import FAR_WALL, footprint
from tests.geo.sights import ARC_TOLERANCE_M, blocks, lens_camera

BY_TASK = [(standard, task) for standard, tasks in STANDARDS.items() for task in tasks]


@pytest.mark.parametrize(
    ("tilt_deg", "vfov_deg", "near_deg", "far_deg"),
    [
        (45.0, 90.0, 90.0, 0.0),
        (30.0, 40.0, 50.0, 10.0),
        (20.0, 40.0, 40.0, 0.0),
        (80.0, 40.0, 90.0, 60.0),
        (90.0, 60.0, 90.0, 60.0),
        (-5.0, 20.0, 5.0, 0.0),
        (10.0, 180.0, 90.0, 0.0),
    ],
)
@pytest.mark.parametrize("target_height_m", [0.0, 1.5])
def test_the_vertical_view_bounds_the_distance(
    tilt_deg, vfov_deg, near_deg, far_deg, target_height_m
):
    camera = lens_camera(tilt_deg=tilt_deg, vfov_deg=vfov_deg, range_m=60.0)
    field = footprint(camera, blocks(), target_height_m=target_height_m)
    drop = 4.0 - target_height_m
    near = drop / math.tan(math.radians(near_deg))
    far = min(60.0, drop / math.tan(math.radians(far_deg))) if far_deg else 60.0
    # Along the first corner of both arcs' polygons, a corner lies on the outer one.
    field = field.intersection(shapely.LineString([(0.0, 0.0), (0.0, 99.0)]))
    (_, first), (_, last) = shapely.get_coordinates(field)[[0, -1]]
    assert near <= first + 1e-9 <= near + ARC_TOLERANCE_M + 2e-9
    assert far - ARC_TOLERANCE_M <= last <= far


@pytest.mark.parametrize(("tilt_deg", "vfov_deg"), [(-30.0, 60.0), (-90.0, 120.0), (-1.0, 1.0)])
def test_a_camera_that_looks_above_the_plane_sees_nothing(tilt_deg, vfov_deg):
    camera = lens_camera(tilt_deg=tilt_deg, vfov_deg=vfov_deg)
    assert footprint(camera, blocks()).is_empty


def test_the_dead_zone_lies_around_its_circle():
    """A polygon around it: no more is called seen than is."""
    for arc_tolerance_m in (1e-3, 0.1, 1e9):
        camera = lens_camera(tilt_deg=20.0, vfov_deg=50.0)
        field = footprint(camera, blocks(), arc_tolerance_m=arc_tolerance_m)
        ring = np.hypot(*shapely.get_coordinates(field.interiors[0]).T)
        near = 4.0 / math.tan(math.radians(45.0))
        assert shapely.distance(field.interiors[0], shapely.Point(0.0, 0.0)) == pytest.approx(near)
        assert (ring <= near + max(arc_tolerance_m, 1e-9)).all()


@pytest.mark.parametrize(("standard", "task"), BY_TASK)
def test_a_task_ends_where_its_pixels_do(standard, task):
    camera = lens_camera(fov_deg=60.0, resolution_px=2560.0, range_m=1e4)
    field = footprint(camera, blocks(), standard=standard, task=task)
    reach = 2560.0 / (2.0 * STANDARDS[standard][task] * math.tan(math.radians(30.0)))
    assert shapely.hausdorff_distance(field, shapely.Point(0.0, 0.0)) == pytest.approx(reach)


def test_a_lens_may_be_given_by_its_focal_length():
    by_angle = lens_camera(fov_deg=90.0, vfov_deg=60.0, tilt_deg=40.0)
    by_lens = lens_camera(
        fov_deg=math.nan,
        vfov_deg=math.nan,
        tilt_deg=40.0,
        focal_mm=3.0,
        sensor_width_mm=6.0,
        sensor_height_mm=6.0 * math.tan(math.radians(30.0)),
    )
    wall = blocks(FAR_WALL, height_m=2.0)
    expected = footprint(by_angle, wall)
    assert footprint(by_lens, wall).symmetric_difference(expected).area < 1e-9
    assert footprint(by_lens.drop(columns="fov_deg"), wall).area == pytest.approx(expected.area)
    # A given angle goes before the lens: a maker states it with the lens's distortion.
    both = by_lens.assign(fov_deg=40.0)
    assert footprint(both, wall).area < 0.5 * expected.area
