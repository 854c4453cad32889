"""Tours as GPX: by the schema's rules, read back by GDAL, under names that stay apart."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas
import pytest

import api.plan.gpx
from api.plan.gpx import tours_found, write_tours
from geo.errors import SourceError
from tests.api.plan.sample import HOSTILE, UTM, changed, phrases, sample_plan

NAMESPACE = "{http://www.topografix.com/GPX/1/1}"
POINT = (
    "ele",
    "time",
    "magvar",
    "geoidheight",
    "name",
    "cmt",
    "desc",
    "src",
    "link",
    "sym",
    "type",
)
# Order of children that the schema asks for, of every element that may have some.
SEQUENCES = {
    "gpx": ("metadata", "wpt", "rte", "trk", "extensions"),
    "metadata": ("name", "desc", "author", "copyright", "link", "time", "keywords", "bounds"),
    "wpt": POINT,
    "trkpt": POINT,
    "trk": ("name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"),
    "trkseg": ("trkpt", "extensions"),
}
MANY = {"wpt", "rte", "trk", "trkseg", "trkpt", "link"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def check_schema(element):
    assert element.tag.startswith(NAMESPACE)
    tag = element.tag.removeprefix(NAMESPACE)
    children = [child.tag.removeprefix(NAMESPACE) for child in element]
    order = SEQUENCES.get(tag, ())
    assert set(children) <= set(order), tag
    assert children == sorted(children, key=order.index), tag
    assert all(child in MANY or children.count(child) == 1 for child in children), tag
    if tag == "gpx":
        assert element.get("version") == "1.1"
        assert element.get("creator")
    if tag in {"wpt", "trkpt"}:
        assert -90 <= float(element.get("lat")) <= 90
        assert -180 <= float(element.get("lon")) < 180
    if tag == "time":
        assert TIME.fullmatch(element.text)
    for child in element:
        check_schema(child)


def written(plan=None):
    return write_tours(plan or sample_plan(), phrases=phrases())


def parsed(text):
    return ET.fromstring(text)  # noqa: S314  # our own


def read_back(folder, text):
    (folder / "tour.gpx").write_text(text, encoding="utf-8")
    return {
        name: geopandas.read_file(folder / "tour.gpx", layer=name).to_crs(UTM)
        for name in ("waypoints", "tracks")
    }


def check_places(plan, found):
    way, track = plan.layers["patrol_tours"].geometry.iloc[0], found["tracks"].geometry.iloc[0]
    assert len(track.geoms) == 1
    assert track.geoms[0].coords[0] == pytest.approx(way.coords[0], abs=0.02)
    assert track.hausdorff_distance(way) < 0.02
    apart = found["waypoints"].geometry.distance(
        plan.layers["patrol_stops"].geometry.reset_index(drop=True)
    )
    assert apart.max() < 0.02


def test_the_file_keeps_the_rules_of_the_schema():
    (text,) = written().values()
    check_schema(parsed(text))


def test_the_check_of_the_schema_sees_elements_out_of_order():
    (text,) = written().values()
    root = parsed(text)
    waypoint = root.find(f"{NAMESPACE}wpt")
    time = waypoint.find(f"{NAMESPACE}time")
    waypoint.remove(time)
    waypoint.append(time)
    with pytest.raises(AssertionError):
        check_schema(root)


def test_gdal_reads_the_way_and_the_stops_with_names_and_instants(tmp_path):
    plan = sample_plan()
    (text,) = written(plan).values()
    found = read_back(tmp_path, text)
    check_places(plan, found)
    stops = found["waypoints"]
    assert list(stops["name"]) == ["1. ถนนถลาง / Thalang Road", "2. ถนนถลาง / Thalang Road"]
    assert stops["desc"][0] == "20:05–20:15 จุดเสี่ยง / Hotspot"
    told = stops["time"].dt.tz_convert("UTC")
    assert list(told) == list(plan.layers["patrol_stops"]["arrives_at"])


def test_breaks_meetings_and_company_are_told(tmp_path):
    plan = changed(
        sample_plan(), "patrol_stops", kind=["meeting", "visit"], with_units=["boat", "boat"]
    )
    (text,) = written(plan).values()
    check_schema(parsed(text))
    stops = read_back(tmp_path, text)["waypoints"]
    assert list(stops["type"]) == ["meeting", "visit"]
    assert stops["desc"][0] == "20:05–20:15 จุดเสี่ยง / Hotspot"  # its name says with whom
    assert stops["desc"][1].endswith("; พร้อมเรือ / together with Boat")


def test_who_stays_at_its_post_has_no_file():
    assert written(changed(sample_plan(), "patrol_tours", length_m=0.0)) == {}


def test_swapped_axes_would_be_seen(tmp_path, monkeypatch):
    right = api.plan.gpx._position
    monkeypatch.setattr(api.plan.gpx, "_position", lambda lon, lat: right(lat, lon / 2))
    (text,) = written().values()
    with pytest.raises(AssertionError):
        check_places(sample_plan(), read_back(tmp_path, text))


def test_names_that_try_to_break_out_stay_names(tmp_path):
    name = f"{HOSTILE}]]>&\x00\x0b"
    plan = changed(sample_plan(), "patrol_stops", name_th=name, name_en=name)
    (text,) = written(plan).values()
    check_schema(parsed(text))
    assert read_back(tmp_path, text)["waypoints"]["name"][0] == f"1. {HOSTILE}]]>&\ufffd\ufffd"


@pytest.mark.parametrize("synthetic", [True, False])
def test_the_file_says_whether_its_data_is_synthetic(synthetic):
    (text,) = written(changed(sample_plan(), "patrol_tours", synthetic=synthetic)).values()
    assert ("synthetic data" in text) is synthetic
    assert ("ข้อมูลจำลอง" in text) is synthetic
    assert "do not publish" in text
    assert "OpenStreetMap" in text


def test_a_night_without_tours_has_no_files():
    plan = sample_plan()
    layers = {name: plan.layers[name].iloc[:0] for name in ("patrol_tours", "patrol_stops")}
    assert written(replace(plan, layers={**plan.layers, **layers})) == {}


def test_only_own_tours_are_found(tmp_path):
    assert tours_found(tmp_path / "missing") == []
    (text,) = written().values()
    for name in ("tour-b.gpx", "tour-a.gpx", "trip.gpx"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "tour-ride.gpx").write_text('<gpx creator="Watch 3"/>', encoding="utf-8")
    (tmp_path / "tour-folder.gpx").mkdir()
    assert tours_found(tmp_path) == ["tour-a.gpx", "tour-b.gpx"]


def test_a_tour_that_cannot_be_read_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "tour-a.gpx").write_text("", encoding="utf-8")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"tour-a\.gpx, got: Permission denied"):
        tours_found(tmp_path)
