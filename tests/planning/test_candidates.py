"""Places for cameras in a town of square blocks."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import LayerError, ParameterError
from geo.layers import check_layer
from planning.candidates import camera_candidates
from tests.planning.grid_town import grid_buildings, grid_streets

HOUSES = grid_buildings()


@pytest.fixture(scope="module")
def candidates():
    return camera_candidates(grid_streets(), grid_buildings())


def test_they_pass_as_cameras(candidates):
    checked = check_layer(candidates, "cameras", source="candidates")
    assert len(checked) == len(candidates)
    with pytest.raises(LayerError):
        check_layer(candidates.assign(fov_deg=0.0), "cameras", source="candidates")


def test_none_stands_inside_a_building(candidates):
    houses = shapely.union_all(grid_buildings().geometry.array)
    assert not shapely.intersects(houses, candidates.geometry.array).any()
    walled = grid_buildings(margin_m=2.0)
    fewer = camera_candidates(grid_streets(), walled)
    assert 0 < len(fewer) < len(candidates)


def test_along_streets_on_both_sides_facing_both_ways(candidates):
    """A street of 100 m has places a third of it apart, 4 m from its middle."""
    along = candidates[
        (candidates["street"] == "row-2-1") & candidates["name_en"].str.contains("near")
    ]
    assert len(along) == 2 * 2 * 2
    assert sorted(along["azimuth_deg"].round(6).unique()) == [90.0, 270.0]
    street = grid_streets().geometry["row-2-1"]
    assert np.allclose(along.distance(street), 4.0)


def test_corners_of_a_crossing_face_along_every_arm(candidates):
    """A crossing of four arms has four corners with two facings each."""
    crossing = grid_streets().geometry["row-2-1"].coords[-1]
    corners = candidates[candidates.distance(shapely.Point(crossing)) < 7]
    corners = corners[corners["name_en"].str.contains("corner")]
    assert len(corners) == 8
    assert sorted(set(corners["azimuth_deg"].round(6) % 360)) == [0.0, 90.0, 180.0, 270.0]
    assert np.allclose(corners.distance(shapely.Point(crossing)), 4 * np.sqrt(2))


def test_names_say_where_in_both_languages(candidates):
    names = candidates.loc[candidates["street"] == "row-2-1", ["name_th", "name_en"]]
    assert "Row 2, near Column 1" in set(names["name_en"])
    assert "Row 2, corner of Column 2" in set(names["name_en"])
    assert "ถนน Row 2 ใกล้ถนน Column 1" in set(names["name_th"])
    assert candidates["synthetic"].all()


def test_bad_input_is_named():
    with pytest.raises(ParameterError) as caught:
        camera_candidates(
            grid_streets(), grid_buildings(), spacing_m=0, fov_deg=361, range_m=-1, height_m=np.nan
        )
    for name in ("spacing_m", "fov_deg", "range_m", "height_m"):
        assert f"`{name}`" in str(caught.value)
    with pytest.raises(ParameterError, match="Expected one CRS"):
        camera_candidates(grid_streets(), grid_buildings().to_crs("EPSG:4326"))


def test_degrees_are_no_metres():
    with pytest.raises(LayerError, match=r"streets, `geometry`: expected .* EPSG:4326"):
        camera_candidates(*(layer.to_crs("EPSG:4326") for layer in (grid_streets(), HOUSES)))


@pytest.mark.parametrize("name", [None, np.nan, "", "no column"])
def test_streets_without_names(name, candidates):
    if name == "no column":
        streets = grid_streets().drop(columns=["name_th", "name_en"])
    else:
        streets = grid_streets().assign(name_th=name, name_en=name)
    found = camera_candidates(streets, HOUSES)
    assert len(found) == len(candidates)
    assert set(found["name_en"]) == {"Unnamed lane"}
    assert set(found["name_th"]) == {"ทางไม่มีชื่อ"}


def test_no_buildings_hide_nothing(candidates):
    nothing = gpd.GeoDataFrame({"geometry": []}, geometry="geometry")
    found = camera_candidates(grid_streets(), nothing)
    assert len(found) >= len(candidates)
    assert not found["synthetic"].any()
    assert camera_candidates(grid_streets().iloc[:0], nothing).empty
