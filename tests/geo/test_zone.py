"""A zone from its folder: what must be there, which file wins, all faults of all files at once."""

import dataclasses
import json
import shutil
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from pyproj import CRS, Geod
from shapely import LineString, Point, box

from geo.errors import LayerError, NotFoundError, SourceError
from geo.formats import write_layer
from geo.layers import BROUGHT, CONTRACTS
from geo.zone import Zone, layer_file, read_outline, read_zone_layer, zone_name

METRIC = CRS(32647)
TOML = """
name = "corner"
name_th = "มุมถนน"
name_en = "The corner"
crs = "EPSG:32647"
timezone = "Asia/Bangkok"
"""
OUTLINE = [[98.385, 7.88], [98.395, 7.88], [98.395, 7.89], [98.385, 7.89], [98.385, 7.88]]


def points(*ids: str, **columns: object) -> gpd.GeoDataFrame:
    shapes = [Point(98.389, 7.885) for _ in ids]
    return gpd.GeoDataFrame({"id": list(ids)} | columns, geometry=shapes, crs=4326)


def write_outline(folder: Path, ring: list) -> None:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"approximate": True}, "geometry": geometry}
    document = {"type": "FeatureCollection", "features": [feature]}
    (folder / "boundary.geojson").write_text(json.dumps(document), encoding="utf-8")


def write_streets(folder: Path, *lines: list) -> None:
    frame = gpd.GeoDataFrame(
        {
            "id": [f"street-{number}" for number in range(len(lines))],
            "street_class": ["residential"] * len(lines),
        },
        geometry=[LineString(line) for line in lines],
        crs=4326,
    )
    write_layer(folder / "streets.gpkg", frame)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corner"
    folder.mkdir()
    (folder / "zone.toml").write_text(TOML, encoding="utf-8")
    write_outline(folder, OUTLINE)
    write_streets(folder, [[98.388, 7.885], [98.389, 7.885]], [[98.389, 7.885], [98.389, 7.886]])
    return folder


def faults_of_zone(folder: Path) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(LayerError) as caught:
        Zone.load(folder)
    return [(Path(fault.source).name, fault.row, fault.field) for fault in caught.value.faults]


def test_a_zone_of_the_files_it_must_have(folder: Path) -> None:
    zone = Zone.load(folder)
    assert (zone.name, zone.name_th, zone.name_en) == ("corner", "มุมถนน", "The corner")
    assert zone.timezone == "Asia/Bangkok"
    assert zone.crs == METRIC
    assert zone.boundary.area == pytest.approx(1.22e6, rel=0.01)
    assert zone.boundary_approximate
    assert len(zone.streets) == 2


def test_a_layer_without_a_file_is_empty_with_its_columns(folder: Path) -> None:
    zone = Zone.load(folder)
    for layer in CONTRACTS.keys() - {"boundary", "streets"}:
        frame = getattr(zone, layer)
        assert frame.empty
        assert frame.crs == METRIC
        assert {column.name for column in CONTRACTS[layer].columns} <= set(frame.columns)


def test_every_layer_is_in_the_reference_system_of_the_zone(folder: Path) -> None:
    write_layer(folder / "lamps.csv", points("l1", "l2"))
    write_layer(folder / "sos_points.shp", points("s1").to_crs(3857))
    zone = Zone.load(folder)
    assert zone.lamps.index.tolist() == ["l1", "l2"]
    assert zone.sos_points.index.tolist() == ["s1"]
    assert {zone.lamps.crs, zone.sos_points.crs, zone.streets.crs} == {METRIC}
    assert zone.sos_points.distance(zone.lamps.geometry.iloc[0]).max() < 0.02


def test_a_zone_cannot_be_changed(folder: Path) -> None:
    zone = Zone.load(str(folder))
    with pytest.raises(dataclasses.FrozenInstanceError):
        zone.name = "other"


def test_a_geopackage_wins_over_geojson_and_csv(folder: Path) -> None:
    write_layer(folder / "lamps.csv", points("from-csv"))
    assert Zone.load(folder).lamps.index.tolist() == ["from-csv"]
    write_layer(folder / "lamps.geojson", points("from-geojson"))
    assert Zone.load(folder).lamps.index.tolist() == ["from-geojson"]
    write_layer(folder / "lamps.gpkg", points("from-gpkg"))
    assert Zone.load(folder).lamps.index.tolist() == ["from-gpkg"]
    assert layer_file(folder, "lamps") == folder / "lamps.gpkg"
    assert layer_file(folder, "cameras") is None


def test_all_faults_of_all_files_at_once(folder: Path) -> None:
    write_outline(folder, OUTLINE[:-1])
    write_streets(folder, [[98.388, 7.885], [98.389, 7.885]], [[98.390, 7.885], [98.390, 7.886]])
    cameras = points("c1", "c1", azimuth_deg=[400, 10], fov_deg=[90, 0], range_m=[20, 20])
    write_layer(folder / "cameras.geojson", cameras)
    (folder / "lamps.csv").write_bytes("id,lon,lat\nโคม,98.389,7.885\n".encode("cp874"))
    assert faults_of_zone(folder) == [
        ("boundary.geojson", 1, "geometry"),
        ("streets.gpkg", 1, "geometry"),
        ("cameras.geojson", 1, "azimuth_deg"),
        ("cameras.geojson", 2, "id"),
        ("cameras.geojson", 2, "fov_deg"),
        ("lamps.csv", 2, None),
    ]


def write_cameras(folder: Path, *rows: tuple[float, float, float]) -> None:
    """Write cameras of that longitude, field of view and range, a blank line after each."""
    text = "id,lon,lat,azimuth_deg,fov_deg,range_m\n" + "".join(
        f"far-{number},{lon},7.885,90,{fov_deg},{range_m}\n\n"
        for number, (lon, fov_deg, range_m) in enumerate(rows)
    )
    (folder / "cameras.csv").write_text(text, encoding="utf-8")


def test_a_camera_that_cannot_reach_the_zone_is_named_with_its_metres(folder: Path) -> None:
    # The boundary ends at 98.395; 0.001 degrees of longitude are 110.2 m here.
    places = ((98.3949, 5), (98.396, 111), (98.396, 110), (98.3951, 11), (98.4, 60))
    write_cameras(folder, *((lon, 60, range_m) for lon, range_m in places))
    with pytest.raises(LayerError) as caught:
        Zone.load(folder)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (6, "geometry"),
        (8, "geometry"),
        (10, "geometry"),
    ]
    far = caught.value.faults[-1]
    assert far.expected == "a camera whose range of 60 m reaches the zone"
    metres = float(far.found.removeprefix("one ").removesuffix(" m outside its boundary"))
    _, _, on_the_ellipsoid = Geod(ellps="WGS84").inv(98.395, 7.885, 98.4, 7.885)
    assert metres == pytest.approx(on_the_ellipsoid, rel=1e-3)


def test_a_camera_outside_comes_with_every_other_fault(folder: Path) -> None:
    write_cameras(folder, (98.39, 0, 60), (98.5, 60, 60))
    write_layer(folder / "lamps.csv", points("l1", "l1"))
    assert faults_of_zone(folder) == [
        ("cameras.csv", 2, "fov_deg"),
        ("cameras.csv", 4, "geometry"),
        ("lamps.csv", 3, "id"),
    ]


def test_faults_of_the_header_come_with_those_of_the_layers(folder: Path) -> None:
    text = TOML.replace("Asia/Bangkok", "Asia/Nowhere").replace('name_th = "มุมถนน"', "name_th = 7")
    (folder / "zone.toml").write_text(text, encoding="utf-8")
    write_layer(folder / "lamps.csv", points("l1", "l1"))
    assert faults_of_zone(folder) == [
        ("zone.toml", None, "name_th"),
        ("zone.toml", None, "timezone"),
        ("lamps.csv", 3, "id"),
    ]


@pytest.mark.parametrize("crs", ['"EPSG:4326"', '"EPSG:2225"', '"moon"', "7", '""'])
def test_a_zone_needs_a_reference_system_in_metres(folder: Path, crs: str) -> None:
    (folder / "zone.toml").write_text(TOML.replace('"EPSG:32647"', crs), encoding="utf-8")
    assert set(faults_of_zone(folder)) == {("zone.toml", None, "crs")}


@pytest.mark.parametrize("text", [b"name = corner", "name_th = 'มุม'".encode("cp874")])
def test_a_header_that_is_no_toml(folder: Path, text: bytes) -> None:
    (folder / "zone.toml").write_bytes(text)
    assert faults_of_zone(folder) == [("zone.toml", None, None)]


def test_no_zone(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotFoundError, match=r"a zone's folder with a zone\.toml"):
            Zone.load(path)


def test_no_boundary_and_no_streets(folder: Path) -> None:
    (folder / "boundary.geojson").unlink()
    (folder / "streets.gpkg").unlink()
    assert faults_of_zone(folder) == [
        ("boundary.geojson", None, None),
        ("streets.gpkg", None, None),
    ]


def test_forbidden_turns_come_with_the_zone_and_their_faults_with_all_others(
    root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "old_town"
    shutil.copytree(root / "data" / "old_town", folder)
    assert Zone.load(folder).forbidden_turns is None
    turns = folder / "turns.csv"
    turns.mkdir()
    with pytest.raises(SourceError, match=r"turns\.csv"):
        Zone.load(folder)
    turns.rmdir()
    header = "from_street,junction,to_street,source\n"
    turns.write_text(header + "thalang-01,thalang-romanee,soi-romanee-01,made for tests\n")
    assert Zone.load(folder).forbidden_turns["to_street"].tolist() == ["soi-romanee-01"]
    turns.write_text(header + "thalang-01,dibuk-romanee,soi-romanee-01,made for tests\n")
    (folder / "cameras.geojson").write_text("{}")
    faults = faults_of_zone(folder)
    assert ("turns.csv", 2, "junction") in faults
    assert any(name == "cameras.geojson" for name, _, _ in faults)


def test_the_outline_is_read_whatever_the_layers_are(folder: Path) -> None:
    (folder / "streets.gpkg").unlink()
    (folder / "lamps.csv").write_text("nonsense", encoding="utf-8")
    outline = read_outline(folder)
    assert outline.crs == METRIC
    assert outline.boundary.area == pytest.approx(1.22e6, rel=0.01)


def test_an_outline_with_faults(folder: Path) -> None:
    write_outline(folder, OUTLINE[:-1])
    with pytest.raises(LayerError, match="a closed ring"):
        read_outline(folder)


def test_the_old_town(root: Path) -> None:
    zone = Zone.load(root / "data" / "old_town")
    assert zone.name == "old_town"
    assert zone.crs == METRIC
    assert zone.boundary.area == pytest.approx(1.02e6, rel=0.01)
    assert len(zone.streets) >= 20
    assert (zone.streets["name_th"] != "").any()


def test_a_streets_file_wins_over_the_gazetteer(root: Path, folder: Path) -> None:
    (folder / "streets.gpkg").unlink()
    for name in ("junctions.csv", "streets.toml"):
        shutil.copy(root / "data" / "old_town" / name, folder / name)
    from_gazetteer = Zone.load(folder).streets
    assert len(from_gazetteer) == len(Zone.load(root / "data" / "old_town").streets)
    write_streets(folder, [[98.388, 7.885], [98.389, 7.885]])
    assert len(Zone.load(folder).streets) == 1


def areas(*west: float, roles: tuple[str, ...] = ("treated", "control")) -> gpd.GeoDataFrame:
    shapes = [box(lon, 7.884, lon + 0.001, 7.885) for lon in west]
    return gpd.GeoDataFrame({"role": roles}, geometry=shapes, crs=4326)


def test_areas_of_a_question_may_reach_beyond_the_zone(folder: Path, tmp_path: Path) -> None:
    areas(98.387, 98.3945).to_file(tmp_path / "a.gpkg")
    read = read_zone_layer(tmp_path / "a.gpkg", "compared_areas", read_outline(folder))
    assert read.crs == METRIC
    assert read["role"].to_dict() == {"1": "treated", "2": "control"}


def test_areas_off_the_zone_or_of_one_role_are_refused(folder: Path, tmp_path: Path) -> None:
    outline = read_outline(folder)
    areas(98.387, 98.397).to_file(tmp_path / "off.gpkg")
    areas(98.387, 98.389, roles=("control", "control")).to_file(tmp_path / "one.gpkg")
    for name, told in {
        "off": r"row 2, `geometry`: expected an area in the zone, got one 2\d\d\.\d m outside",
        "one": r"`role`: expected at least one area whose role is treated, got none",
    }.items():
        with pytest.raises(LayerError, match=told) as refused:
            read_zone_layer(tmp_path / f"{name}.gpkg", "compared_areas", outline)
        assert len(refused.value.faults) == 1


def test_no_zone_keeps_the_layers_of_a_question() -> None:
    assert not set(BROUGHT) & {field.name for field in dataclasses.fields(Zone)}
    assert not set(BROUGHT) & set(CONTRACTS)


def a_camera(*ids: str, **columns: object) -> gpd.GeoDataFrame:
    optics = {"azimuth_deg": 0.0, "fov_deg": 90.0, "range_m": 40.0}
    return points(*ids, **optics, **columns).set_index("id")


def test_a_given_layer_counts_in_place_of_its_file(folder: Path) -> None:
    write_layer(folder / "cameras.geojson", a_camera("file", status="up"))
    write_layer(folder / "lamps.geojson", points("lamp"))
    given = {"cameras": a_camera("given", status="down"), "lamps": points().set_index("id")}
    zone = Zone.load(folder, given=given)
    assert zone.cameras["status"].to_dict() == {"given": "down"}
    assert zone.cameras.crs == zone.crs
    assert zone.lamps.empty
    assert list(zone.lamps.columns) == list(Zone.load(folder).lamps.columns)
    (folder / "cameras.geojson").write_text("{}", encoding="utf-8")  # and is not even read
    assert list(Zone.load(folder, given=given).cameras.index) == ["given"]


def test_faults_of_a_given_layer_come_with_all_others_under_its_name(folder: Path) -> None:
    far = a_camera("far").translate(0.1, 0)
    (folder / "lamps.geojson").write_text("{}", encoding="utf-8")
    with pytest.raises(LayerError) as refused:
        Zone.load(folder, given={"cameras": a_camera("far").set_geometry(far)})
    sources = [Path(fault.source).name for fault in refused.value.faults]
    assert sources == ["the layer cameras, 'far'", "lamps.geojson"]


def test_a_given_camera_counts_before_the_register_which_still_says_who_consents(
    folder: Path,
) -> None:
    agreed = {"owner_kind": "municipal", "owner": "Office", "audience": "police"}
    agreed |= {"contact": "office@example.go.th", "retention_days": 30}
    agreed |= {"consented_on": "2026-01-01", "consent_until": "2026-06-30"}
    register = a_camera("both", "new", **agreed, consent="given", status="up")
    write_layer(folder / "register.geojson", register)
    zone = Zone.load(folder, given={"cameras": a_camera("both", status="down", height_m=5.0)})
    assert zone.cameras["status"].to_dict() == {"both": "down", "new": "up"}
    assert zone.cameras.loc["both", "height_m"] == 5.0
    assert list(zone.register.index) == ["both", "new"]
    assert set(zone.on(date(2026, 7, 1)).cameras["status"]) == {"down"}


def test_the_name_is_read_whatever_the_layers_are(folder: Path) -> None:
    (folder / "streets.gpkg").write_bytes(b"")
    assert zone_name(folder) == "corner"
    (folder / "zone.toml").write_text("name = 3", encoding="utf-8")
    with pytest.raises(LayerError, match="`name`"):
        zone_name(folder)
    with pytest.raises(NotFoundError):
        zone_name(folder / "nowhere")
