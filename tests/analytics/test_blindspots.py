"""Coverage and blind spots against brute force, sampling and cases worked out by hand."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import nearest_points

from analytics.blindspots import Coverage, blind_spots, coverage_of, street_coverage
from analytics.network_density import network_density
from geo.errors import LayerError, ParameterError
from tests.analytics.quarters import BOW, CRS, TANGLED, fields_of, random_quarter, streets_of


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


@settings(max_examples=50)
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


def test_a_street_that_turns_back_counts_on_both_passes():
    streets, fields = streets_of(TANGLED[0], index=["back"]), fields_of(shapely.box(-1, -1, 3, 1))
    assert coverage_of(streets, fields) == Coverage(total_m=50.0, seen_m=3.0, blind_m=47.0)
    spots = blind_spots(streets, fields)
    assert spots["length_m"].tolist() == [47.0]
    assert spots["street"].tolist() == ["back"]
    assert shapely.get_coordinates(spots.geometry.iloc[0]).tolist() == [[3, 0], [30, 0], [10, 0]]


@pytest.mark.parametrize("line", TANGLED)
@settings(max_examples=40)
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
    with pytest.raises(LayerError) as caught:
        street_coverage(streets, gpd.GeoSeries([BOW], crs="EPSG:4326"))
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


def incidents_at(*places, reporting=None):
    columns = {} if reporting is None else {"reporting": reporting}
    points = gpd.points_from_xy(*zip(*places, strict=True)) if places else []
    return gpd.GeoDataFrame(columns, geometry=points, crs=CRS)


def test_incidents_count_at_their_nearest_place_within_reach():
    streets = streets_of([(0, 0), (100, 0)], [(0, 40), (100, 40)], index=["a", "b"])
    fields = fields_of(shapely.box(40, -50, 60, 50))
    incidents = incidents_at(
        (10, 5), (39.9, 0), (40.1, 0), (50, 3), (80, 19), (80, 21), (80, 70), (-3, 44), (103, 0)
    )
    spots = blind_spots(streets, fields, incidents=incidents, rank_by="incidents")
    starts = shapely.get_coordinates(shapely.get_point(spots.geometry, 0))
    found = {tuple(start): count for start, count in zip(starts, spots["incidents"], strict=True)}
    assert found == {(0, 0): 2, (60, 0): 2, (0, 40): 1, (60, 40): 1}
    assert spots["incidents"].tolist() == [2, 2, 1, 1]
    assert spots["rank"].tolist() == [1, 2, 3, 4]
    near = blind_spots(streets, fields, incidents=incidents, incident_reach_m=2.0)
    assert near["incidents"].sum() == 1
    far = blind_spots(streets, fields, incidents=incidents, incident_reach_m=30.0)
    assert far["incidents"].sum() == 7


def test_an_incident_as_near_to_several_stretches_counts_on_one():
    corner = streets_of([(0, 0), (10, 0)], [(10, 0), (10, 10)], [(10, 0), (20, -9)])
    incidents = incidents_at((10, 0), (12, 0.5), (10, 0))
    assert blind_spots(corner, fields_of(), incidents=incidents)["incidents"].sum() == 3
    loop = streets_of(*TANGLED, index=["same"] * len(TANGLED))
    incidents = incidents_at((15, 0), (10, 0), (10, 10), (0, 0), (40, 9))
    spots = blind_spots(loop, fields_of(), incidents=incidents)
    assert spots["incidents"].sum() == len(incidents)


def test_every_incident_counts_once_where_nothing_is_seen():
    streets, _ = random_quarter(6)
    places = np.random.default_rng(6).uniform(-20.0, 170.0, (400, 2))
    options = {"incident_reach_m": 100.0, "min_length_m": 0.0}
    spots = blind_spots(streets, fields_of(), incidents=incidents_at(*places), **options)
    assert spots["incidents"].sum() == 400


def test_incidents_agree_with_brute_force():
    streets, fields = random_quarter(5)
    places = np.random.default_rng(5).uniform(-20.0, 170.0, (400, 2))
    spots = blind_spots(streets, fields, incidents=incidents_at(*places), min_length_m=0.0)
    lines = streets.union_all()
    brute = np.zeros(len(spots), dtype=int)
    for point in shapely.points(places):
        nearest = nearest_points(lines, point)[0]
        on = spots.distance(nearest) < 1e-6
        if point.distance(nearest) <= 25.0 and not fields.intersects(nearest).any():
            assert on.any()
            brute[on.to_numpy()] += 1 if on.sum() == 1 else 1000
    sure = brute < 1000
    assert spots["incidents"][sure].tolist() == brute[sure].tolist()
    assert brute.sum() > 100


def test_only_reported_incidents_count():
    streets = streets_of([(0, 0), (10, 0)])
    incidents = incidents_at((1, 0), (2, 0), reporting=["reported", "discovered"])
    assert blind_spots(streets, fields_of(), incidents=incidents)["incidents"].tolist() == [1]


@pytest.mark.parametrize("word", ["Reported", "", None, "rumour", 1])
def test_an_incident_that_does_not_say_how_it_became_known_is_a_fault(word):
    streets = streets_of([(0, 0), (10, 0)])
    incidents = incidents_at((1, 0), (2, 0), reporting=["reported", word])
    with pytest.raises(LayerError) as caught:
        blind_spots(streets, fields_of(), incidents=incidents)
    (fault,) = caught.value.faults
    assert (fault.source, fault.row, fault.field) == ("incidents", 2, "reporting")
    missing = None if word in ("", None) else word
    assert fault.found == ("nothing" if missing is None else repr(missing))


def test_police_work_is_refused_whether_or_not_it_says_how_it_became_known():
    streets = streets_of([(0, 0), (10, 0)])
    for reporting in (None, ["reported", "discovered"]):
        incidents = incidents_at((1, 0), (2, 0), reporting=reporting)
        with pytest.raises(LayerError, match="row 2, `category`: expected an incident"):
            blind_spots(
                streets, fields_of(), incidents=incidents.assign(category=["theft", "arrest"])
            )


def test_risk_is_the_density_over_the_stretch_and_lixels_are_cut_at_its_ends():
    streets = streets_of([(0, 0), (95, 0)], [(95, 0), (95, 60)], index=["a", "b"])
    incidents = incidents_at((20, 1), (70, -1), (94, 30))
    lixels = network_density(streets, incidents, bandwidth_m=20.0)
    fields = fields_of(shapely.box(33.3, -5, 58.7, 5))
    spots = blind_spots(streets, fields, lixels=lixels, rank_by="risk")
    assert spots["risk"].is_monotonic_decreasing
    for spot in spots.itertuples():
        lixel_m = lixels[lixels["street"] == spot.street].intersection(spot.geometry).length
        by_hand = (lixel_m * lixels["density"].reindex(lixel_m.index)).sum()
        assert spot.risk == pytest.approx(by_hand, rel=1e-9)
    seen_m = lixels.intersection(fields.iloc[0]).length
    assert spots["risk"].sum() + (seen_m * lixels["density"]).sum() == pytest.approx(3.0)


def test_all_the_risk_is_blind_where_nothing_is_seen():
    streets, _ = random_quarter(8)
    places = np.random.default_rng(8).uniform(0.0, 150.0, (30, 2))
    lixels = network_density(streets, incidents_at(*places), bandwidth_m=25.0)
    options = {"lixels": lixels.sample(frac=1.0, random_state=1).sort_index(), "min_length_m": 0.0}
    spots = blind_spots(streets.iloc[::-1], fields_of(), **options)
    assert spots["risk"].sum() == pytest.approx(30.0)
    half = blind_spots(streets.iloc[:30], fields_of(), **options)
    on_half = lixels["street"].isin(streets.index[:30])
    assert half["risk"].sum() == pytest.approx(
        (lixels["density"] * lixels["length_m"])[on_half].sum()
    )


def test_equal_burdens_are_ranked_by_length():
    streets = streets_of([(0, 0), (10, 0)], [(0, 30), (20, 30)], [(0, 60), (15, 60)])
    nothing = incidents_at()
    lixels = network_density(streets, nothing, bandwidth_m=20.0)
    for rank_by in ("length_m", "incidents", "risk"):
        spots = blind_spots(streets, fields_of(), incidents=nothing, lixels=lixels, rank_by=rank_by)
        assert spots["street"].tolist() == [1, 2, 0]
        assert spots[["incidents", "risk"]].eq(0).all(axis=None)
    columns = ["rank", "street", "name_th", "name_en", "length_m", "incidents", "risk", "geometry"]
    assert spots.columns.tolist() == columns
    none = blind_spots(streets.iloc[:0], fields_of(), incidents=nothing, lixels=lixels)
    assert none.columns.tolist() == columns
    assert none.empty


def test_wrong_parameters_are_named_at_once():
    streets = streets_of([(0, 0), (10, 0)])
    with pytest.raises(ParameterError) as caught:
        blind_spots(
            streets, fields_of(), min_length_m=-1.0, incident_reach_m=math.nan, rank_by="fear"
        )
    for name in ("min_length_m", "incident_reach_m", "rank_by"):
        assert f"Expected `{name}`" in str(caught.value)
    for rank_by, needed in (("incidents", "incidents"), ("risk", "lixels")):
        with pytest.raises(ParameterError, match=f"Expected `{needed}` to rank by {rank_by}"):
            blind_spots(streets, fields_of(), rank_by=rank_by)


def test_faults_of_incidents_and_lixels_are_reported_with_the_others():
    streets = streets_of([(0, 0), (10, 0)], [(10, 0), (30, 0)], index=["a", "b"])
    incidents = incidents_at((1, 1)).set_crs("EPSG:24047", allow_override=True)
    lixels = pd.DataFrame({"street": ["a", "b"], "length_m": [10.0, 12.0], "density": [0.1, 0.1]})
    with pytest.raises(LayerError) as caught:
        blind_spots(streets, fields_of(BOW), incidents=incidents, lixels=lixels)
    assert [fault.source for fault in caught.value.faults] == [
        "fields_of_view",
        "incidents",
        "lixels",
    ]
    assert "street 'b' that add up to its 20.000 m" in str(caught.value)
    with pytest.raises(LayerError) as caught:
        blind_spots(
            streets,
            fields_of(),
            incidents=gpd.GeoDataFrame(geometry=[None, shapely.LineString([(0, 0), (1, 1)])]),
            lixels=pd.DataFrame({"street": ["a"]}),
        )
    assert [(fault.source, fault.row, fault.field) for fault in caught.value.faults[:2]] == [
        ("incidents", 1, "geometry"),
        ("incidents", 2, "geometry"),
    ]
    assert [fault.field for fault in caught.value.faults[-2:]] == ["length_m", "density"]
    lixels = lixels.assign(length_m=[10.0, 20.0], density=[math.inf, -1.0])
    with pytest.raises(LayerError) as caught:
        blind_spots(streets, fields_of(), lixels=lixels)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (1, "density"),
        (2, "density"),
    ]
