"""Places for cameras in a town of square blocks."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import LayerError, ParameterError
from geo.layers import check_layer
from geo.visibility import fields_of_view, inside_buildings
from planning.camera_types import DEFAULT_TYPE, CameraType
from planning.candidates import KINDS, camera_candidates
from tests.planning.grid_town import TOWN_CRS, at, grid_buildings, grid_lamps, grid_streets

HOUSES = grid_buildings()
NOTHING = gpd.GeoDataFrame({"geometry": []}, geometry="geometry")
DOME = CameraType("โดม", "Dome", 360.0, 30.0, 6.0, 45.0, 90.0, 3840.0, 2.5)


@pytest.fixture(scope="module")
def candidates():
    return camera_candidates(grid_streets(), HOUSES, lamps=grid_lamps())


def of_kind(candidates, kind, street="row-2-1"):
    return candidates[(candidates["kind"] == kind) & (candidates["street"] == street)]


def test_they_pass_as_cameras(candidates):
    checked = check_layer(candidates, "cameras", source="candidates")
    assert len(checked) == len(candidates)
    assert set(checked["kind"]) == set(KINDS)
    with pytest.raises(LayerError):
        check_layer(candidates.assign(fov_deg=0.0), "cameras", source="candidates")


def test_each_carries_its_type(candidates):
    assert set(candidates["camera_type"]) == {DEFAULT_TYPE.name_en}
    assert set(candidates["camera_type_th"]) == {DEFAULT_TYPE.name_th}
    for name in ("fov_deg", "range_m", "tilt_deg", "vfov_deg", "resolution_px", "cost"):
        assert (candidates[name] == getattr(DEFAULT_TYPE, name)).all()


def test_none_stands_inside_a_building(candidates):
    assert not inside_buildings(candidates, HOUSES).any()
    off_walls = candidates[candidates["kind"] != "facade"]
    assert not shapely.intersects(HOUSES.union_all(), off_walls.geometry.array).any()
    walled = grid_buildings(margin_m=2.0)
    fewer = camera_candidates(grid_streets(), walled)
    assert not inside_buildings(fewer, walled).any()
    assert 0 < len(fewer) < len(candidates)
    assert of_kind(fewer, "roadside").empty


def test_along_streets_on_both_sides_facing_both_ways(candidates):
    """A street of 100 m has places a third of it apart, 4 m from its middle."""
    along = of_kind(candidates, "roadside")
    assert len(along) == 2 * 2 * 2
    assert sorted(along["azimuth_deg"].round(6).unique()) == [90.0, 270.0]
    street = grid_streets().geometry["row-2-1"]
    assert np.allclose(along.distance(street), 4.0)


def test_corners_of_a_crossing_face_along_every_arm(candidates):
    """A crossing of four arms has four corners with two facings each."""
    crossing = grid_streets().geometry["row-2-1"].coords[-1]
    corners = candidates[candidates.distance(shapely.Point(crossing)) < 7]
    corners = corners[corners["kind"] == "corner"]
    assert len(corners) == 8
    assert sorted(set(corners["azimuth_deg"].round(6) % 360)) == [0.0, 90.0, 180.0, 270.0]
    assert np.allclose(corners.distance(shapely.Point(crossing)), 4 * np.sqrt(2))


def test_walls_on_both_sides_with_the_street_in_view(candidates):
    """The walls stand 10 m from the middle; the field of view begins along the street."""
    walls = of_kind(candidates, "facade")
    assert len(walls) == 2 * 2 * 2
    assert np.allclose(walls.distance(HOUSES.union_all()), 0.0, atol=1e-9)
    assert (walls["height_m"] == 4.0).all()
    on_south = walls.geometry.y < at(0, 200).y
    assert sorted(walls.loc[on_south, "azimuth_deg"].round(6).unique()) == [50.0, 310.0]
    assert sorted(walls.loc[~on_south, "azimuth_deg"].round(6).unique()) == [130.0, 230.0]
    fields = fields_of_view(walls, HOUSES)
    middle = grid_streets().geometry["row-2-1"]
    seen_m = shapely.length(shapely.intersection(fields.to_numpy(), middle))
    # Straight ahead at the edge of the field the street's middle lies 10 m aside; it is in view
    # from 10 / tan 80 degrees ahead on, to the end of the range or of the street.
    ahead_m = np.minimum(np.sqrt(60**2 - 10**2), [100 - 100 / 3, 100 / 3] * 4)
    assert sorted(seen_m) == pytest.approx(sorted(ahead_m - 10 / np.tan(np.radians(80))), abs=0.1)


@pytest.mark.parametrize(
    ("margin_m", "height_m", "count"), [(10.0, 6.0, 8), (10.0, 3.9, 0), (12.1, 6.0, 0)]
)
def test_no_walls_too_low_or_too_far_from_the_street(margin_m, height_m, count):
    """A wall is taken up to 8 m from the edge of a street of 8 m."""
    houses = grid_buildings(margin_m=margin_m).assign(height_m=height_m)
    assert len(of_kind(camera_candidates(grid_streets(), houses), "facade")) == count


def test_the_first_wall_hides_those_behind_it():
    shed = gpd.GeoDataFrame(
        geometry=[shapely.box(*at(130, 205).coords[0], *at(170, 206).coords[0])]
    )
    shed = shed.set_crs(TOWN_CRS)
    houses = gpd.GeoDataFrame(geometry=[*HOUSES.geometry, *shed.geometry], crs=TOWN_CRS)
    walls = of_kind(camera_candidates(grid_streets(), houses), "facade")
    assert walls.distance(shed.geometry[0]).lt(1e-6).sum() == 2 * 2


def test_poles_of_lamps_below_the_lamp(candidates):
    """Lamps stand 5 m north of the rows, one of them 4.5 m high."""
    poles = of_kind(candidates, "pole")
    assert poles.index.tolist() == ["pole-lamp-2-1-ahead", "pole-lamp-2-1-back"]
    assert poles["azimuth_deg"].round(6).tolist() == [90.0, 270.0]
    assert (poles["height_m"] == 4.5).all()
    assert (of_kind(candidates, "pole", "row-0-0")["height_m"] == DEFAULT_TYPE.height_m).all()
    assert poles["name_en"].tolist() == ["Row 2, near Column 1"] * 2


def test_poles_far_from_every_street_and_without_lamps():
    far = grid_lamps().iloc[:1].set_geometry([at(50, 50)], crs=TOWN_CRS)
    assert camera_candidates(grid_streets(), NOTHING, lamps=far, kinds=["pole"]).empty
    assert camera_candidates(grid_streets(), NOTHING, kinds=["pole"]).empty


def test_ids_stay_as_other_rows_come_and_go(candidates):
    assert candidates.index.is_unique
    fewer_lamps = grid_lamps().iloc[5:]
    streets = grid_streets().iloc[::-1]
    again = camera_candidates(streets, HOUSES, lamps=fewer_lamps)
    places = again.geometry.geom_equals_exact(candidates.geometry.reindex(again.index), 1e-6)
    assert len(again) == len(candidates) - 2 * 5
    assert places.all()
    assert np.allclose(again["azimuth_deg"], candidates["azimuth_deg"].reindex(again.index))


def test_every_type_could_stand_everywhere(candidates):
    both = camera_candidates(grid_streets(), HOUSES, lamps=grid_lamps(), types=[DEFAULT_TYPE, DOME])
    assert both.index.is_unique
    assert both.loc[both["camera_type"] == DEFAULT_TYPE.name_en].index.equals(candidates.index)
    domes = both[both["camera_type"] == "Dome"]
    assert (domes["cost"] == 2.5).all()
    assert domes.index.str.endswith("-type-2").all()
    # Whichever way it faces, a dome sees the same.
    assert not domes.geometry.to_wkb().duplicated().any()
    assert set(domes.geometry.to_wkb()) == set(candidates.geometry.to_wkb())


def test_a_wide_camera_on_a_wall_looks_straight_out():
    wide = CameraType("กว้าง", "Wide", 180.0, 30.0, 3.0, 10.0, 60.0, 2560.0)
    walls = of_kind(camera_candidates(grid_streets(), HOUSES, types=[wide]), "facade")
    assert len(walls) == 2 * 2
    assert sorted(walls["azimuth_deg"].round(6).unique()) == [0.0, 180.0]
    assert (walls["height_m"] == 3.0).all()


def test_outside_the_boundary_none_stands(candidates):
    west = shapely.box(*at(-20, -20).coords[0], *at(150, 420).coords[0])
    inside = camera_candidates(grid_streets(), HOUSES, lamps=grid_lamps(), boundary=west)
    assert set(inside.index) == set(candidates.index[candidates.intersects(west)])
    assert 0 < len(inside) < len(candidates)


def test_names_say_where_in_both_languages(candidates):
    names = candidates.loc[candidates["street"] == "row-2-1", ["name_th", "name_en"]]
    assert "Row 2, near Column 1" in set(names["name_en"])
    assert "Row 2, corner of Column 2" in set(names["name_en"])
    assert "ถนน Row 2 ใกล้ถนน Column 1" in set(names["name_th"])
    assert candidates["synthetic"].all()


def test_bad_arguments_are_all_named():
    with pytest.raises(ParameterError) as caught:
        camera_candidates(grid_streets(), HOUSES, spacing_m=0, kinds=["tree"], types=[])
    for name in ("spacing_m", "kinds", "types"):
        assert f"`{name}`" in str(caught.value)
    with pytest.raises(ParameterError, match="'Dome' twice"):
        camera_candidates(grid_streets(), HOUSES, types=[DOME, DOME])


def test_bad_layers_are_all_named():
    houses = HOUSES.to_crs("EPSG:4326")
    lamps = grid_lamps().set_crs("EPSG:32648", allow_override=True)
    streets = grid_streets()
    streets.index = ["twice", *streets.index[1:-1], "twice"]
    with pytest.raises(LayerError) as caught:
        camera_candidates(streets, houses, lamps=lamps)
    assert {fault.source for fault in caught.value.faults} == {"streets", "buildings", "lamps"}
    assert "'twice' twice" in str(caught.value)


def test_degrees_are_no_metres():
    with pytest.raises(LayerError, match=r"streets, `geometry`: expected .* EPSG:4326"):
        camera_candidates(*(layer.to_crs("EPSG:4326") for layer in (grid_streets(), HOUSES)))


@pytest.mark.parametrize("name", [None, np.nan, "", "no column"])
def test_streets_without_names(name):
    if name == "no column":
        streets = grid_streets().drop(columns=["name_th", "name_en"])
    else:
        streets = grid_streets().assign(name_th=name, name_en=name)
    found = camera_candidates(streets, HOUSES)
    assert len(found) == len(camera_candidates(grid_streets(), HOUSES))
    assert set(found["name_en"]) == {"Unnamed lane"}
    assert set(found["name_th"]) == {"ทางไม่มีชื่อ"}


def test_no_buildings_hide_nothing_and_have_no_walls(candidates):
    found = camera_candidates(grid_streets(), NOTHING)
    assert set(found["kind"]) == {"corner", "roadside"}
    assert len(found) == candidates["kind"].isin(["corner", "roadside"]).sum()
    assert not found["synthetic"].any()
    assert camera_candidates(grid_streets().iloc[:0], NOTHING).empty
