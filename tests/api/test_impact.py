"""The command `smartzone impact`: the paper's example, own counts, both languages, bad input."""

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box
from typer.testing import CliRunner

import api.cli
import api.impact
from geo.formats import write_layer
from geo.zone import Zone
from tests.api.small_zone import CRS, X, Y, frame

BEFORE, AFTER = "2025-01-01/2025-06-30", "2026-01-01/2026-06-30"
PERIODS = ("--before", BEFORE, "--after", AFTER)
# Two squares of 40 m in a zone of 240 m, farther than two buffers of 20 m from each other.
SQUARES = {"treated": box(20, 60, 60, 100), "control": box(140, 60, 180, 100)}
RINGS = {"treated": (10, 80), "control": (190, 80)}  # a place in each buffer
# Wheeler and Ratcliffe (2018): before and after.
PAPER = {
    "treated": (207, 110),
    "control": (308, 318),
    "treated_buffer": (178, 157),
    "control_buffer": (150, 140),
}


def moved(shape):
    return gpd.GeoSeries([shape]).translate(X, Y).iloc[0]


def incidents(places, instants, **columns):
    plain = {
        "category": "theft",
        "severity": 2,
        "occurred_until": pd.NaT,
        "reporting": "reported",
        "synthetic": True,
    }
    shapes = [Point(X + x, Y + y) for x, y in places]
    moments = pd.to_datetime(list(instants), utc=True)
    return frame(shapes, prefix="incident", occurred_at=moments, **plain | columns)


def of_the_paper():
    """Give as many incidents as the paper counts, in the middle of areas, buffers and periods."""
    places, instants = [], []
    for area, counts in PAPER.items():
        role = area.removesuffix("_buffer")
        at = RINGS[role] if area.endswith("buffer") else SQUARES[role].centroid.coords[0]
        for count, instant in zip(counts, ("2025-03-01T05:00Z", "2026-03-01T05:00Z"), strict=True):
            places += [at] * count
            instants += [instant] * count
    return incidents(places, instants)


def anywhere(count=2500, seed=4):
    rng = np.random.default_rng(seed)
    hours = rng.uniform(0, 24 * 800, count).round()
    instants = pd.Timestamp("2024-11-01T00:00Z") + pd.to_timedelta(hours, unit="h")
    reporting = rng.choice(["reported", "discovered"], count, p=[0.8, 0.2])
    category = rng.choice(["theft", "burglary", "noise"], count)
    return incidents(
        rng.uniform(-15, 215, (count, 2)), instants, reporting=reporting, category=category
    )


def areas(squares=SQUARES, **columns):
    roles = {"role": list(squares)} | columns
    return gpd.GeoDataFrame(roles, geometry=[moved(s) for s in squares.values()], crs=CRS)


@pytest.fixture
def run(folder, tmp_path, monkeypatch):
    """Return the command on files that stand ready: incidents of the paper, and two areas."""
    monkeypatch.chdir(tmp_path)
    write_layer(folder / "incidents.csv", of_the_paper())
    areas().to_crs(4326).to_file(tmp_path / "areas.geojson")

    def call(*arguments, file="areas.geojson", periods=PERIODS, buffer=20):
        asked = ("impact", file, *periods, "--buffer", buffer, "--zone", folder, *arguments)
        return CliRunner().invoke(api.cli.app, [str(argument) for argument in asked])

    return call


def told(result):
    """Give what stands on standard error in one line, as the terminal may have wrapped it."""
    return " ".join(result.stderr.split())


def cells(result):
    """Give the cells of all rows of the tables by what their first one says."""
    assert result.exit_code == 0, result.stderr
    rows = [[cell.strip() for cell in line.split("│")] for line in result.stdout.splitlines()]
    return {row[1]: row[2:-1] for row in rows if len(row) > 2}


# --- what goes well


def test_the_example_of_the_paper(run, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    result = run()
    assert cells(result) == {
        "Treated area": ["207", "110"],
        "Control": ["308", "318"],
        "Around the treated area, 20 m": ["178", "157"],
        "Around the control, 20 m": ["150", "140"],
        "In the treated area": ["-107.0", "-167.2 to -46.8"],
        "Around it (displacement)": ["-11.0", "-60.0 to +38.0"],
        "Both together": ["-118.0", "-195.6 to -40.4"],
    }
    text = result.stdout
    assert "Fewer incidents were reported than the control would suggest, by 118.0 (95%" in text
    assert "interval: 40.4 to 195.6 fewer)" in text
    assert "1 January 2025 to 30 June 2025 (181 days)" in text
    assert "This cannot tell why" in text
    assert "synthetic" in text
    assert "worked" not in text
    assert sorted(tmp_path.rglob("*")) == before


def test_thai(run):
    result = run("--lang", "th")
    assert cells(result)["พื้นที่ที่มีมาตรการ"] == ["207", "110"]
    text = result.stdout
    for part in (
        *("เมืองเล็ก: ก่อนและหลังมาตรการ", "1 มกราคม 2568 ถึง 30 มิถุนายน 2568 (181 วัน)"),
        *("น้อยกว่าที่พื้นที่ควบคุมบ่งชี้ 118.0 เหตุ", "บอกสาเหตุไม่ได้", "ข้อมูลจำลอง"),
    ):
        assert part in text, part
    assert "ได้ผล" not in text


def counted_by_hand(layer, *, category=None):
    """Count by plain coordinates and local dates."""
    table = {}
    for row in layer.itertuples():
        x, y = row.geometry.x - X, row.geometry.y - Y
        day = (row.occurred_at + pd.Timedelta(hours=7)).date().isoformat()
        if category not in {None, row.category}:
            continue
        for period in (BEFORE, AFTER):
            first, last = period.split("/")
            for role, left in (("treated", 20), ("control", 140)):
                out = np.hypot(max(left - x, x - left - 40, 0), max(60 - y, y - 100, 0))
                if first <= day <= last and out <= 20:
                    area = role if out == 0 else f"{role}_buffer"
                    where = "discovered" if row.reporting == "discovered" else area
                    table[where, period] = table.get((where, period), 0) + 1
    return table


@pytest.mark.parametrize("category", [None, "noise"])
def test_counts_are_those_of_a_count_by_hand(run, folder, category):
    layer = anywhere()
    write_layer(folder / "incidents.csv", layer)
    layer = Zone.load(folder).incidents  # as its file holds it
    expected = counted_by_hand(layer, category=category)
    result = run(*(() if category is None else ("--category", category)))
    found = cells(result)
    rows = {
        "treated": "Treated area",
        "control": "Control",
        "treated_buffer": "Around the treated area, 20 m",
        "control_buffer": "Around the control, 20 m",
    }
    for area, name in rows.items():
        assert found[name] == [str(expected[area, period]) for period in (BEFORE, AFTER)]
    left_out = sum(count for (area, _), count in expected.items() if area == "discovered")
    assert left_out > 3
    assert f"patrols: {left_out} in these areas and periods" in result.stdout
    assert ("Only these categories: Noise" in result.stdout) is (category is not None)


def test_discovered_incidents_let_in_are_caught(run, folder, monkeypatch):
    layer = anywhere()
    write_layer(folder / "incidents.csv", layer)
    counted = cells(run())["Treated area"]
    real = api.impact.impact_on_areas
    monkeypatch.setattr(
        api.impact,
        "impact_on_areas",
        lambda incidents, **rest: real(incidents.drop(columns="reporting"), **rest),
    )
    assert cells(run())["Treated area"] != counted


def test_more_and_no_more_than_chance_are_said_as_plainly(run, tmp_path, folder):
    turned = {"treated": SQUARES["control"], "control": SQUARES["treated"]}
    areas(turned).to_file(tmp_path / "turned.gpkg")
    text = run(file="turned.gpkg").stdout
    assert "More incidents were reported than the control would suggest, by 118.0 (95%" in text
    assert "interval: 40.4 to 195.6 more)" in text
    write_layer(folder / "incidents.csv", anywhere())
    text = run().stdout
    assert "is no more than chance would bring:" in text
    assert "That is not to say that nothing changed." in text


def test_several_polygons_of_a_role_and_every_format(run, tmp_path):
    parts = [box(20, 60, 40, 100), box(40, 60, 60, 100), SQUARES["control"]]
    layer = gpd.GeoDataFrame(
        {"role": ["treated", "treated", "control"]}, geometry=[moved(s) for s in parts], crs=CRS
    )
    expected = cells(run())
    for name in ("a.gpkg", "a.shp", "a.geojson"):
        (layer.to_crs(4326) if name.endswith("json") else layer).to_file(tmp_path / name)
        assert cells(run(file=name)) == expected


def test_without_buffers_only_the_areas_are_told(run):
    rows = cells(run(buffer=0))
    assert set(rows) == {"Treated area", "Control", "In the treated area"}
    assert rows["In the treated area"][0] == "-107.0"


NOTES = {
    "scaled": "counts before are scaled",
    "few": "There are counts below 5",
    "unlike": "very unlike numbers",
    "season": "different times of the year",
    "record": "Incidents are on record only from 1 March 2025 to 1 March 2026",
    "outside": "Parts lie outside the zone",
    "synthetic": "synthetic data",
}


def notes(result):
    assert result.exit_code == 0, result.stderr
    return {name for name, part in NOTES.items() if part in result.stdout}


def test_what_makes_the_comparison_weak_is_told_and_nothing_else(run, folder, tmp_path):
    layer = of_the_paper()
    edges = incidents([(200, 200)] * 2, ["2024-12-01T00:00Z", "2026-12-01T00:00Z"], synthetic=False)
    real = pd.concat([layer.assign(synthetic=False), edges.rename("end-{}".format)])
    assert notes(run()) == {"record", "synthetic"}
    write_layer(folder / "incidents.csv", real)
    assert notes(run()) == set()
    assert notes(run(periods=("--before", BEFORE, "--after", "2026-01-01/2026-05-31"))) == {
        "scaled",
        "season",
    }
    assert notes(run(buffer=10, file="areas.geojson")) == set()
    near = {"treated": SQUARES["treated"], "control": box(195, 60, 240, 100)}
    areas(near).to_file(tmp_path / "near.gpkg")
    result = run(file="near.gpkg")
    assert notes(result) == {"few", "unlike", "outside"}
    # The control is 45 m wide, of which 20 m lie east of the boundary.
    assert re.search(r"Control \(44%\), Around the control, 20 m \(\d\d%\)", result.stdout)


# --- what goes wrong


def spoilt(change):
    """Return a change of the text of the areas file."""

    def spoil(path):
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document["features"])
        path.write_text(json.dumps(document), encoding="utf-8")

    return spoil


def rename(features):
    for feature in features:
        feature["properties"]["kind"] = feature["properties"].pop("role")


def other_words(features):
    features[0]["properties"]["role"] = "ทดลอง"
    features[1]["properties"]["role"] = None


def no_control(features):
    del features[1]


def to_points(features):
    features[0]["geometry"] = {"type": "Point", "coordinates": [98.3834, 7.8838]}


def overlap(features):
    features[1]["geometry"] = features[0]["geometry"]


def far_off(features):
    ring = features[0]["geometry"]["coordinates"][0]
    features[0]["geometry"]["coordinates"][0] = [[lon + 0.1, lat] for lon, lat in ring]


FILES = {
    "no role": (spoilt(rename), ["`role`: expected the column", "kind"]),
    "other words": (
        spoilt(other_words),
        [
            *("Faults found: 2", "row 1, `role`: expected one of treated, control, got 'ทดลอง'"),
            "row 2, `role`: expected a value, got nothing",
        ],
    ),
    "no control": (
        spoilt(no_control),
        ["areas.geojson, `role`: expected at least one area whose role is control, got none"],
    ),
    "points": (spoilt(to_points), ["row 1, `geometry`: expected a Polygon or MultiPolygon"]),
    "overlap": (
        spoilt(overlap),
        ["areas.geojson, `geometry`: expected a control farther than two buffers, 40,", "got 0.0"],
    ),
    "outside": (spoilt(far_off), ["row 1, `geometry`: expected an area in the zone, got one 1"]),
    "no features": (spoilt(list.clear), ["expected at least one row of compared_areas"]),
    "not JSON": (lambda path: path.write_text("{"), ["expected GeoJSON"]),
    "code page": (
        lambda path: path.write_bytes('{"type": "ไทย"}'.encode("cp874")),
        ["as in TIS-620 (cp874)"],
    ),
    "gone": (lambda path: path.unlink(), ["Expected a compared_areas file at areas.geojson"]),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_will_not_do_is_one_clear_message(run, tmp_path, name):
    spoil, expected = FILES[name]
    spoil(tmp_path / "areas.geojson")
    result = run()
    assert (result.exit_code, result.stdout) == (1, "")
    for part in expected:
        assert part in told(result), told(result)
    assert "--debug" not in result.stderr


OPTIONS = {
    "not a day": (("2025-13-01/2025-06-30", AFTER), (), "Expected `before` as first and last day"),
    "backwards": (("2025-06-30/2025-01-01", AFTER), (), "Expected `before` to end on or after"),
    "overlap": ((BEFORE, "2025-06-30/2026-01-01"), (), "Expected `after` to begin after"),
    "Buddhist": ((BEFORE, "2569-01-01/2569-06-30"), (), "common era (2026, not 2569)"),
    "both unread": (("x", "y"), (), "got 'x'. Expected `after` as first and last day"),
    "off the record": (
        (BEFORE, "2027-01-01/2027-06-30"),
        ("--category", "piracy"),
        "2025-03-01/2026-03-01, got 2027-01-01/2027-06-30. Expected `category` among theft, got",
    ),
    "buffer": ((BEFORE, AFTER), ("--buffer", "-1"), "Expected finite `buffer_m` >= 0, got -1.0"),
    "endless": ((BEFORE, AFTER), ("--buffer", "nan"), "Expected finite `buffer_m` >= 0, got nan"),
    "wide": ((BEFORE, AFTER), ("--buffer", "60"), "farther than two buffers, 120, from the"),
    "quiet": (
        ("2025-03-02/2025-03-03", "2025-03-04/2025-03-05"),
        (),
        "Expected at least one incident in `treated` and `control`, got none.",
    ),
    "no zone": ((BEFORE, AFTER), ("--zone", "atlantis"), "Expected a zone"),
    "encoding": ((BEFORE, AFTER), ("--encoding", "klingon"), "Expected `encoding` as the name"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_that_will_not_do_are_one_clear_message(run, name):
    (before, after), arguments, expected = OPTIONS[name]
    result = run(*arguments, periods=("--before", before, "--after", after))
    assert (result.exit_code, result.stdout) == (1, "")
    assert expected in told(result), told(result)
    assert "--debug" not in result.stderr


def test_a_zone_without_incidents_says_so(run, folder):
    (folder / "incidents.csv").unlink()
    result = run()
    assert result.exit_code == 1
    assert "incidents.geojson: expected at least one row, got none" in told(result)


def test_both_periods_must_be_named(run):
    assert run(periods=()).exit_code == 2
    assert run(periods=("--before", BEFORE)).exit_code == 2
