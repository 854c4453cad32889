"""Layer contracts: every fault named with its row and field, and what a kept contract promises."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon

from geo.errors import Fault, LayerError, NotFoundError
from geo.layers import CONTRACTS, check_layer, column_of, contract_of, empty_layer, faults_of

METRIC = CRS(32647)
HERE = Point(98.389, 7.885)
BANGKOK = dt.timezone(dt.timedelta(hours=7))


def cameras(rows: int = 2, **columns: list) -> gpd.GeoDataFrame:
    plain = {
        "id": [f"cam-{number}" for number in range(1, rows + 1)],
        "azimuth_deg": [90.0] * rows,
        "fov_deg": [60.0] * rows,
        "range_m": [30.0] * rows,
        "geometry": [HERE] * rows,
    }
    return gpd.GeoDataFrame(plain | columns, crs=4326)


def incidents(rows: int = 2, **columns: list) -> gpd.GeoDataFrame:
    plain = {
        "id": [f"inc-{number}" for number in range(1, rows + 1)],
        "category": ["theft"] * rows,
        "severity": [2] * rows,
        "occurred_at": ["2026-01-31T20:15:00+07:00"] * rows,
        "reporting": ["reported"] * rows,
        "geometry": [HERE] * rows,
    }
    return gpd.GeoDataFrame(plain | columns, crs=4326)


def streets(lines: list[LineString], **columns: list) -> gpd.GeoDataFrame:
    plain = {
        "id": [f"street-{number}" for number in range(1, len(lines) + 1)],
        "street_class": ["residential"] * len(lines),
        "geometry": lines,
    }
    return gpd.GeoDataFrame(plain | columns, crs=METRIC)


def only_fault(frame: gpd.GeoDataFrame, layer: str) -> Fault:
    (fault,) = faults_of(frame, layer, source="layer.geojson", crs=METRIC)
    return fault


@pytest.mark.parametrize(
    ("column", "value", "expected", "found"),
    [
        ("fov_deg", 0, "a number > 0 and <= 360", "0"),
        ("fov_deg", 360.5, "a number > 0 and <= 360", "360.5"),
        ("azimuth_deg", 400, "a number >= 0 and <= 360", "400"),
        ("azimuth_deg", -0.1, "a number >= 0 and <= 360", "-0.1"),
        ("azimuth_deg", "north", "a number", "'north'"),
        ("azimuth_deg", True, "a number", "True"),
        ("azimuth_deg", None, "a value", "nothing"),
        ("azimuth_deg", float("nan"), "a value", "nothing"),
        ("range_m", float("inf"), "a finite number", "inf"),
        ("range_m", 0.0, "a number > 0", "0"),
        ("status", "sleeping", "one of up, down", "'sleeping'"),
        ("owner_kind", "police", "one of programme, municipal, private", "'police'"),
        ("synthetic", "perhaps", "true or false", "'perhaps'"),
        ("place_th", 7, "text", "7"),
        ("tilt_deg", 91, "a number >= -90 and <= 90", "91"),
    ],
)
def test_a_camera_value_that_does_not_fit(
    column: str, value: object, expected: str, found: str
) -> None:
    frame = cameras(3)
    frame[column] = pd.Series(
        [frame[column].iloc[0] if column in frame else None, value, None], dtype="object"
    )
    frame.loc[2, column] = frame.loc[0, column]
    assert only_fault(frame, "cameras") == Fault("layer.geojson", expected, found, 2, column)


@pytest.mark.parametrize(
    ("column", "value", "expected", "found"),
    [
        ("severity", 9, "a number >= 1 and <= 5", "9"),
        ("severity", 2.5, "a whole number", "2.5"),
        ("severity", "2.5", "a whole number", "'2.5'"),
        ("category", "", "a value", "nothing"),
        ("reporting", "rumoured", "one of reported, discovered", "'rumoured'"),
        ("occurred_at", "yesterday", "a date and time in ISO 8601", "'yesterday'"),
        ("occurred_at", 1769865300, "a date and time in ISO 8601", "1769865300"),
        (
            "occurred_at",
            "2026-01-31 20:15",
            "a time with its offset from UTC, such as 2026-01-31T20:15:00+07:00",
            "'2026-01-31 20:15'",
        ),
        (
            "occurred_at",
            pd.Timestamp("2026-01-31 20:15"),
            "a time with its offset from UTC, such as 2026-01-31T20:15:00+07:00",
            "'2026-01-31 20:15:00'",
        ),
        (
            "occurred_until",
            "2026-01-31T20:14:59+07:00",
            "an end at or after the start 2026-01-31T13:15:00+00:00",
            "2026-01-31T13:14:59+00:00",
        ),
    ],
)
def test_an_incident_value_that_does_not_fit(
    column: str, value: object, expected: str, found: str
) -> None:
    frame = incidents(3)
    frame[column] = pd.Series([frame.get(column, [None])[0], value, None], dtype="object")
    frame.loc[2, column] = frame.loc[0, column]
    assert only_fault(frame, "incidents") == Fault("layer.geojson", expected, found, 2, column)


@pytest.mark.parametrize(
    "category",
    [
        "check",
        "ID check",
        "id-checks",
        "ARREST",
        "drug_arrest",
        "Stop and search",
        "stop and frisk",
        "stops",
        "traffic_stop",
        "Vehicle stops",
        "search",
        "body search",
        "arrest warrant",
        "การจับกุม",
        "ตรวจค้นรถ",
        "หมายจับ",
    ],
)
def test_checks_and_arrests_are_no_incidents(category: str) -> None:
    fault = only_fault(incidents(category=["theft", category]), "incidents")
    assert (fault.row, fault.field) == (2, "category")
    assert "police work, not incidents" in fault.expected


@pytest.mark.parametrize(
    "category",
    [
        "theft",
        "checkout fraud",
        "ลักทรัพย์",
        "assault",
        "cheque",
        "theft at bus stop",
        "search and rescue",
    ],
)
def test_other_categories_are_welcome(category: str) -> None:
    assert faults_of(incidents(category=["theft", category]), "incidents", source="x") == []


def test_every_fault_is_reported_at_once_in_the_order_of_the_rows() -> None:
    frame = cameras(
        3,
        id=["a", "a", None],
        azimuth_deg=[400, 10, 20],
        fov_deg=[60, 0, "wide"],
        geometry=[HERE, Point(7.885, 98.389), None],
    ).drop(columns="range_m")
    with pytest.raises(LayerError) as caught:
        check_layer(frame, "cameras", source="cams.csv", crs=METRIC, rows=[2, 3, 5])
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (None, "range_m"),
        (2, "azimuth_deg"),
        (3, "id"),
        (3, "fov_deg"),
        (3, "geometry"),
        (5, "id"),
        (5, "fov_deg"),
        (5, "geometry"),
    ]
    assert "cams.csv, row 3, `id`: expected an id of its own, got 'a' as in row 2" in str(
        caught.value
    )


def test_a_missing_column_names_those_there() -> None:
    fault = only_fault(cameras().drop(columns="fov_deg"), "cameras")
    assert (fault.row, fault.field, fault.expected) == (None, "fov_deg", "the column")
    assert fault.found == "only id, azimuth_deg, range_m"


def test_an_empty_layer() -> None:
    fault = only_fault(cameras(0), "cameras")
    assert fault.found == "an empty layer"


def test_an_unknown_layer() -> None:
    with pytest.raises(NotFoundError, match=r"Expected a layer among boundary, .*got 'drones'"):
        contract_of("drones")


BOW_TIE = Polygon([(98.3, 7.8), (98.4, 7.9), (98.4, 7.8), (98.3, 7.9)])


@pytest.mark.parametrize(
    ("layer", "shape", "expected", "found"),
    [
        ("lamps", None, "a Point", "no geometry"),
        ("lamps", Point(), "a Point", "an empty Point"),
        ("lamps", Point(98.3, float("nan")), "finite coordinates", "(98.3, nan)"),
        ("lamps", Point(float("inf"), 7.8), "finite coordinates", "(inf, 7.8)"),
        ("lamps", LineString([(98.3, 7.8), (98.4, 7.8)]), "a Point", "a LineString"),
        ("buildings", HERE, "a Polygon or MultiPolygon", "a Point"),
        ("buildings", BOW_TIE, "a valid Polygon", "Self-intersection[98.35 7.85]"),
        ("buildings", Polygon(), "a Polygon or MultiPolygon", "an empty Polygon"),
    ],
)
def test_a_geometry_that_does_not_fit(layer: str, shape: object, expected: str, found: str) -> None:
    good = HERE if layer == "lamps" else HERE.buffer(0.001)
    frame = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[good, shape], crs=4326)
    assert only_fault(frame, layer) == Fault("layer.geojson", expected, found, 2, "geometry")


def test_swapped_lon_and_lat_are_told_from_a_place_elsewhere() -> None:
    swapped = only_fault(cameras(geometry=[HERE, Point(7.885, 98.389)]), "cameras")
    assert swapped.row == 2
    assert swapped.found == "(7.885, 98.389): lon and lat look swapped"
    assert swapped.expected == "coordinates in lon 96 to 102 and lat 0 to 84 (EPSG:32647)"
    elsewhere = only_fault(cameras(geometry=[HERE, Point(2.35, 48.85)]), "cameras")
    assert elsewhere.found == "(2.35, 48.85) in EPSG:4326"


def test_a_wrong_reference_system_is_one_fault_not_one_a_row() -> None:
    swapped = only_fault(cameras(3, geometry=[Point(7.885, 98.389)] * 3), "cameras")
    assert swapped.row == 1
    assert swapped.found.endswith("lon and lat look swapped; likewise in all 3 rows")
    metres = only_fault(cameras(3, geometry=[Point(432000.0, 871000.0)] * 3), "cameras")
    assert "metres in a layer that says it is EPSG:4326; likewise in all 3" in metres.found
    degrees = only_fault(cameras(3).set_crs(METRIC, allow_override=True), "cameras")
    assert "degrees in a layer that says it is EPSG:32647; likewise in all 3" in degrees.found


def test_no_reference_system() -> None:
    fault = only_fault(cameras().set_crs(None, allow_override=True), "cameras")
    assert "a coordinate reference system" in fault.expected


def test_another_reference_system_is_brought_over() -> None:
    mercator = cameras().to_crs(3857)
    checked = check_layer(mercator, "cameras", source="x", crs="EPSG:32647")
    straight = check_layer(cameras(), "cameras", source="x", crs=METRIC)
    assert checked.crs == METRIC
    assert checked.geometry.distance(straight.geometry).max() < 1e-6


def test_a_street_graph_in_two_pieces_names_the_smaller() -> None:
    lines = [
        LineString([(432000, 871000), (432100, 871000)]),
        LineString([(432300, 871000), (432400, 871000)]),
        LineString([(432100, 871000), (432100, 871100)]),
        LineString([(432400, 871000), (432400, 871050)]),
        LineString([(432000, 871000), (432100, 871100)]),
    ]
    fault = only_fault(streets(lines), "streets")
    assert fault.row == 2
    assert fault.found == "a piece apart from the rest: street-2, street-4"
    joined = [*lines, LineString([(432100, 871000), (432300, 871000)])]
    assert faults_of(streets(joined), "streets", source="x") == []


def test_streets_that_only_touch_in_passing_are_two_pieces() -> None:
    through = LineString([(432000, 871000), (432200, 871000)])
    stub = LineString([(432100, 871000), (432100, 871100)])
    assert "equal end points" in only_fault(streets([through, stub]), "streets").expected


def test_a_checked_layer_is_typed_filled_and_ordered() -> None:
    frame = incidents(
        id=[7, 8],
        synthetic=["true", 0],
        severity=["3", 4.0],
        occurred_until=["2026-02-01T00:00:00Z", None],
        remark=["kept", "too"],
    )
    checked = check_layer(frame, "incidents", source="x", crs=METRIC)
    assert list(checked.columns) == [
        *(column.name for column in CONTRACTS["incidents"].columns),
        "remark",
        "geometry",
    ]
    assert checked.index.tolist() == ["7", "8"]
    assert checked.index.name == "id"
    assert checked["severity"].tolist() == [3, 4]
    assert checked["synthetic"].tolist() == [True, False]
    start = dt.datetime(2026, 1, 31, 20, 15, tzinfo=BANGKOK)
    assert (checked["occurred_at"] == start).all()
    assert str(checked["occurred_at"].dt.tz) == "UTC"
    assert checked["occurred_until"].isna().tolist() == [False, True]
    assert checked["remark"].tolist() == ["kept", "too"]


@pytest.mark.parametrize("layer", sorted(CONTRACTS))
def test_an_empty_layer_has_the_types_of_a_checked_one(layer: str) -> None:
    empty = empty_layer(layer, crs=METRIC)
    assert empty.crs == METRIC
    assert empty.index.name == "id"
    for column in CONTRACTS[layer].columns:
        assert str(empty[column.name].dtype) == column.dtype
    if layer in {"cameras", "incidents"}:
        full = check_layer({"cameras": cameras, "incidents": incidents}[layer](), layer, source="x")
        assert full.dtypes.astype(str).to_dict() == empty.dtypes.astype(str).to_dict()


def test_the_default_stands_in_for_what_is_missing() -> None:
    checked = check_layer(cameras(status=["down", None]), "cameras", source="x")
    assert checked["status"].tolist() == ["down", "up"]
    assert checked["owner_kind"].tolist() == ["", ""]
    assert np.isnan(checked["height_m"]).all()


def test_collections_of_one_part_and_heights_are_accepted() -> None:
    line = LineString([(432000, 871000, 5), (432100, 871000, 6)])
    checked = check_layer(streets([MultiLineString([line])]), "streets", source="x")
    assert checked.geometry.iloc[0].geom_type == "LineString"
    assert not checked.geometry.has_z.any()
    two = MultiPolygon([HERE.buffer(0.001), Point(98.38, 7.885).buffer(0.001)])
    frame = gpd.GeoDataFrame({"id": ["a"], "kind": ["yard"]}, geometry=[two], crs=4326)
    assert only_fault(frame, "grounds").found == "a MultiPolygon"


def test_the_frame_that_was_checked_is_not_changed() -> None:
    frame = cameras()
    before = frame.copy(deep=True)
    check_layer(frame, "cameras", source="x", crs=METRIC)
    pd.testing.assert_frame_equal(frame, before)


def test_a_boundary_is_one_polygon_and_needs_no_id() -> None:
    outline = gpd.GeoDataFrame({"approximate": [True]}, geometry=[HERE.buffer(0.01)], crs=4326)
    assert check_layer(outline, "boundary", source="x").index.tolist() == ["1"]
    fault = only_fault(pd.concat([outline, outline]), "boundary")
    assert (fault.row, fault.expected) == (2, "one polygon")


def test_one_column_is_read_as_the_whole_layer_is() -> None:
    told = [1, 0, "true", " FALSE ", "0.0", True, np.bool_(False), None, ""]
    frame = cameras(len(told), night_vision=told)
    values, faults = column_of(frame, "cameras", "night_vision", source="cameras")
    assert faults == []
    assert values.tolist() == [True, False, True, False, False, True, False, True, True]
    whole = check_layer(frame, "cameras", source="cameras")
    assert values.tolist() == whole["night_vision"].tolist()
    assert column_of(frame, "cameras", "status", source="cameras")[0].tolist() == ["up"] * len(told)


def test_the_faults_of_one_column_are_those_of_the_layer() -> None:
    frame = cameras(4, range_m=[40.0, -1.0, None, "far"])
    values, faults = column_of(frame, "cameras", "range_m", source="layer.geojson")
    assert faults == faults_of(frame, "cameras", source="layer.geojson")
    assert [fault.row for fault in faults] == [2, 3, 4]
    assert values.tolist() == [40.0, None, None, None]
    values, faults = column_of(
        frame, "cameras", "range_m", source="layer.geojson", may_be_missing=True
    )
    assert [fault.row for fault in faults] == [2, 4]
    assert values.tolist() == [40.0, None, None, None]


def test_a_column_that_is_not_there() -> None:
    bare = cameras().drop(columns="range_m")
    values, faults = column_of(bare, "cameras", "range_m", source="x")
    assert faults == [Fault("x", "the column", "none of that name", field="range_m")]
    assert values.tolist() == [None, None]
    values, faults = column_of(bare, "cameras", "range_m", source="x", may_be_missing=True)
    assert (faults, values.tolist()) == ([], [None, None])
    with pytest.raises(NotFoundError, match=r"Expected a column of cameras among .*range_m"):
        column_of(bare, "cameras", "rang_m", source="x")
