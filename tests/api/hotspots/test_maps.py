"""The maps: stretches, areas and cells are on them, and no place of an incident is."""

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import Point

from api.hotspots.maps import (
    DENSITY_BANDS,
    TOP_SHARES,
    base_map,
    density_edges,
    forecast_band,
    map_areas,
    map_forecast,
    map_stretches,
)
from api.zone_maps import zone_sheet
from tests.api.test_drawing import read_back


def draw(result, phrases):
    return {
        "stretches": str(map_stretches(result, phrases=phrases, titled="a")),
        "areas": str(map_areas(result, phrases=phrases, titled="b")),
        "forecast": str(map_forecast(result, phrases=phrases, titled="c")),
    }


@pytest.fixture(scope="module")
def maps(result, phrases):
    return draw(result, phrases)


def sheet_of(result):
    return zone_sheet(result.ground.boundary, result.layers["hotspot_stretches"])


def paths(svg, name):
    return re.findall(rf'<path class="{name}" d="[^"]*"/>', svg)


def discs(svg):
    disc = r'class="spot" transform="translate\(([\d.]+) ([\d.]+)\)".*?>(\d+)</text>'
    return {int(rank): Point(float(x), float(y)) for x, y, rank in re.findall(disc, svg)}


def test_every_listed_stretch_and_area_has_its_number_near_it(result, maps):
    sheet = sheet_of(result)
    for name, layer, scale in (
        ("stretches", "hotspot_stretches", 1.0),
        ("areas", "hotspot_areas", 0.6),
    ):
        frame = result.layers[layer]
        assert sorted(discs(maps[name])) == frame["rank"].tolist()
        for rank, shape in zip(frame["rank"], frame.geometry, strict=True):
            disc = discs(maps[name])[rank]
            at = Point(
                sheet.west + disc.x / sheet.scale / scale,
                sheet.north - disc.y / sheet.scale / scale,
            )
            assert shape.distance(at) < 25, (name, rank)


def test_the_drawn_stretches_are_those_of_the_layer(result, maps):
    sheet = sheet_of(result)
    (path,) = paths(maps["stretches"], "stretch")
    drawn = shapely.union_all(read_back(path, sheet))
    laid = shapely.union_all(result.layers["hotspot_stretches"].geometry)
    assert drawn.hausdorff_distance(laid) < 0.5


def test_cells_are_drawn_in_the_band_of_their_share(result, maps):
    sheet, cells = sheet_of(result), result.layers["forecast_cells"]
    band = forecast_band(cells)
    for number in range(1, len(TOP_SHARES) + 1):
        (path,) = paths(maps["forecast"], f"cell top-{number}")
        drawn = shapely.union_all(read_back(path, sheet))
        laid = shapely.union_all(cells.geometry[band == number]).intersection(sheet.area)
        assert drawn.symmetric_difference(laid).area < 0.02 * laid.area, number


def test_bands_take_the_cells_of_greatest_density_up_to_their_shares(result):
    cells = result.layers["forecast_cells"]
    band, density = forecast_band(cells), cells["expected"] / cells["area_m2"]
    total = cells["area_m2"].sum()
    for number, share in enumerate(TOP_SHARES, 1):
        within = band <= number
        assert cells["area_m2"][within].sum() <= share * total * (1 + 1e-9)
        assert density[within].min() >= density[~within].max()


def test_no_cell_is_in_a_band_where_nothing_is_expected(result):
    cells = result.layers["forecast_cells"].assign(expected=0.0)
    assert set(forecast_band(cells)) == {len(TOP_SHARES) + 1}


def test_bands_of_density_rise_to_the_greatest(result, maps):
    densities = result.layers["street_densities"]
    edges = density_edges(densities)
    assert len(edges) == DENSITY_BANDS
    assert edges == sorted(edges)
    assert edges[-1] == pytest.approx(100 * densities["density"].max())
    assert len(paths(maps["stretches"], f"band band-{DENSITY_BANDS}")) == 1


def test_nothing_drawn_or_laid_down_stands_where_an_incident_was(inputs, result, maps, phrases):
    places = inputs.zone.incidents.geometry.get_coordinates().to_numpy()
    for name, layer in result.layers.items():
        assert len(layer), name
        corners = layer.geometry.get_coordinates().to_numpy()
        apart = np.abs(corners[:, None, :] - places[None, :, :]).max(axis=2)
        assert apart.min() > 1e-6, name
        assert set(layer.geom_type) <= {
            *("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
        }
    sheet = sheet_of(result)
    marks = [str(base_map(result)), *maps.values()]
    circles = [float(n) for svg in marks for n in re.findall(r'<circle[^>]*r="([\d.]+)"', svg)]
    listed = len(result.layers["hotspot_stretches"]) + len(result.layers["hotspot_areas"])
    assert len(circles) == listed  # the numbers, and no dot besides
    assert sheet.scale > 0


def test_a_zone_without_hotspots_is_still_drawn(result, phrases):
    empty = {
        name: layer.iloc[:0] if name != "forecast_cells" else layer.assign(expected=0.0)
        for name, layer in result.layers.items()
    }
    maps = draw(replace(result, layers=empty), phrases)
    for svg in maps.values():
        assert discs(svg) == {}
        assert 'href="#base"' in svg
    assert paths(maps["forecast"], "cell top-1") == []
    assert density_edges(empty["street_densities"]) == [0.0] * DENSITY_BANDS
