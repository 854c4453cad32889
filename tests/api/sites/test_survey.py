"""How sure the survey makes it: against odds computed again, and against the exact views."""

from dataclasses import replace

import numpy as np
import pytest
from shapely import Point, union_all

from analytics.blindspots import street_coverage
from analytics.camera_state import fields_now
from analytics.sighting_odds import seen_probability
from api.sites.result import SitesParams
from api.sites.survey import survey_figures, survey_layer, survey_lines, survey_points
from geo.visibility import fields_of_view
from geo.zone import Zone
from tests.api.sites.town import write_town
from tests.api.small_zone import X, Y, frame

NIGHT = SitesParams(draws=60)
DAY = replace(NIGHT, night=False)


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    """Give the town with cameras that look along streets, and light on one of two places."""
    town = Zone.load(write_town(tmp_path_factory.mktemp("zones") / "small"))
    lamps = frame(
        [Point(X + 200, Y + 180), Point(X + 180, Y + 200)],
        prefix="lamp",
        height_m=6.0,
        lit=[True, False],
        synthetic=True,
    )
    return replace(
        town, cameras=town.cameras.assign(azimuth_deg=[90.0, 225.0, 0.0, 0.0]), lamps=lamps
    )


def standing(zone, params):
    fields = fields_of_view(zone.cameras, zone.buildings)
    return fields_now(
        zone.cameras, fields, lamps=zone.lamps, night=params.night, lamp_reach_m=params.lamp_reach_m
    )


def points_of(zone, params=NIGHT, seed=3):
    seen = standing(zone, params)
    return survey_points(zone, zone.streets, seen, params=params, seed=seed)


def in_light(points, zone):
    """Tell which points a lit lamp reaches, by the distance to each lamp."""
    lamps = zone.lamps.geometry[zone.lamps["lit"]]
    return np.array([lamps.distance(point).min() <= NIGHT.lamp_reach_m for point in points])


def with_cameras(zone, **columns):
    return replace(zone, cameras=zone.cameras.assign(**columns))


def test_points_are_those_of_the_coverage(zone):
    points = points_of(zone)
    covered = street_coverage(zone.streets, standing(zone, NIGHT), spacing_m=2.0)
    for name in ("street", "offset_m", "length_m", "seen_by"):
        assert points[name].tolist() == covered[name].tolist(), name
    assert points.geometry.geom_equals(covered.geometry).all()
    assert points["length_m"].sum() == pytest.approx(zone.streets.length.sum())


def test_by_day_the_odds_are_those_of_the_cameras_that_work(zone):
    cameras = zone.cameras.iloc[[0, 3, 1]]  # camera-3 is down; the one without night vision last
    points = points_of(zone, DAY)
    again = seen_probability(
        points.geometry,
        cameras,
        zone.buildings,
        position_sd_m=1,
        azimuth_sd_deg=3,
        draws=60,
        seed=3,
    )
    assert points["probability"].tolist() == again["probability"].tolist()
    assert points["standard_error"].tolist() == again["standard_error"].tolist()
    assert points["probability"].between(0.05, 0.95, inclusive="neither").any()


def test_at_night_light_decides_what_a_camera_without_night_vision_adds(zone):
    night, day = points_of(zone), points_of(zone, DAY)
    lit = in_light(night.geometry, zone)
    sharp = zone.cameras.iloc[[0, 3]]
    dark = seen_probability(
        night.geometry, sharp, zone.buildings, position_sd_m=1, azimuth_sd_deg=3, draws=60, seed=3
    )["probability"]
    assert night["probability"].tolist() == np.where(lit, day["probability"], dark).tolist()
    # The fixture tells both cases apart: somewhere light helps, and somewhere its want hides.
    assert (night["probability"] < day["probability"])[~lit].any()
    assert (night["probability"] > dark)[lit].any()


def test_without_errors_the_odds_are_the_exact_views(zone):
    exact = points_of(zone, replace(NIGHT, position_error_m=0.0, azimuth_error_deg=0.0))
    seen = exact["seen_by"].gt(0).astype("float64")
    assert exact["probability"].tolist() == seen.tolist()
    figures = survey_figures(exact, zone, NIGHT)
    assert figures.as_surveyed_m > 0
    assert figures.nearly_always_m == figures.as_surveyed_m
    assert figures.expected_m == pytest.approx(figures.as_surveyed_m)
    assert figures.in_doubt_m == figures.largest_standard_error == 0


def test_errors_of_their_own_count_instead_and_are_counted(zone):
    assumed = survey_figures(points_of(zone), zone, NIGHT)
    assert (assumed.cameras, assumed.own_position, assumed.own_azimuth) == (3, 0, 0)
    known = with_cameras(zone, position_sd_m=[0.0, 0.0, 0.0, 0.0], azimuth_sd_deg=0.0)
    points = points_of(known)
    assert set(points["probability"]) == {0.0, 1.0}
    figures = survey_figures(points, known, NIGHT)
    assert (figures.own_position, figures.own_azimuth) == (3, 3)  # camera-3 is down
    mixed = with_cameras(zone, azimuth_sd_deg=[5.0, np.nan, 5.0, np.nan])
    figures = survey_figures(points_of(mixed), mixed, NIGHT)
    assert (figures.own_position, figures.own_azimuth) == (0, 1)


def test_lengths_are_those_of_the_bands(zone):
    points = points_of(zone)
    figures = survey_figures(points, zone, NIGHT)
    lengths = {"always": 0.0, "doubt": 0.0, "never": 0.0}
    expected = 0.0
    for share, length_m in zip(points["probability"], points["length_m"], strict=True):
        band = "always" if share >= 0.95 else "never" if share < 0.05 else "doubt"
        lengths[band] += length_m
        expected += share * length_m
    assert all(lengths.values())
    assert figures.nearly_always_m == pytest.approx(lengths["always"])
    assert figures.in_doubt_m == pytest.approx(lengths["doubt"])
    assert figures.nearly_never_m == pytest.approx(lengths["never"])
    assert figures.expected_m == pytest.approx(expected)
    assert figures.largest_standard_error == points["standard_error"].max()
    assert figures.draws == 60


def test_shares_on_the_edge_of_a_band_fall_as_the_words_say(zone):
    points = points_of(zone)
    edges = [0.05, 0.95, 0.049, 0.949]
    figures = survey_figures(
        points.iloc[:4].assign(probability=edges, length_m=[1.0, 10.0, 100.0, 1000.0]), zone, NIGHT
    )
    assert figures.nearly_always_m == 10
    assert figures.in_doubt_m == 1001
    assert figures.nearly_never_m == 100


def test_lines_part_the_streets_by_the_bands(zone):
    points = points_of(zone)
    figures, lines = survey_figures(points, zone, NIGHT), survey_lines(points, zone.streets)
    assert lines["nearly_always"].length == pytest.approx(figures.nearly_always_m)
    assert lines["in_doubt"].length == pytest.approx(figures.in_doubt_m)
    assert lines["nearly_never"].length == pytest.approx(figures.nearly_never_m)
    everything = union_all(list(lines.values()))
    streets = union_all(zone.streets.geometry.to_numpy())
    assert everything.hausdorff_distance(streets) < 1e-6
    sure = points[points["probability"] >= 0.95]
    assert sure.distance(lines["nearly_always"]).max() < 1e-6
    assert points.drop(sure.index).distance(lines["nearly_always"]).min() > 0.5


def test_the_layer_holds_points_and_no_camera(zone):
    points = points_of(zone)
    layer = survey_layer(points, synthetic=True)
    assert layer.columns.tolist() == [
        *("street", "offset_m", "length_m", "probability", "standard_error"),
        *("geometry", "synthetic"),
    ]
    assert layer.index.is_unique
    assert layer.index[0] == "point-00001"
    assert layer["synthetic"].all()
    assert layer["probability"].tolist() == points["probability"].tolist()


def test_the_same_seed_gives_the_same_odds_and_another_others(zone):
    one, same, other = points_of(zone), points_of(zone), points_of(zone, seed=4)
    assert one["probability"].tolist() == same["probability"].tolist()
    assert one["probability"].tolist() != other["probability"].tolist()


@pytest.mark.parametrize("params", [NIGHT, DAY])
def test_a_zone_where_no_camera_works_has_no_odds(zone, params):
    for bare in (with_cameras(zone, status="down"), replace(zone, cameras=zone.cameras.iloc[:0])):
        figures = survey_figures(points_of(bare, params), bare, params)
        assert figures.nearly_never_m == pytest.approx(zone.streets.length.sum())
        assert (figures.cameras, figures.expected_m) == (0, 0)


def test_a_zone_without_lamps_leaves_the_dark_to_night_vision(zone):
    unlit = replace(zone, lamps=zone.lamps.iloc[:0])
    sharp = with_cameras(zone, status=["up", "down", "down", "up"])
    assert points_of(unlit)["probability"].tolist() == points_of(sharp)["probability"].tolist()
