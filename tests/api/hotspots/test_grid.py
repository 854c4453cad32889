"""The cells of a forecast cover their area once, and the same ground has the same cells."""

import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import MultiPoint, Polygon, box

from api.hotspots.grid import forecast_grid

UTM = CRS.from_epsg(32647)
COORDINATE = st.floats(-400, 400).map(lambda number: round(number, 2))


@given(
    st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=9)
    .map(lambda points: MultiPoint(points).convex_hull)
    .filter(lambda hull: isinstance(hull, Polygon) and hull.area > 100),
    st.floats(30, 300),
)
def test_cells_cover_the_area_once(area, cell_m):
    cells = forecast_grid(area, cell_m=cell_m, crs=UTM)
    assert abs(cells["area_m2"].sum() - area.area) < 1e-6 * area.area
    assert shapely.union_all(cells.geometry).symmetric_difference(area).area < 1e-6 * area.area
    assert cells["area_m2"].max() <= cell_m**2 * (1 + 1e-9)
    assert cells["area_m2"].min() > 0
    assert cells.index.is_unique
    assert set(cells.geom_type) <= {"Polygon", "MultiPolygon"}


def test_a_whole_square_is_cut_into_whole_cells_from_its_corner():
    cells = forecast_grid(box(100, 200, 250, 300), cell_m=50, crs=UTM)
    assert cells["area_m2"].tolist() == [2500.0] * 6
    assert cells.index.tolist() == ["2:4", "3:4", "4:4", "2:5", "3:5", "4:5"]
    assert cells.geometry["3:5"].equals(box(150, 250, 200, 300))
    assert cells.index.name == "id"


def test_the_same_ground_has_the_same_cell_whatever_is_cut_out():
    whole = forecast_grid(box(0, 0, 500, 500), cell_m=50, crs=UTM)
    part = forecast_grid(box(120, 130, 333, 470), cell_m=50, crs=UTM)
    assert set(part.index) < set(whole.index)
    for label, shape in part.geometry.items():
        assert whole.geometry[label].contains(shape), label


def test_an_area_of_two_arms_has_cells_of_two_parts():
    arms = box(0, 0, 50, 10).union(box(0, 40, 50, 50)).union(box(49, 0, 50, 50))
    cut = arms.difference(box(48, 10, 50, 40))
    cells = forecast_grid(shapely.MultiPolygon(cut), cell_m=50, crs=UTM)
    assert cells.geom_type.tolist() == ["MultiPolygon"]
    assert cells["area_m2"].tolist() == [cut.area]
