"""Walks over HTTP: what they say, what they must not say, and what nobody keeps of them."""

import io
import json
import logging
import re
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from analytics import walking_merits as merits_module
from api.public import towns as towns_module
from api.public.towns import Town, Towns
from api.store import Store
from geo.visibility import fields_of_view
from planning.walk import MERITS
from tests.api.public.conftest import NOW, fill, public_client

THAI = re.compile("[\u0e00-\u0e7f]")
FROM, TO = (98.38754321, 7.88487654), (98.39198765, 7.88321234)
FORBIDDEN = re.compile(r"\bsafe|secure|danger|ปลอดภัย", re.IGNORECASE)


def asked(public, start=FROM, goal=TO):
    places = {"from": f"{start[0]},{start[1]}", "to": f"{goal[0]},{goal[1]}"}
    return public.get("/walk", params=places)


@pytest.fixture(scope="module")
def town(old_town_store):
    store = Store(old_town_store)
    yield Towns(store).town("old_town")
    store.close()


def walks_that_differ(public, town, *, count=40):
    """Return answers to walks between far corners whose calm walk is not the shortest."""
    rng = np.random.default_rng(2)
    ends = town.layers["streets"].to_crs(epsg=4326).geometry.apply(lambda line: line.coords[0])
    answers = []
    for _ in range(count):
        start, goal = rng.choice(len(ends), 2, replace=False)
        told = asked(public, ends.iloc[start], ends.iloc[goal]).json()
        if not told["same"]:
            answers.append(told)
    return answers


def test_two_lines_with_reasons_in_both_languages(public, town):
    answers = walks_that_differ(public, town)
    assert len(answers) > 5
    for told in answers:
        shortest, calm = told["features"]
        assert [shortest["id"], calm["id"]] == ["shortest", "calm"]
        a, b = shortest["properties"], calm["properties"]
        assert a["length_m"] <= b["length_m"] <= a["length_m"] * 1.3 + 20
        for one in (a, b):
            assert len(one["reasons_th"]) == len(one["reasons_en"])
            for merit in MERITS:
                said = [text for text in one["reasons_en"] if f" {one[f'{merit}_m']:,} m" in text]
                assert said or one[f"{merit}_m"] == 0
            assert all(THAI.search(text) for text in one["reasons_th"])
            assert not any(THAI.search(text) for text in one["reasons_en"])
            assert one["streets_en"]
            assert one["length_m"] % 10 == 0
        assert "longer than the shortest" in b["reasons_en"][-1]
        assert any(b[f"{merit}_m"] > a[f"{merit}_m"] for merit in MERITS)


def test_the_words_promise_nothing(public, town):
    for told in [asked(public).json(), *walks_that_differ(public, town, count=10)]:
        text = json.dumps(told, ensure_ascii=False)
        assert FORBIDDEN.search(text) is None
        assert any("Nothing is promised" in notice["en"] for notice in told["notices"])
        assert told["synthetic"] is True


def test_where_nothing_is_better_that_is_said(public):
    told = asked(public, FROM, (FROM[0] + 1e-4, FROM[1])).json()
    assert told["same"] is True
    assert told["features"][1]["properties"]["reasons_en"][-1] == (
        "no walk that is up to 30% longer is better"
    )


def test_lines_begin_and_end_where_the_street_is_nearest(public, town):
    told = asked(public).json()
    streets = town.layers["streets"].to_crs(epsg=4326).union_all()
    for feature in told["features"]:
        line = shape(feature["geometry"])
        assert line.distance(streets) < 1e-6
        for place, reached in zip((FROM, TO), (line.coords[0], line.coords[-1]), strict=True):
            to_street = shapely.Point(place).distance(streets)
            assert shapely.Point(place).distance(shapely.Point(reached)) < to_street * 1.02 + 1e-5


def test_length_and_lit_metres_are_those_of_the_line(public, town, old_town):
    """Beside a second count, along the line itself: 50 m stretches round to quarters."""
    lamps = old_town.lamps[old_town.lamps["lit"].astype(bool)].buffer(20).union_all()
    for told in walks_that_differ(public, town, count=20):
        for feature in told["features"]:
            geometry = gpd.GeoSeries([shape(feature["geometry"])], crs=4326)
            line = geometry.to_crs(old_town.crs).iloc[0]
            properties = feature["properties"]
            assert properties["length_m"] == pytest.approx(line.length, abs=8)
            assert properties["lit_m"] == pytest.approx(
                line.intersection(lamps).length, abs=25 + 0.08 * line.length
            )


@pytest.mark.parametrize(
    ("places", "named"),
    [
        ({"from": "98.4871,7.8847", "to": "98.3871,7.9947"}, ["from", "to"]),
        ({"from": "98.3871,7.8847", "to": "98.3871,7.9947"}, ["to"]),
        ({"from": "0,0", "to": "-90.0,-80.5"}, ["from", "to"]),
    ],
)
def test_places_outside_the_zone_are_named_and_not_repeated(public, places, named):
    answer = public.get("/walk", params=places)
    assert answer.status_code == 404
    detail = answer.json()["detail"]
    assert [name for name in ("from", "to") if f"`{name}`" in detail] == named
    assert "a street of the zone within 100 m of" in detail
    assert not any(part in answer.text for part in ("98.4871", "7.9947"))


BAD = [
    "", "98.38", "98.38,7.88,0", "a,b", "98.38;7.88", "nan,7", "inf,7", "1e2,7", "999,7",
    "98.38,91", "98.38,7.88\n", "٩٨,٧", "98.38," + "9" * 40, "98.38,7.88'--",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_place_is_named_all_at_once_and_not_repeated(public, text):
    answer = public.get("/walk", params={"from": text, "to": text})
    assert answer.status_code == 400
    problem = answer.json()
    assert [fault["parameter"] for fault in problem["parameters"]] == ["from", "to"]
    if len(text) > 3:
        assert text not in problem["detail"].replace("98.3866,7.8848", "")


def test_a_place_that_is_missing_is_named(public):
    problem = public.get("/walk", params={"from": "98.38,7.88"}).json()
    assert [fault["parameter"] for fault in problem["parameters"]] == ["to"]


# --- nobody keeps where somebody walks


def test_walks_are_kept_by_nobody(public):
    answer = asked(public)
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


class Everything(logging.Formatter):
    """Writes all that a record holds, whichever part of it a log shows."""

    def format(self, record):
        return f"{record.getMessage()} {vars(record)!r}"


def test_positions_are_neither_logged_nor_stored(old_town, tmp_path):
    """Every byte of the store and every line of every log, at the finest level."""
    log = logging.StreamHandler(stream := io.StringIO())
    log.setFormatter(Everything())
    # The test's own client, in this process, logs what it asks.
    log.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
    root = logging.getLogger()
    before = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addHandler(log)
    try:
        path = fill(tmp_path / "var" / "store.sqlite", old_town)
        with public_client(path) as client:
            assert asked(client).status_code == 200
            assert asked(client, FROM, (99.38754321, 7.88487654)).status_code == 404
            assert asked(client, (998.38754321, 7.88487654)).status_code == 400
            logging.getLogger("api").warning("the log is read")
    finally:
        root.removeHandler(log)
        root.setLevel(before)
        for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):
            logging.getLogger(name).removeHandler(log)
    kept = [file.read_bytes() for file in (tmp_path / "var").iterdir() if file.is_file()]
    assert kept
    logged = stream.getvalue()
    assert "the log is read" in logged
    assert "/walk" in logged  # requests are logged, by their route
    for part in ("38754321", "88487654", "39198765", "88321234"):
        assert part not in logged
        assert not any(part.encode() in content for content in kept)


# --- what walks must not tell


def answers_along(public, street, *, step_m=2.0):
    """Walk from the start of a street to places ever farther along it; return the metres told."""
    line = street.to_crs(epsg=4326)
    count = int(street.length.iloc[0] // step_m)
    begin = line.iloc[0].coords[0]
    told = []
    for number in range(1, count + 1):
        there = line.iloc[0].interpolate(number / count, normalized=True)
        properties = asked(public, begin, (there.x, there.y)).json()["features"][0]["properties"]
        told.append((properties["length_m"], properties["watched_m"]))
    return told


def with_cameras(zone, cameras):
    return replace(zone, cameras=cameras)


@pytest.mark.slow
def test_private_cameras_change_not_a_byte(old_town, tmp_path, public):
    """Without any, and with all of them turned about, each answer is the same."""
    private = old_town.cameras["owner_kind"] == "private"
    turned = old_town.cameras.copy()
    turned.loc[private, "azimuth_deg"] = (turned.loc[private, "azimuth_deg"] + 180) % 360
    turned.loc[private, "range_m"] = 90.0
    rng = np.random.default_rng(5)
    starts = old_town.streets.to_crs(epsg=4326).geometry.apply(lambda line: line.coords[0])
    pairs = [rng.choice(len(starts), 2, replace=False) for _ in range(15)]

    def told(client):
        walks = [asked(client, starts.iloc[a], starts.iloc[b]).content for a, b in pairs]
        return [*walks, client.get("/places").content.replace(str(client.base_url).encode(), b"")]

    for number, cameras in enumerate((old_town.cameras[~private], turned)):
        place = fill(tmp_path / f"{number}.sqlite", with_cameras(old_town, cameras), NOW)
        with public_client(place) as other:
            assert [len(t) for t in told(other)] == [len(t) for t in told(public)]
            assert told(other)[:-1] == told(public)[:-1]


def test_a_walk_that_read_private_cameras_would_be_noticed(old_town, tmp_path, monkeypatch):
    """The layer of cameras that are not in public view is refused by the floor below."""
    place = fill(tmp_path / "store.sqlite", old_town)
    store = Store(place)
    honest = store.items
    monkeypatch.setattr(store, "items", lambda *a, **k: honest(*a, **k | {"view": "full"}))
    with pytest.raises(merits_module.LayerError, match="owner_kind"):
        Towns(store).town("old_town")
    store.close()


def watched_ends(zone):
    """Return where the fields of view of public cameras end along each street, in metres."""
    public = zone.cameras[zone.cameras["owner_kind"] != "private"]
    fields = fields_of_view(public, zone.buildings).union_all()
    ends = {}
    for label, line in zone.streets.geometry.items():
        edge = shapely.intersection(line, fields.boundary)
        points = [part for part in shapely.get_parts([edge]) if part.geom_type == "Point"]
        ends[label] = sorted(line.project(point) for point in points)
    return ends


def inner_ends(stretches, row):
    """Return where the stretches of a street end, but for the last."""
    return stretches.end_mm[stretches.first[row] : stretches.first[row + 1] - 1]


def test_whoever_walks_every_metre_learns_of_stretches_alone(old_town, town):
    """The inversion: from as many walks as one likes, no more comes out than quarters of stretches.

    Whoever asks exact, unrounded lengths at every half metre finds places where "watched" begins or
    ends only at the ends of stretches, wherever the fields of view truly end.
    """
    network = town.network
    checked, apart = 0, []
    truth = watched_ends(old_town)
    for row, label in enumerate(network.graph.lines.index):
        length_mm = network.stretches.last_mm(row)
        at = np.arange(0, length_mm + 1, 500)
        watched = np.array([network.stretches.covered(row, 0, int(stop))[1] for stop in at])
        slope = np.diff(watched) / np.diff(at)
        bends = at[1:-1][np.abs(np.diff(slope)) > 1e-9]
        ends = inner_ends(network.stretches, row)
        for bend in bends:
            assert np.abs(ends - bend).min() <= 500
            checked += 1
        if len(ends):
            apart += [np.abs(ends / 1000 - end).min() for end in truth[label]]
    assert checked > 20
    assert np.median(apart) > 5  # where fields end is far from where stretches do


def test_short_stretches_would_tell_where_fields_end(old_town, town, monkeypatch):
    """The planted fault: with stretches of 10 m the same inversion finds the ends."""
    honest = merits_module.walking_merits
    monkeypatch.setattr(merits_module, "MIN_STRETCH_M", 1.0)
    monkeypatch.setattr(
        towns_module, "walking_merits", lambda *a, **k: honest(*a, **k, stretch_m=10.0)
    )
    shown = {name: layer.to_crs(epsg=4326) for name, layer in town.layers.items()}
    fine = Town.of("fine", shown).network
    truth, found = watched_ends(old_town), []
    for row, label in enumerate(fine.graph.lines.index):
        first = fine.stretches.first
        quarters = fine.stretches.quarters[first[row] : first[row + 1], 1]
        jumps = inner_ends(fine.stretches, row)[np.diff(quarters) != 0] / 1000
        if len(jumps):
            found += [np.abs(jumps - end).min() for end in truth[label]]
    assert np.median(found) < 5


def test_rounded_answers_over_http_are_those_of_stretches(public, town):
    """Along one street, over HTTP: the metres in view rise only as the coarse stretches say."""
    label = town.network.graph.lines.index[int(np.argmax(town.network.graph.length_m))]
    street = gpd.GeoSeries([town.layers["streets"].geometry[label]], crs=town.layers["streets"].crs)
    told = answers_along(public, street, step_m=10.0)
    row = town.network.graph.lines.index.get_loc(label)
    for length_m, watched_m in told:
        expected = town.network.stretches.covered(row, 0, int(length_m * 1000))[1] / 4000
        assert abs(watched_m - expected) <= 12
    assert all(a[1] <= b[1] for a, b in pairwise(told))


def test_a_zone_without_lamps_places_and_cameras_is_walked_all_the_same(old_town, tmp_path):
    bare = replace(
        old_town,
        **{
            name: getattr(old_town, name).iloc[:0]
            for name in ("lamps", "places", "cameras", "sos_points", "buildings")
        },
    )
    with public_client(fill(tmp_path / "store.sqlite", bare)) as client:
        told = asked(client).json()
        assert told["same"] is True
        assert told["features"][0]["properties"]["lit_m"] == 0
        assert client.get("/places").json()["features"] == []
        assert client.get("/safe-areas").status_code == 404
        assert client.get("/releases").json() == {"releases": []}


def test_a_zone_that_is_not_in_the_store_is_told(tmp_path):
    Store(tmp_path / "store.sqlite").close()
    with public_client(tmp_path / "store.sqlite") as client:
        for path in (
            "/places",
            "/safe-areas",
            f"/walk?from={FROM[0]},{FROM[1]}&to={TO[0]},{TO[1]}",
        ):
            answer = client.get(path)
            assert answer.status_code == 404
            assert "old_town" in answer.json()["detail"]
