"""Tasks of new and standing cameras: their footprints again, at the height people are judged at."""

from dataclasses import replace

import pytest
from shapely import union_all

from api.sites.job import run_sites
from geo.visibility import footprints
from tests.api.sites.town import PARAMS, seen_length, with_zone


def street_in_detail(zone, sites, *, height_m):
    """Length of street that each site sees at the task "detect", private ground taken out."""
    private = union_all(zone.grounds.geometry.to_numpy())
    detect = footprints(sites, zone.buildings, task="detect", target_height_m=height_m)
    return {
        site: seen_length(zone.streets, [ground.difference(private)])
        for site, ground in detect.items()
    }


def test_tasks_are_measured_within_footprints(inputs, result):
    sites, tasks = result.layers["camera_sites"], result.tables.tasks
    told = tasks[tasks["task"] == "detect"].set_index("site")["street_m"]
    assert told.to_dict() == pytest.approx(street_in_detail(inputs.zone, sites, height_m=1.6))
    by_site = tasks.groupby("site")
    assert by_site["street_m"].is_monotonic_decreasing.all()
    assert by_site["px_per_m"].is_monotonic_increasing.all()
    assert (tasks["reach_m"] <= 60.0).all()


def test_people_are_judged_at_the_height_that_is_asked_for(inputs, result):
    flat = run_sites(inputs, seed=1, params=replace(PARAMS, target_height_m=0.0))
    tasks = flat.tables.tasks
    told = tasks[tasks["task"] == "detect"].set_index("site")["street_m"]
    on_ground = street_in_detail(inputs.zone, flat.layers["camera_sites"], height_m=0.0)
    assert told.to_dict() == pytest.approx(on_ground)
    # The dead zone of a camera is larger on the ground than at the height of a face.
    fine = [
        table[table["task"] == "identify"]["street_m"] for table in (tasks, result.tables.tasks)
    ]
    assert fine[0].sum() < fine[1].sum()


def test_cameras_no_higher_than_a_face_are_counted_apart(inputs, result):
    assert result.figures.cameras_too_low == 0
    cameras = inputs.zone.cameras
    low = cameras.assign(height_m=cameras["height_m"].where(cameras.index != "camera-1", 1.6))
    told = run_sites(with_zone(inputs, cameras=low), seed=1, params=PARAMS)
    assert (told.figures.cameras_too_low, told.figures.cameras_without_lens) == (1, 1)
    coverage = told.tables.coverage.set_index(["task", "owner"])["before_m"]
    assert coverage["", "programme"] > 0
    assert coverage.get(("detect", "programme"), 0.0) == 0
    tall = run_sites(inputs, seed=1, params=replace(PARAMS, target_height_m=9.0))
    assert tall.figures.cameras_too_low == 3
    assert tall.tables.tasks.empty


def test_every_standard_is_told_task_by_task(inputs):
    other = run_sites(inputs, seed=1, params=replace(PARAMS, standard="EN 62676-4:2025"))
    assert other.tables.tasks["task"].nunique() == 7
    assert len(other.layers["site_footprints"]) == 7 * 3
