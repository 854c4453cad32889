"""Coverage and blind spots against brute force, sampling and cases worked out by hand."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from analytics.blindspots import Coverage, blind_spots, coverage_of, street_coverage
from geo.errors import LayerError, ParameterError

CRS = "EPSG:32647"


def streets_of(*lines, names=None, index=None):
    names = [""] * len(lines) if names is None else names
    return gpd.GeoDataFrame(
        {"name_th": [f"ถนน{name}" if name else "" for name in names], "name_en": names},
        geometry=[shapely.LineString(line) for line in lines],
        index=index,
        crs=CRS,
    )


def fields_of(*shapes):
    return gpd.GeoSeries(list(shapes), crs=CRS)


def random_quarter(seed):
    """Lay a grid of streets of random names and throw fields of view over it, some empty."""
    rng = np.random.default_rng(seed)
    spots = rng.uniform(-4.0, 4.0, (6, 6, 2)) + 30.0 * np.stack(np.mgrid[:6, :6], axis=-1)
    lines = [spots[i, j : j + 2] for i in range(6) for j in range(5)]
    lines += [spots[i : i + 2, j][::-1] for i in range(5) for j in range(6)]
    streets = streets_of(*lines, names=rng.choice(["", "Thalang", "Dibuk"], len(lines)))
    discs = shapely.buffer(shapely.points(rng.uniform(0.0, 150.0, (25, 2))), 17.3)
    return streets, fields_of(*discs, shapely.Polygon(), shapely.MultiPolygon())


def test_points_stand_for_equal_lengths_of_their_street():
    streets = streets_of([(0, 0), (3, 4)], [(0, 0), (0, 3), (4, 3)], index=["a", "b"])
    points = street_coverage(streets, fields_of(), spacing_m=2.0)
    assert points["street"].tolist() == ["a"] * 3 + ["b"] * 4
    assert points["length_m"].tolist() == pytest.approx([5 / 3] * 3 + [7 / 4] * 4)
    assert points["offset_m"].iloc[3:].tolist() == [0.875, 2.625, 4.375, 6.125]
    assert points.geometry.iloc[-1].equals(shapely.Point(3.125, 3.0))
    assert points["seen_by"].tolist() == [0] * 7
    assert points.crs == CRS


def test_counts_the_fields_that_hold_a_point_and_their_boundary():
    streets = streets_of([(0, 0), (10, 0)])
    fields = fields_of(shapely.box(-1, -1, 5, 1), shapely.box(3, 0, 20, 9), shapely.Polygon())
    seen = street_coverage(streets, fields, spacing_m=2.0).set_index("offset_m")["seen_by"]
    assert seen.to_dict() == {1.0: 1, 3.0: 2, 5.0: 2, 7.0: 1, 9.0: 1}


def test_counts_agree_with_brute_force():
    streets, fields = random_quarter(1)
    points = street_coverage(streets, fields)
    brute = sum(points.intersects(field).astype(int) for field in fields)
    assert points["seen_by"].tolist() == brute.tolist()
    assert set(points["seen_by"]) >= {0, 1, 2}


def test_blind_length_agrees_with_dense_sampling():
    streets, fields = random_quarter(2)
    points = street_coverage(streets, fields, spacing_m=0.01)
    sampled = points.loc[points["seen_by"] == 0, "length_m"].sum()
    spots = blind_spots(streets, fields, min_length_m=0.0)
    assert spots["length_m"].sum() == pytest.approx(sampled, rel=2e-4)
    coverage = coverage_of(streets, fields)
    assert coverage.blind_m == pytest.approx(spots["length_m"].sum(), rel=1e-12)
    assert coverage.seen_m == pytest.approx(streets.length.sum() - coverage.blind_m)


@given(st.integers(0, 10_000))
def test_seen_and_blind_make_up_the_streets(seed):
    streets, fields = random_quarter(seed)
    spots = blind_spots(streets, fields, min_length_m=0.0)
    union = fields.union_all()
    seen = streets.intersection(union).length.sum()
    assert seen + spots["length_m"].sum() == pytest.approx(streets.length.sum(), rel=1e-9)
    assert spots.intersection(union).length.max() < 1e-6
    assert spots["length_m"].is_monotonic_decreasing
    assert spots.geom_type.eq("LineString").all()


def test_a_seen_middle_leaves_two_stretches_longest_first():
    streets = streets_of([(0, 0), (100, 0)], names=["Krabi"], index=["krabi-01"])
    spots = blind_spots(streets, fields_of(shapely.box(30, -5, 90, 5)))
    assert spots["length_m"].tolist() == [30.0, 10.0]
    assert spots["rank"].tolist() == [1, 2]
    assert spots["street"].tolist() == ["krabi-01"] * 2
    assert spots["name_en"].tolist() == ["Krabi"] * 2
    assert spots["name_th"].tolist() == ["ถนนKrabi"] * 2
    assert spots.geometry.iloc[0].equals(shapely.LineString([(0, 0), (30, 0)]))
    assert len(blind_spots(streets, fields_of(shapely.box(30, -5, 90, 5)), min_length_m=10.1)) == 1


def test_a_stretch_goes_on_along_its_street_and_runs_as_its_first_edge():
    streets = streets_of(
        [(10, 0), (20, 0)],
        [(30, 0), (20, 0)],
        [(10, 0), (0, 0)],
        [(20, 0), (20, 10)],
        names=["Dibuk", "Dibuk", "Dibuk", "Krabi"],
        index=["dibuk-02", "dibuk-03", "dibuk-01", "krabi-01"],
    )
    spots = blind_spots(streets, fields_of(shapely.box(25, -5, 90, 5)))
    assert spots["street"].tolist() == ["dibuk-02", "krabi-01"]
    assert spots["length_m"].tolist() == [25.0, 10.0]
    assert shapely.get_coordinates(spots.geometry.iloc[0])[[0, -1], 0].tolist() == [0.0, 25.0]


def test_unnamed_edges_and_forks_are_not_joined():
    unnamed = streets_of([(0, 0), (10, 0)], [(10, 0), (20, 0)])
    assert blind_spots(unnamed, fields_of())["length_m"].tolist() == [10.0, 10.0]
    fork = streets_of([(0, 0), (10, 0)], [(10, 0), (20, 5)], [(10, 0), (20, -5)], names=["Soi"] * 3)
    assert len(blind_spots(fork, fields_of())) == 3


def test_a_circle_of_two_edges_is_one_stretch():
    circle = streets_of(
        [(0, 0), (10, 0), (10, 10)], [(10, 10), (0, 10), (0, 0)], names=["Surin"] * 2
    )
    spots = blind_spots(circle, fields_of())
    assert spots["length_m"].tolist() == [40.0]
    assert spots.geometry.iloc[0].is_ring


def test_nothing_to_see_and_nothing_to_see_with():
    streets = streets_of([(0, 0), (10, 0)], names=["Thalang"])
    for fields in (
        fields_of(),
        fields_of(shapely.Polygon()),
        gpd.GeoSeries([]),
        gpd.GeoDataFrame(),
    ):
        assert blind_spots(streets, fields)["length_m"].tolist() == [10.0]
        assert street_coverage(streets, fields)["seen_by"].eq(0).all()
        assert coverage_of(streets, fields) == Coverage(total_m=10.0, seen_m=0.0, blind_m=10.0)
    all_seen = fields_of(shapely.box(-1, -1, 11, 1))
    assert blind_spots(streets, all_seen).empty
    for none in (streets.iloc[:0], gpd.GeoDataFrame(geometry=[]), gpd.GeoDataFrame()):
        assert street_coverage(none, all_seen).empty
        spots = blind_spots(none, all_seen)
        assert spots.columns.tolist() == [
            "rank",
            "street",
            "name_th",
            "name_en",
            "length_m",
            "geometry",
        ]
        assert coverage_of(none, all_seen) == Coverage(total_m=0.0, seen_m=0.0, blind_m=0.0)


def test_streets_without_names_are_taken_as_unnamed():
    streets = streets_of([(0, 0), (10, 0)]).drop(columns=["name_th", "name_en"])
    assert blind_spots(streets, fields_of())["name_th"].tolist() == [""]


# A street that turns back, one there and back, one that turns back twice, a lollipop and an eight.
TANGLED = [
    [(0, 0), (30, 0), (10, 0)],
    [(0, 0), (30, 0), (0, 0)],
    [(0, 0), (20, 0), (5, 0), (5, 0), (40, 0), (40, 9)],
    [(0, 0), (20, 0), (20, 10), (10, 10), (10, 0), (10, -8)],
    [(0, 0), (20, 20), (20, 0), (0, 20), (0, 0)],
]


def test_a_street_that_turns_back_counts_on_both_passes():
    streets, fields = streets_of(TANGLED[0], index=["back"]), fields_of(shapely.box(-1, -1, 3, 1))
    assert coverage_of(streets, fields) == Coverage(total_m=50.0, seen_m=3.0, blind_m=47.0)
    spots = blind_spots(streets, fields)
    assert spots["length_m"].tolist() == [47.0]
    assert spots["street"].tolist() == ["back"]
    assert shapely.get_coordinates(spots.geometry.iloc[0]).tolist() == [[3, 0], [30, 0], [10, 0]]


@pytest.mark.parametrize("line", TANGLED)
@given(low=st.floats(-2, 40), width=st.floats(0.01, 30), bottom=st.floats(-9, 21))
def test_seen_and_blind_are_exact_where_a_street_meets_itself(line, low, width, bottom):
    field = shapely.box(low, bottom, low + width, bottom + 5.0)
    streets = streets_of(line, [(0, 50), (50, 50)])
    segments = shapely.linestrings([line[at : at + 2] for at in range(len(line) - 1)])
    blind = shapely.length(shapely.difference(segments, field)).sum() + 50.0
    assert coverage_of(streets, fields_of(field)).blind_m == pytest.approx(blind)
    spots = blind_spots(streets, fields_of(field), min_length_m=0.0)
    assert spots["length_m"].sum() == pytest.approx(blind)
    assert spots.geom_type.eq("LineString").all()
    assert set(spots["street"]) <= {0, 1}


@pytest.mark.parametrize("measure", [street_coverage, blind_spots, coverage_of])
def test_streets_in_degrees_are_one_fault(measure):
    streets = streets_of([(0, 0), (10, 0)]).set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(LayerError) as caught:
        measure(streets, gpd.GeoSeries([shapely.box(-1, -1, 3, 1)], crs="EPSG:4326"))
    assert [(fault.source, fault.row, fault.expected) for fault in caught.value.faults] == [
        ("streets", None, "a projected coordinate reference system")
    ]


def test_rows_without_a_geometry_column_are_refused():
    streets = gpd.GeoDataFrame({"name_th": ["ถนน"], "name_en": ["Road"]})
    with pytest.raises(LayerError) as caught:
        blind_spots(streets, gpd.GeoDataFrame({"camera": [1]}))
    assert [(fault.source, fault.expected) for fault in caught.value.faults] == [
        ("streets", "a geometry column"),
        ("fields_of_view", "a geometry column"),
    ]


def test_every_fault_is_reported_at_once():
    streets = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0), None], crs=CRS)
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    with pytest.raises(LayerError) as caught:
        street_coverage(streets, gpd.GeoSeries([bow], crs="EPSG:4326"))
    assert [(fault.source, fault.row) for fault in caught.value.faults] == [
        ("streets", 1),
        ("streets", 2),
        ("fields_of_view", 1),
        ("fields_of_view", None),
    ]


@pytest.mark.parametrize("value", [0.0, -2.0, math.nan, math.inf])
def test_parameters_out_of_range_are_refused(value):
    streets = streets_of([(0, 0), (10, 0)])
    with pytest.raises(ParameterError, match="Expected `spacing_m` > 0"):
        street_coverage(streets, fields_of(), spacing_m=value)
    if value != 0.0:
        with pytest.raises(ParameterError, match="Expected `min_length_m` >= 0"):
            blind_spots(streets, fields_of(), min_length_m=value)
