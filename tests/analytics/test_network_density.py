"""Network density against closed forms, a dense matrix exponential and reference values."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import norm
from shapely import LineString, MultiLineString, Point

from analytics import _heat
from analytics.network_density import network_density
from geo.errors import LayerError, NotFoundError, ParameterError
from tests.analytics.dense_heat import matrix_exponential
from tests.analytics.networks import (
    CRS,
    TANGLE,
    along,
    chicago_crimes,
    event_frame,
    events_on,
    mass,
    star,
    street_frame,
)

SIGMA = 20.0


def test_long_street_is_the_gaussian():
    streets = street_frame({"a": [(0, 0), (600, 0)]})
    at = along("a", np.linspace(0, 1, 121))
    found = network_density(streets, event_frame((251, 3)), bandwidth_m=SIGMA, at=at)
    expected = norm.pdf(600 * at["fraction"], 251, SIGMA)
    assert np.abs(found["density"] - expected).max() <= 0.003 * expected.max()


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 1.0])
def test_the_error_of_the_mesh_is_what_the_module_says(shift):
    streets = street_frame({"a": [(0, 0), (800, 0)]})
    event_m = 400 + shift * SIGMA / 10
    at = along("a", np.linspace(0.3, 0.7, 4001))
    found = network_density(streets, event_frame((event_m, 0)), bandwidth_m=SIGMA, at=at)
    expected = norm.pdf(800 * at["fraction"], event_m, SIGMA)
    assert np.abs(found["density"] - expected).max() <= 0.0013 * expected.max()


def test_dead_end_reflects():
    streets = street_frame({"a": [(0, 0), (600, 0)]})
    at = along("a", np.linspace(0, 0.3, 61))
    found = network_density(streets, event_frame((15, 0)), bandwidth_m=SIGMA, at=at)
    position = 600 * at["fraction"]
    expected = norm.pdf(position, 15, SIGMA) + norm.pdf(position, -15, SIGMA)
    assert np.abs(found["density"] - expected).max() <= 0.003 * expected.max()


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_junction_splits_equally(arms):
    streets = star(arms)
    event_m = 14.0
    event = shapely.line_interpolate_point(streets.geometry.iloc[0], event_m)
    away = np.linspace(0, 150, 51)
    own = network_density(
        streets, event_frame(event), bandwidth_m=SIGMA, at=along("arm-0", away / 300)
    )
    other = network_density(
        streets, event_frame(event), bandwidth_m=SIGMA, at=along("arm-1", away / 300)
    )
    passed = 2 / arms * norm.pdf(away, -event_m, SIGMA)
    expected = norm.pdf(away, event_m, SIGMA) + passed - norm.pdf(away, -event_m, SIGMA)
    assert np.abs(own["density"] - expected).max() <= 0.003 * expected.max()
    assert np.abs(other["density"] - passed).max() <= 0.003 * expected.max()


def test_loop_is_the_wrapped_gaussian():
    square = [(0, 0), (25, 0), (25, 25), (0, 25), (0, 0)]
    streets = street_frame({"loop": square})
    at = along("loop", np.linspace(0, 1, 41))
    found = network_density(streets, event_frame((10, 0)), bandwidth_m=SIGMA, at=at)
    position = 100 * at["fraction"].to_numpy()
    expected = sum(norm.pdf(position + 100 * turn, 10, SIGMA) for turn in range(-4, 5))
    assert np.abs(found["density"] - expected).max() <= 0.003 * expected.max()
    assert found["density"].iloc[0] == pytest.approx(found["density"].iloc[-1])


TANGLE_EVENTS = [("loop", 0.3), ("bent", 0.77), ("blind", 1.0), ("short", 0.5), ("apart", 0.1)]


@pytest.mark.parametrize("bandwidth_m", [6.0, 15.0, 60.0])
def test_agrees_with_the_matrix_exponential(bandwidth_m):
    streets = street_frame(TANGLE)
    events = events_on(streets, TANGLE_EVENTS)
    at = pd.DataFrame(
        [(name, fraction) for name in TANGLE for fraction in np.linspace(0, 1, 12)],
        columns=["street", "fraction"],
    )
    found = network_density(streets, events, bandwidth_m=bandwidth_m, at=at)
    expected = matrix_exponential(streets, TANGLE_EVENTS, at.itertuples(index=False), bandwidth_m)
    assert np.abs(found["density"] - expected).max() <= 0.005 * expected.max()


def test_oracle_catches_a_wrong_diffusion_time(monkeypatch):
    right = _heat.chebyshev
    monkeypatch.setattr(_heat, "chebyshev", lambda ratio, terms: right(1.1 * ratio, terms))
    streets = street_frame(TANGLE)
    event = shapely.line_interpolate_point(streets.geometry["bent"], 0.4, normalized=True)
    at = along("bent", np.linspace(0, 1, 12))
    found = network_density(streets, event_frame(event), bandwidth_m=15.0, at=at)
    expected = matrix_exponential(streets, [("bent", 0.4)], at.itertuples(index=False), 15.0)
    assert np.abs(found["density"] - expected).max() > 0.01 * expected.max()


@pytest.fixture(scope="module")
def chicago(reference):
    return chicago_crimes(reference)


def test_agrees_with_reference_values_on_the_streets_of_chicago(chicago):
    streets, events, golden = chicago
    found = network_density(streets, events, bandwidth_m=60.0, lixel_m=25.0, at=golden)["density"]
    off = np.abs(found - golden["heat_s60"]) * golden["lixel_len"]
    assert off.sum() <= 0.002 * (golden["heat_s60"] * golden["lixel_len"]).sum()
    assert np.abs(found - golden["heat_s60"]).max() <= 0.002 * golden["heat_s60"].max()


def test_keeps_the_mass_on_the_streets_of_chicago(chicago):
    streets, events, golden = chicago
    lixels = network_density(streets, events, bandwidth_m=60.0, lixel_m=25.0)
    assert len(lixels) == len(golden)
    assert mass(lixels) == pytest.approx(len(events), abs=1e-9)
    assert (lixels["density"] >= 0).all()
    off = np.abs(lixels["density"] - golden["heat_s60"]) * lixels["length_m"]
    assert off.sum() <= 0.01 * len(events)


def test_disconnected_pieces_keep_their_own_events():
    streets = street_frame(TANGLE)
    lixels = network_density(streets, event_frame((201, 0), (205, 5), (10, 0)), bandwidth_m=300.0)
    apart = lixels["street"] == "apart"
    assert mass(lixels[apart]) == pytest.approx(2, abs=1e-9)
    assert mass(lixels[~apart]) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("bandwidth_m", [5.0, 500.0])
def test_streets_far_shorter_than_the_bandwidth_lose_nothing(bandwidth_m):
    streets = street_frame(
        {"a": [(0, 0), (80, 0)], "tiny": [(80, 0), (80, 1e-6)], "b": [(80, 1e-6), (80, 70)]}
    )
    events = event_frame((20, 0), (80, 5e-7), (80, 30))
    lixels = network_density(streets, events, bandwidth_m=bandwidth_m)
    assert mass(lixels) == pytest.approx(3, abs=1e-12)
    whole = street_frame({"a": [(0, 0), (80, 0), (80, 70)]})
    at = along("a", np.linspace(0, 1, 81))
    found = network_density(streets, events, bandwidth_m=bandwidth_m, at=at)["density"]
    at["fraction"] *= 80 / 150
    expected = network_density(whole, events, bandwidth_m=bandwidth_m, at=at)["density"]
    assert np.abs(found - expected).max() <= 0.005 * expected.max()


def test_lixels_are_equal_consecutive_pieces_of_their_streets():
    streets = street_frame(TANGLE)
    lixels = network_density(streets, event_frame((3, 0)), bandwidth_m=15.0, lixel_m=10.0)
    assert list(lixels.columns) == ["street", "length_m", "density", "geometry"]
    assert lixels.crs == streets.crs
    assert (lixels["length_m"] <= 10.0).all()
    assert lixels.length.to_numpy() == pytest.approx(lixels["length_m"].to_numpy())
    for name, pieces in lixels.groupby("street"):
        line = streets.geometry[name]
        assert len(pieces) == np.ceil(line.length / 10.0)
        assert np.ptp(pieces["length_m"]) < 1e-9
        joined = shapely.line_merge(MultiLineString(list(pieces.geometry)))
        assert joined.hausdorff_distance(line) < 1e-9
        assert pieces.geometry.iloc[0].coords[0] == line.coords[0]
        assert pieces.geometry.iloc[-1].coords[-1] == line.coords[-1]


def test_lixel_density_is_the_mean_along_the_lixel():
    streets = street_frame({"a": [(0, 0), (200, 0)]})
    lixels = network_density(streets, event_frame((83, 0)), bandwidth_m=SIGMA, lixel_m=40.0)
    edges = np.arange(0, 201, 40)
    reflected = [norm(83, SIGMA), norm(-83, SIGMA), norm(400 - 83, SIGMA)]
    expected = sum(np.diff(source.cdf(edges)) for source in reflected) / 40
    assert np.abs(lixels["density"].to_numpy() - expected).max() <= 0.002 * expected.max()


def test_events_off_the_network_count_at_the_nearest_street():
    streets = street_frame(TANGLE)
    on = network_density(streets, event_frame((240, 0)), bandwidth_m=15.0)
    off = network_density(streets, event_frame((240, 500)), bandwidth_m=15.0)
    assert off["density"].to_numpy() == pytest.approx(on["density"].to_numpy())


@pytest.mark.parametrize("events", [event_frame(), gpd.GeoDataFrame()])
@pytest.mark.parametrize("method", ["heat", "continuous", "discontinuous", "simple"])
def test_no_events_give_zeros(events, method):
    lixels = network_density(street_frame(TANGLE), events, bandwidth_m=15.0, method=method)
    assert len(lixels) > 0
    assert not lixels["density"].any()


def test_places_keep_their_labels_and_lie_on_their_streets():
    streets = street_frame(TANGLE)
    at = pd.DataFrame(
        {"street": ["blind", "apart"], "fraction": [0.5, 0.0]}, index=["here", "there"]
    )
    found = network_density(streets, event_frame((3, 0)), bandwidth_m=15.0, at=at)
    assert list(found.index) == ["here", "there"]
    assert list(found.geometry) == [Point(40, 18.5), Point(200, 0)]
    assert found["density"]["there"] == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"bandwidth_m": 0.0}, "Expected `bandwidth_m` > 0, got 0.0"),
        ({"bandwidth_m": np.nan}, "Expected `bandwidth_m` > 0"),
        ({"lixel_m": -1.0}, "Expected `lixel_m` > 0, got -1.0"),
        ({"method": "equal"}, 'Expected `method` among "heat", "continuous", .*, got "equal"'),
        ({"kernel": "box"}, 'Expected `kernel` among "gaussian", .*, got "box"'),
        ({"weights": [1.0, 2.0]}, "Expected `weights` of shape"),
        ({"weights": ["much"]}, "Expected `weights` of numbers, got others"),
        (
            {"at": pd.DataFrame({"street": ["apart"], "fraction": ["half"]})},
            "Expected `at` with fractions from 0 to 1",
        ),
        ({"weights": [[1.0, 2.0]]}, "Expected `weights` in one layer, got 2"),
        ({"weights": [-1.0]}, "Expected `weights` >= 0"),
        ({"weights": [np.nan]}, "Expected `weights` >= 0"),
        ({"max_snap_m": -1.0}, "Expected `max_snap_m` >= 0, got -1.0"),
        ({"kernel": "quartic"}, 'Expected `kernel` "gaussian" .*, got "quartic"'),
        ({"bandwidth_m": 1e-7}, "into at most 10000000 segments"),
        ({"lixel_m": 1e-7}, "into at most 10000000 segments"),
        ({"at": pd.DataFrame({"street": ["blind"]})}, "got no fraction"),
        ({"at": along("blind", [1.5])}, "fractions from 0 to 1"),
        ({"at": along("blind", [np.nan])}, "fractions from 0 to 1"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    arguments = {"bandwidth_m": 15.0} | changed
    with pytest.raises(ParameterError, match=message):
        network_density(street_frame(TANGLE), event_frame((0, 0)), **arguments)


def test_unknown_street_of_a_place_is_named():
    with pytest.raises(NotFoundError, match="nowhere"):
        network_density(
            street_frame(TANGLE), event_frame(), bandwidth_m=15.0, at=along("nowhere", [0.5])
        )


def test_every_fault_of_streets_is_named():
    with np.errstate(invalid="ignore"):
        broken = LineString([(0, 0), (np.nan, 1)])
    streets = gpd.GeoDataFrame(
        geometry=[
            LineString([(0, 0), (10, 0)]),
            Point(0, 0),
            LineString([(5, 5), (5, 5)]),
            broken,
            None,
        ],
        index=["a", "b", "c", "d", "a"],
        crs=CRS,
    )
    with pytest.raises(LayerError) as raised:
        network_density(streets, event_frame(), bandwidth_m=15.0)
    assert {(fault.row, fault.expected) for fault in raised.value.faults} == {
        (2, "a LineString"),
        (3, "a length > 0"),
        (4, "finite coordinates"),
        (5, "a LineString"),
        (5, "an index label of its own"),
    }


def test_no_streets_are_a_fault():
    with pytest.raises(LayerError, match="at least one street"):
        network_density(street_frame({}), event_frame(), bandwidth_m=15.0)


def test_every_event_without_a_place_is_named():
    events = gpd.GeoDataFrame(
        geometry=[Point(), None, Point(1, 1), LineString([(0, 0), (1, 1)])], crs=CRS
    )
    with pytest.raises(LayerError) as raised:
        network_density(street_frame(TANGLE), events, bandwidth_m=15.0)
    assert [fault.row for fault in raised.value.faults] == [1, 2, 4]


def test_events_without_a_geometry_column_are_refused():
    with pytest.raises(LayerError, match="a geometry column, got only category"):
        network_density(
            street_frame(TANGLE), gpd.GeoDataFrame({"category": ["theft"]}), bandwidth_m=15.0
        )


@pytest.mark.parametrize("method", ["heat", "continuous", "discontinuous", "simple"])
def test_weights_are_repeated_events(method):
    streets = street_frame(TANGLE)
    spots = [("bent", 0.2), ("loop", 0.0), ("blind", 1.0), ("short", 0.4)]
    once = events_on(streets, spots)
    twice = events_on(streets, [spots[0], *spots[1:2] * 3, *spots[3:] * 2])
    arguments = {"bandwidth_m": 15.0, "method": method}
    weighed = network_density(streets, once, weights=[1, 3, 0, 2], **arguments)["density"]
    repeated = network_density(streets, twice, **arguments)["density"]
    assert weighed.to_numpy() == pytest.approx(repeated.to_numpy(), abs=1e-12)
    assert weighed.max() > 0.01


@pytest.mark.parametrize("missing", [None, pd.NA])
def test_unknown_directions_of_streets_change_nothing(missing):
    streets = street_frame(TANGLE)
    plain = network_density(streets, event_frame((3, 0)), bandwidth_m=15.0)
    flags = pd.array([missing, *[True] * (len(TANGLE) - 1)], dtype="boolean")
    directed = network_density(streets.assign(oneway=flags), event_frame((3, 0)), bandwidth_m=15.0)
    assert directed["density"].tolist() == plain["density"].tolist()


def test_coordinate_systems_must_agree_and_be_metric():
    streets = street_frame(TANGLE)
    with pytest.raises(ParameterError, match="in the CRS of the streets"):
        network_density(streets, event_frame((0, 0)).to_crs("EPSG:32648"), bandwidth_m=15.0)
    with pytest.raises(ParameterError, match="projected CRS"):
        network_density(streets.to_crs("EPSG:4326"), event_frame(), bandwidth_m=15.0)
