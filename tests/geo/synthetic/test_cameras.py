import re

import numpy as np
import pytest
import shapely

from geo.errors import ParameterError
from geo.layers import check_layer
from geo.synthetic import cameras as synthetic
from geo.synthetic.cameras import NIGHT_VISION_SHARE, place_cameras, place_sos_points
from geo.synthetic.frontage import off_road
from tests.geo.synthetic.conftest import streets_of


@pytest.fixture(scope="module")
def cameras(layers):
    return layers["cameras"]


@pytest.fixture(scope="module")
def programme(cameras):
    return cameras[cameras["owner_kind"] == "programme"]


def azimuth_along(streets, point):
    """Give the azimuth of the nearest street at a point, in [0, 180)."""
    line = streets.geometry.iloc[streets.distance(point).argmin()]
    station = line.project(point)
    (x0, y0), (x1, y1) = (
        line.interpolate(reach).coords[0] for reach in (max(station - 1, 0), station + 1)
    )
    return np.degrees(np.arctan2(x1 - x0, y1 - y0)) % 180


def test_the_programme_has_its_published_counts(programme, layers, old_town):
    streets, _, _ = old_town
    thalang = streets[streets["name_en"] == "Thalang Road"].union_all()
    assert len(programme) == 28
    assert programme.geometry.to_wkt().nunique() == 12
    assert programme["place_en"].nunique() == programme["place_th"].nunique() == 12
    assert programme.distance(thalang).max() < 8
    assert len(layers["sos_points"]) == 4
    assert layers["sos_points"].distance(thalang).max() < 8


def test_programme_cameras_look_along_the_street_and_some_across(programme, old_town):
    streets, _, _ = old_town
    thalang = streets[streets["name_en"] == "Thalang Road"]
    turned = np.array(
        [
            (row.azimuth_deg - azimuth_along(thalang, row.geometry) + 5) % 180
            for row in programme.itertuples()
        ]
    )
    along = turned < 10
    assert along.sum() == 24
    assert np.all(np.abs(turned[~along] - 95) < 5)
    for _, views in programme.groupby("place_en"):
        assert len(views) == views["azimuth_deg"].nunique()


def test_cameras_stand_beside_the_streets_and_never_in_a_building(cameras, layers, old_town):
    streets, boundary, _ = old_town
    xy = shapely.get_coordinates(cameras.geometry)
    assert off_road(xy, streets).all()
    assert shapely.contains_xy(boundary, xy[:, 0], xy[:, 1]).all()
    walls = layers["buildings"].union_all()
    assert shapely.distance(cameras.geometry, walls).min() > 0.3


def test_other_cameras_have_owners_without_real_names(cameras):
    counts = cameras["owner_kind"].value_counts()
    assert 30 <= counts["municipal"] <= 40
    assert 38 <= counts["private"] <= 45
    private = cameras.loc[cameras["owner_kind"] == "private", "owner"]
    assert private.is_unique
    assert private.str.fullmatch(r"Private owner \d\d").all()


def test_optics_are_complete_and_plausible(cameras):
    checked = check_layer(cameras, "cameras", source="synthetic")
    optics = ["height_m", "tilt_deg", "vfov_deg", "resolution_px"]
    assert checked[optics].notna().all().all()
    assert checked["range_m"].between(30, 80).all()
    assert checked["height_m"].between(2.5, 6).all()
    assert (checked["vfov_deg"] < checked["fov_deg"]).all()
    assert 1 <= (checked["status"] == "down").sum() <= 20
    assert checked["synthetic"].all()


def test_night_vision_goes_by_owner_and_touches_nothing_else(cameras, old_town, root, monkeypatch):
    told = re.search(
        r"in this file (\d+) of (\d+) and (\d+) of (\d+)",
        " ".join((root / "data" / "old_town" / "SYNTHETIC.md").read_text("utf-8").split()),
    )
    seeing = cameras.groupby("owner_kind")["night_vision"]
    counts = [f(seeing.get_group(kind)) for kind in ("municipal", "private") for f in (sum, len)]
    assert told is not None
    assert list(map(int, told.groups())) == counts
    assert seeing.get_group("programme").all()
    blind = dict.fromkeys(NIGHT_VISION_SHARE, 0.0)
    streets, boundary, _ = old_town
    before = place_cameras(streets, boundary, rng=np.random.default_rng(3))
    monkeypatch.setattr(synthetic, "NIGHT_VISION_SHARE", blind)
    after = place_cameras(streets, boundary, rng=np.random.default_rng(3))
    assert before["night_vision"].any()
    assert not after["night_vision"].any()
    assert after.drop(columns="night_vision").equals(before.drop(columns="night_vision"))


def test_municipal_cameras_spread_out(cameras):
    xy = shapely.get_coordinates(cameras.geometry[cameras["owner_kind"] == "municipal"])
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert apart[np.triu_indices(len(xy), 1)].min() >= 55


def test_a_place_moves_beside_the_corner_of_a_side_street():
    streets = streets_of(
        ("Thalang Road", "tertiary", 8.0, [(0, 0), (175, 0)]),
        ("Thalang Road", "tertiary", 8.0, [(175, 0), (360, 0)]),
        ("Soi Romanee", "living_street", 6.0, [(175, 0), (175, 90)]),
    )
    cameras = place_cameras(streets, shapely.box(-9, -99, 400, 99), rng=np.random.default_rng(0))
    corner = cameras[cameras["place_en"].str.contains("corner of Soi Romanee")]
    # Place 6 at 165 m moves to 2 m from the edge of the lane, and has the third view.
    assert set(corner.geometry.x.round(6)) == {170.0}
    assert len(corner) == 3
    assert off_road(shapely.get_coordinates(cameras.geometry), streets).all()


def test_a_town_without_the_programmes_street_is_refused():
    streets = streets_of(("Other Road", "tertiary", 8.0, [(0, 0), (360, 0)]))
    with pytest.raises(ParameterError, match="Thalang Road"):
        place_cameras(streets, shapely.box(-9, -99, 400, 99), rng=np.random.default_rng(0))
    streets["name_en"] = "Thalang Road"
    with pytest.raises(ParameterError, match="Expected `boundary` to hold all of Thalang Road"):
        place_sos_points(streets, shapely.box(-9, -99, 200, 99))
