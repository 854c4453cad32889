"""The places of Old Phuket Town and the list of pilot zones."""

import tomllib

import geopandas as gpd
import pandas as pd
import pytest

from geo.formats import read_layer
from geo.gazetteer import read_gazetteer

CRS = "EPSG:32647"


@pytest.fixture(scope="module")
def folder(root):
    return root / "data" / "old_town"


@pytest.fixture(scope="module")
def places(folder):
    return read_layer(folder / "places.csv", "places", crs=CRS)


def test_the_kinds_people_look_for_are_there(places):
    counts = places["kind"].value_counts()
    assert counts["hotel"] >= 20
    assert counts["bus_stop"] >= 10
    assert {"temple", "shrine", "museum", "school", "police", "market", "mall", "landmark"} <= set(
        counts.index
    )


def test_places_lie_in_the_zone_or_beside_it(places, folder):
    zone = gpd.read_file(folder / "boundary.geojson").to_crs(CRS).geometry.iloc[0]
    assert places.distance(zone).max() <= 300.0


def test_each_place_has_a_source_a_grade_and_a_name_in_its_own_script(places):
    assert (places["source"] != "").all()
    assert places["grade"].isin(["A", "B", "C", "D"]).all()
    assert places["name_en"].str.fullmatch(r"[ -~]+").all()
    assert places["name_th"].str.fullmatch(r"[ก-๛ \d]*").all()
    assert (places["name_th"] != "").sum() >= 30
    loose = places[places["grade"] == "D"]
    assert loose["source"].str.contains("inferred|sketched").all()


def test_no_place_is_a_street_or_stands_twice(places, folder):
    streets = read_gazetteer(folder, crs=CRS).streets
    assert not set(places["name_en"]) & set(streets["name_en"]) - {"Dibuk Road"}
    names = places.reset_index().groupby(["kind", "name_en"])["id"].count()
    assert (names == 1).all()


def test_bus_stops_of_the_town_stand_beside_a_street(places, folder):
    streets = read_gazetteer(folder, crs=CRS).streets
    zone = gpd.read_file(folder / "boundary.geojson").to_crs(CRS).geometry.iloc[0]
    stops = places[(places["kind"] == "bus_stop") & places.within(zone)]
    assert len(stops) >= 12
    assert stops.distance(streets.union_all()).max() < 25.0


def test_reference_points_of_interest_stand_where_osm_has_them(places, reference):
    pois = pd.read_csv(reference / "phuket" / "osm_pois_tourism_shop_edu_oldtown.csv")
    osm = gpd.GeoSeries(gpd.points_from_xy(pois["lon"], pois["lat"]), crs="EPSG:4326").to_crs(CRS)
    sure = places[(places["grade"] == "A") & places["kind"].isin(["hotel", "mall", "market"])]
    assert len(sure) >= 20
    assert sure.distance(osm.union_all()).max() < 1.0


def test_the_fifteen_pilot_stations_are_listed_with_sourced_areas(root):
    stations = tomllib.loads((root / "data" / "zones.toml").read_text("utf-8"))["station"]
    assert len({station["station_th"] for station in stations}) == 15
    assert len({station["station_en"] for station in stations}) == 15
    known = [station for station in stations if "area_km2" in station]
    assert all(0.5 < station["area_km2"] < 15 and station["source"] for station in known)
    assert all("source" not in station for station in stations if station not in known)
    ours = [station for station in stations if "folder" in station]
    assert [(station["folder"], station["area_km2"]) for station in ours] == [("old_town", 1.02)]
    assert (root / "data" / "old_town" / "zone.toml").is_file()
