"""Equal split against plain recursion, closed forms and reference values."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from analytics import _equal_split, _kernels, _walks
from analytics.network_density import network_density
from geo.errors import ParameterError
from tests.analytics.equal_split_oracle import KERNELS, equal_split
from tests.analytics.networks import (
    TANGLE,
    along,
    chicago_crimes,
    event_frame,
    events_on,
    mass,
    star,
    street_frame,
)

HALF_WIDTH_FT = 60 * np.sqrt(5)
EQUAL_SPLIT = ("continuous", "discontinuous")
PLACES = [("loop", 0.3), ("bent", 0.77), ("straight", 0.1), ("blind", 1.0), ("apart", 0.1)]


def quadratic(distance_m, half_width_m):
    """Return the Epanechnikov kernel."""
    scaled = np.minimum(np.abs(distance_m) / half_width_m, 1)
    return 0.75 / half_width_m * (1 - scaled**2)


@pytest.mark.parametrize(("method", "column"), [("discontinuous", "esd"), ("continuous", "esc")])
def test_agrees_with_reference_values_on_the_streets_of_chicago(reference, method, column):
    streets, events, golden = chicago_crimes(reference)
    rule = {"bandwidth_m": HALF_WIDTH_FT, "method": method, "kernel": "epanechnikov"}
    found = network_density(streets, events, at=golden, **rule)["density"]
    expected = golden[f"{column}_s60"]
    assert np.abs(found - expected).max() <= 1e-6 * expected.max()
    lixels = network_density(streets, events, lixel_m=25.0, **rule)
    off = np.abs(lixels["density"] - expected) * lixels["length_m"]
    assert off.sum() <= 0.01 * len(events)


@pytest.mark.parametrize("method", EQUAL_SPLIT)
@pytest.mark.parametrize(
    ("kernel", "bandwidth_m"), [("epanechnikov", 70), ("quartic", 110), ("gaussian", 17.5)]
)
def test_agrees_with_plain_recursion(method, kernel, bandwidth_m):
    streets = street_frame({name: line for name, line in TANGLE.items() if name != "short"})
    at = pd.DataFrame(
        [(name, fraction) for name in streets.index for fraction in (0.03, 0.4, 0.85)],
        columns=["street", "fraction"],
    )
    rule = {"bandwidth_m": bandwidth_m, "method": method, "kernel": kernel}
    found = network_density(streets, events_on(streets, PLACES), at=at, **rule)["density"]
    expected = equal_split(streets, PLACES, at.itertuples(index=False), **rule)
    assert found.to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert min(expected) < 0.5 * max(expected)


def test_recursion_catches_a_walk_that_turns_back_too_much(monkeypatch):
    right = _walks.share.py_func
    monkeypatch.setattr(_walks, "share", lambda *of: right(*of) * (1.01 if of[1] else 1.0))
    for name in ("_next_walks", "_over_junction", "_follow", "_spread_between", "spread"):
        monkeypatch.setattr(_walks, name, getattr(_walks, name).py_func)
    monkeypatch.setattr(_equal_split, "spread", _walks.spread)
    streets = street_frame(TANGLE)
    at = along("bent", np.linspace(0, 1, 12))
    rule = {"bandwidth_m": 45, "method": "continuous", "kernel": "epanechnikov"}
    found = network_density(streets, events_on(streets, [("bent", 0.7)]), at=at, **rule)
    expected = equal_split(streets, [("bent", 0.7)], at.itertuples(index=False), **rule)
    assert np.abs(found["density"] - expected).max() > 1e-5 * max(expected)


@pytest.mark.parametrize("method", EQUAL_SPLIT)
@pytest.mark.parametrize("kernel", ["epanechnikov", "quartic", "gaussian"])
def test_lixel_density_is_the_mean_along_the_lixel(method, kernel):
    streets = street_frame(TANGLE)
    rule = {"bandwidth_m": 30, "method": method, "kernel": kernel}
    events = events_on(streets, PLACES)
    lixels = network_density(streets, events, lixel_m=8.0, **rule)
    for name in ("loop", "bent"):
        of_street = lixels.loc[lixels["street"] == name, "density"].to_numpy()
        middle = (np.arange(400 * len(of_street)) + 0.5) / (400 * len(of_street))
        fine = network_density(streets, events, at=along(name, middle), **rule)["density"]
        expected = fine.to_numpy().reshape(-1, 400).mean(axis=1)
        assert of_street == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("method", EQUAL_SPLIT)
@pytest.mark.parametrize("arms", [2, 3, 5])
def test_event_at_a_junction_goes_all_ways_alike(method, arms):
    streets = star(arms)
    away_m = np.linspace(0, 120, 31)
    for arm in streets.index:
        found = network_density(
            streets,
            event_frame((0, 0)),
            bandwidth_m=100,
            method=method,
            kernel="epanechnikov",
            at=along(arm, away_m / 300),
        )
        expected = 2 / arms * quadratic(away_m, 100)
        assert found["density"].to_numpy() == pytest.approx(expected, abs=1e-12)


def test_dead_end_reflects_or_swallows():
    streets = street_frame({"a": [(0, 0), (300, 0)]})
    away_m = np.linspace(0, 120, 31)
    arguments = {"bandwidth_m": 100, "kernel": "epanechnikov", "at": along("a", away_m / 300)}
    continuous, discontinuous = (
        network_density(streets, event_frame((30, 0)), method=method, **arguments)["density"]
        for method in EQUAL_SPLIT
    )
    straight, back = quadratic(away_m - 30, 100), quadratic(away_m + 30, 100)
    assert continuous.to_numpy() == pytest.approx(straight + back, abs=1e-12)
    assert discontinuous.to_numpy() == pytest.approx(straight, abs=1e-12)


@pytest.mark.parametrize("method", [*EQUAL_SPLIT, "heat"])
def test_loop_by_itself_is_the_wrapped_kernel(method):
    streets = street_frame({"loop": [(0, 0), (25, 0), (25, 25), (0, 25), (0, 0)]})
    at = along("loop", np.linspace(0, 1, 41))
    found = network_density(
        streets, event_frame((10, 0)), bandwidth_m=40, method=method, kernel="gaussian", at=at
    )
    turns = 100 * np.arange(-6, 7)
    expected = norm.pdf(100 * at["fraction"].to_numpy() + turns[:, None], 10, 40).sum(axis=0)
    assert np.abs(found["density"] - expected).max() <= 0.002 * expected.max()


def test_continuous_by_gaussian_is_the_heat_kernel():
    streets = street_frame(TANGLE)
    at = pd.DataFrame(
        [(name, fraction) for name in TANGLE for fraction in np.linspace(0, 1, 9)],
        columns=["street", "fraction"],
    )
    events = events_on(streets, [*PLACES, ("far", 0.0)])
    found, expected = (
        network_density(streets, events, bandwidth_m=12, method=method, at=at)["density"]
        for method in ("continuous", "heat")
    )
    assert np.abs(found - expected).max() <= 0.005 * expected.max()


def test_between_two_junctions_of_many_streets_continuous_falls_below_zero():
    rays = {
        f"{side}-{ray}": [
            (x, 0),
            (x + 200 * np.cos(angle) * (-1 if x == 0 else 1), 200 * np.sin(angle)),
        ]
        for side, x in (("west", 0), ("east", 60))
        for ray, angle in enumerate(np.linspace(-1, 1, 9))
    }
    streets = street_frame({"between": [(0, 0), (60, 0)]} | rays)
    arguments = {"bandwidth_m": 110, "kernel": "epanechnikov", "at": along("between", [0.5])}
    events = event_frame((30, 0))
    found = network_density(streets, events, method="continuous", **arguments)["density"][0]
    expected = equal_split(
        streets,
        [("between", 0.5)],
        [("between", 0.5)],
        bandwidth_m=110,
        method="continuous",
        kernel="epanechnikov",
    )[0]
    assert found == pytest.approx(expected)
    assert found < 0


def test_simple_gives_each_street_behind_a_junction_the_whole_event():
    streets = star(4)
    rule = {"bandwidth_m": 100, "kernel": "epanechnikov", "method": "simple"}
    event = events_on(streets, [("arm-0", 0.1)])
    away_m = np.linspace(0, 60, 13)
    found = network_density(streets, event, at=along("arm-2", away_m / 300), **rule)["density"]
    assert found.to_numpy() == pytest.approx(quadratic(30 + away_m, 100), abs=1e-12)
    beyond = quad(lambda u: quadratic(u, 100), 30, 100)[0]
    assert mass(network_density(streets, event, **rule)) == pytest.approx(1 + 2 * beyond)


@pytest.mark.parametrize("name", ["loop", "bent", "far"])
def test_simple_takes_the_shortest_way(name):
    streets = street_frame(TANGLE)
    at = along(name, np.linspace(0, 1, 23))
    rule = {"bandwidth_m": 150, "kernel": "epanechnikov", "method": "simple"}
    graph = _equal_split.StreetGraph.from_streets(streets)
    goals = at.assign(offset_m=at["fraction"] * streets.geometry[name].length)
    for place in (("loop", 0.2), ("bent", 0.55), ("straight", 0.0)):
        event = events_on(streets, [place])
        found = network_density(streets, event, at=at, **rule)["density"]
        away_m = graph.travel_times(graph.snap(event.geometry), goals, speed_mps=1.0)[0]
        assert found.to_numpy() == pytest.approx(quadratic(away_m, 150), abs=1e-9)
        lixels = network_density(streets, event, lixel_m=1.0, **rule)
        there = lixels.loc[lixels["street"] == name]
        fine = along(name, (np.arange(len(there)) + 0.5) / len(there))
        at_middle = network_density(streets, event, at=fine, **rule)["density"].to_numpy()
        assert there["density"].to_numpy() == pytest.approx(at_middle, abs=3e-5)


@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_kernels_have_a_mass_of_one_and_the_tails_of_their_integrals(kernel):
    shape = int(_kernels.Shape[kernel.upper()])
    for scaled in (0.0, 0.2, 0.63, 1.0):
        assert _kernels.height(shape, scaled) == pytest.approx(KERNELS[kernel](scaled), abs=1e-12)
        beyond = quad(KERNELS[kernel], scaled, 1)[0]
        assert _kernels.tail(shape, scaled) == pytest.approx(beyond, abs=1e-12)
    assert _kernels.tail(shape, 0.0) == pytest.approx(0.5, abs=1e-15)


def lattice(size):
    """Return a square lattice of streets of 50 m."""
    lanes = range(size)
    east = {f"e{x}-{y}": [(x, y), (x + 1, y)] for x in lanes for y in lanes}
    north = {f"n{x}-{y}": [(x, y), (x, y + 1)] for x in lanes for y in lanes}
    return street_frame(
        {name: [(50 * x, 50 * y) for x, y in line] for name, line in (east | north).items()}
    )


def test_ways_around_the_same_blocks_are_one_walk():
    streets = lattice(12)
    graph = _equal_split.StreetGraph.from_streets(streets)
    darts = _equal_split.darts_of(graph)
    marks = _walks.Marks(np.zeros(len(streets) + 1, np.int64), np.empty(0), ends=False)
    field = _walks.Field(darts, marks, _walks.Kernel(0, 600.0, continuous=True), np.empty(0))
    street = np.array([streets.index.get_loc("e6-6")])
    sources = _walks.Sources(street, False, np.array([0, 1]), np.array([20.0]), np.array([1.0]))
    followed = 10**9 - _walks.spread(sources, field, 10**9)
    # 12 blocks in all four directions at each junction would be 4 ** 12 walks.
    assert followed < 20_000
    lixels = network_density(
        streets,
        events_on(streets, [("e6-6", 0.4)]),
        bandwidth_m=250,
        method="continuous",
        kernel="quartic",
    )
    assert mass(lixels) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("limit", ["MAX_WALKS", "MAX_ABREAST"])
def test_too_many_walks_are_refused(monkeypatch, limit):
    if limit == "MAX_WALKS":
        monkeypatch.setattr(_equal_split, limit, 1000)
    else:
        follow = _walks._follow.py_func
        monkeypatch.setitem(follow.__globals__, limit, 30)
        for name in ("_follow", "_spread_between", "spread"):
            monkeypatch.setattr(_walks, name, getattr(_walks, name).py_func)
        monkeypatch.setattr(_equal_split, "spread", _walks.spread)
    streets = street_frame(TANGLE)
    with pytest.raises(ParameterError, match='got 400; method "heat" knows no such limit'):
        network_density(
            streets,
            events_on(streets, PLACES),
            bandwidth_m=400,
            method="continuous",
            kernel="quartic",
        )


def follows_nothing(sources, _field, budget):
    """Refuse to follow walks, as events that none are followed of need no walks."""
    assert not len(sources.weight), "walks were followed"
    return budget


@pytest.mark.parametrize("method", ["continuous", "discontinuous"])
@pytest.mark.parametrize("bandwidth_m", [1e12, 1e300])
@pytest.mark.parametrize("place", [(0, 0), (31, 7)])
def test_a_bandwidth_far_beyond_the_network_is_refused_at_once(
    monkeypatch, method, bandwidth_m, place
):
    monkeypatch.setattr(_equal_split, "spread", follows_nothing)
    with pytest.raises(ParameterError, match="Expected `bandwidth_m` within which at most"):
        network_density(
            street_frame(TANGLE), event_frame(place), bandwidth_m=bandwidth_m, method=method
        )


def test_a_bandwidth_far_beyond_streets_that_all_end_is_met():
    ring = {"around": [(500, 0), (520, 0), (510, 10), (500, 0)]}
    tree = {"west": [(0, 0), (90, 0)], "east": [(90, 0), (200, 5)], "north": [(90, 0), (90, 60)]}
    streets = street_frame(tree | ring)
    events = events_on(streets, [("west", 0.5), ("east", 0.0)])
    options = {"bandwidth_m": 1e12, "method": "discontinuous", "kernel": "epanechnikov"}
    near = network_density(streets, events, **options).set_index("street")["density"]
    # An even 3 / 4 of the height of the kernel at its middle, of which a way of three gets half.
    expected = {"west": 0.75 * (1 + 2 / 3), "around": 0.0}
    for street, height in expected.items():
        assert near[street].to_numpy() * 1e12 == pytest.approx(height, rel=1e-3)


def test_ways_that_go_on_are_those_into_a_circle():
    circle = {"a": [(0, 0), (9, 0)], "b": [(9, 0), (9, 9)], "c": [(9, 9), (0, 0)]}
    lane = {"in": [(-9, 0), (0, 0)], "on": [(-20, 0), (-9, 0)]}
    streets = street_frame(circle | lane)
    darts = _equal_split.darts_of(_equal_split.StreetGraph.from_streets(streets))
    endless = dict(zip(streets.index, _equal_split._endless(darts).reshape(-1, 2), strict=True))
    assert {name: tuple(ways) for name, ways in endless.items()} == {
        "a": (True, True),
        "b": (True, True),
        "c": (True, True),
        "in": (True, False),
        "on": (True, False),
    }
