"""Files with faults as a user meets them: one clear message, status 1, and nothing written."""

import json

import pytest

from tests.api.commanding import told


def rewrite(path, old, new, *, count=1):
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def edit(path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document["features"])
    path.write_text(json.dumps(document), encoding="utf-8")


def remove_boundary(folder):
    (folder / "boundary.geojson").unlink()


def swap_lon_lat(folder):
    def swap(features):
        for feature in features:
            feature["geometry"]["coordinates"].reverse()

    edit(folder / "cameras.geojson", swap)


def metric_coordinates(folder):
    def metric(features):
        features[0]["geometry"]["coordinates"] = [432_000.0, 871_500.0]

    edit(folder / "cameras.geojson", metric)


def open_polygon(folder):
    edit(
        folder / "buildings.geojson",
        lambda features: features[1]["geometry"]["coordinates"][0].pop(),
    )


def nan_coordinate(folder):
    def spoil(features):
        features[2]["geometry"]["coordinates"][0] = float("nan")

    edit(folder / "cameras.geojson", spoil)


def camera_value(field, value):
    def spoil(folder):
        edit(
            folder / "cameras.geojson",
            lambda features: features[1]["properties"].update({field: value}),
        )

    return spoil


def repeat_id(folder):
    def repeat(features):
        for feature in features:
            feature["id"] = "camera-1"
            feature["properties"]["id"] = "camera-1"

    edit(folder / "cameras.geojson", repeat)


def no_cameras(folder):
    edit(folder / "cameras.geojson", list.clear)


def cut_streets(folder):
    edit(folder / "streets.geojson", lambda features: features.append(moved_away(features[0])))


def moved_away(feature):
    line = [[x + 0.01, y] for x, y in feature["geometry"]["coordinates"]]
    properties = {**feature["properties"], "id": "far"}
    return {
        **feature,
        "id": "far",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": line},
    }


def huge_file(folder):
    with (folder / "buildings.geojson").open("r+b") as file:
        file.truncate(200_000_000)


def thai_code_page(folder):
    path = folder / "places.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp874"))


BAD = {
    "missing file": (remove_boundary, ["boundary", "no such file"]),
    "lon and lat swapped": (swap_lon_lat, ["cameras.geojson", "row 1", "lon"]),
    "wrong coordinate system": (metric_coordinates, ["cameras.geojson", "row 1", "EPSG:4326"]),
    "unclosed polygon": (open_polygon, ["buildings.geojson", "row 2", "geometry", "closed"]),
    "NaN coordinate": (nan_coordinate, ["cameras.geojson", "row 3", "geometry"]),
    "fov 0": (camera_value("fov_deg", 0), ["cameras.geojson", "row 2", "`fov_deg`", "> 0"]),
    "azimuth 400": (
        camera_value("azimuth_deg", 400),
        ["cameras.geojson", "row 2", "`azimuth_deg`", "360", "400"],
    ),
    "duplicate ids": (repeat_id, ["cameras.geojson", "row 2", "`id`", "camera-1"]),
    "empty layer": (no_cameras, ["cameras.geojson", "at least one"]),
    "streets in two pieces": (cut_streets, ["streets.geojson", "connected"]),
    "200 MB": (huge_file, ["buildings.geojson", "at most", "200 MB"]),
    "TIS-620": (thai_code_page, ["places.csv", "UTF-8"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_message_and_nothing_written(run, folder, tmp_path, name):
    spoil, expected = BAD[name]
    spoil(folder)
    before = sorted(tmp_path.rglob("*"))
    result = run("plan", "--zone", folder)
    assert result.exit_code == 1
    for part in expected:
        assert part in told(result), told(result)
    assert "Traceback" not in result.stderr
    assert "Expected" in told(result) or "expected" in told(result)
    assert sorted(tmp_path.rglob("*")) == before


def test_check_tells_every_fault_of_a_file(run, folder):
    camera_value("azimuth_deg", 400)(folder)
    camera_value("fov_deg", 0)(folder)
    nan_coordinate(folder)
    result = run("check", folder / "cameras.geojson", "--layer", "cameras")
    assert result.exit_code == 1
    for part in ("Faults found: 3", "`azimuth_deg`", "`fov_deg`", "row 3, `geometry`"):
        assert part in told(result), told(result)


def test_check_reads_thai_code_pages_when_told_to(run, folder):
    thai_code_page(folder)
    asked = ("check", folder / "places.csv", "--layer", "places")
    assert run(*asked).exit_code == 1
    assert run(*asked, "--encoding", "cp874").exit_code == 0


def test_a_zone_without_units_or_incidents_says_so(run, folder):
    (folder / "incidents.csv").unlink()
    assert "incidents" in told(run("plan", "--zone", folder))
    (folder / "units.toml").unlink()
    result = run("plan", "--zone", folder)
    assert result.exit_code == 1
    assert "units.toml" in told(result) or "incidents" in told(result)


UNITS_WRONG = """
[[unit]]
id = "walker-{row}"
name_th = "สายตรวจ"
name_en = "Walker"
kind = "police"
mode = "{mode}"
speed_mps = 1.2
lon = 98.388
lat = 7.885
starts_at = "soon"
ends_at = "23:00"
synthetic = true
"""


def test_many_faults_alike_are_told_once_with_their_number(run, folder):
    """Of 500 rows every time is wrong, and of the last the mode too."""
    modes = ["foot"] * 499 + ["on wings"]
    text = "".join(UNITS_WRONG.format(row=row, mode=mode) for row, mode in enumerate(modes))
    (folder / "units.toml").write_text(text, encoding="utf-8")
    for language, count, alike in (
        ("en", "Faults found: 501", "(and 499 more like it)"),
        ("th", "พบข้อผิดพลาด 501 ข้อ", "(และอีก 499 ข้อที่คล้ายกัน)"),
    ):
        result = run("plan", "--zone", folder, "--lang", language)
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) < 60
        assert count in told(result)
        assert "units.toml, row 1, `starts_at`: expected a time" in told(result)
        assert alike in told(result)
        assert "units.toml, row 500, `mode`: expected one of" in told(result)
        assert "row 2," not in told(result)


def test_few_faults_are_all_told(run, folder):
    text = "".join(UNITS_WRONG.format(row=row, mode="foot") for row in range(20))
    (folder / "units.toml").write_text(text, encoding="utf-8")
    result = run("plan", "--zone", folder)
    assert [f"row {row}, `starts_at`" in told(result) for row in range(1, 21)] == [True] * 20


def test_a_check_names_every_row(run, folder):
    cameras = folder / "cameras.geojson"

    def spoil(features):
        features[:] = [
            {**features[0], "properties": {**features[0]["properties"], "id": f"c{number}"}}
            for number in range(40)
        ]
        for feature in features:
            feature["properties"]["range_m"] = -1.0

    edit(cameras, spoil)
    result = run("check", cameras, "--layer", "cameras")
    assert [f"row {row}, `range_m`" in told(result) for row in range(1, 41)] == [True] * 40
