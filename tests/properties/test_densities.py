"""What holds of densities for any events, any grid and any network."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

from analytics._heat import HeatFlow
from analytics.density import density_surface
from analytics.network_density import network_density
from geo.street_graph import StreetGraph
from tests.analytics.equal_split_oracle import equal_split

SEEDS = st.integers(0, 2**32 - 1)


def random_network(rng, junctions, streets, events):
    """Return bent, parallel and looping streets on few junctions, and events near them."""
    xy = rng.uniform(0, 200, (junctions, 2))
    lines = []
    for tail, head in rng.integers(0, junctions, (streets, 2)):
        via = rng.uniform(0, 200, (int(rng.integers(2, 4)), 2))
        lines.append(shapely.linestrings(np.vstack([xy[tail], via, xy[head]])))
    labels = rng.permutation(1000)[:streets]
    points = shapely.points(rng.uniform(-20, 220, (events, 2)))
    return (
        gpd.GeoDataFrame(geometry=lines, index=labels, crs="EPSG:32647"),
        gpd.GeoDataFrame(geometry=points, crs="EPSG:32647"),
    )


@given(
    seed=SEEDS,
    sizes=st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(0, 30)),
    bandwidth_m=st.floats(3, 500),
    lixel_m=st.floats(2, 300),
)
def test_each_piece_of_a_network_keeps_its_events(seed, sizes, bandwidth_m, lixel_m):
    network, points = random_network(np.random.default_rng(seed), *sizes)
    lixels = network_density(network, points, bandwidth_m=bandwidth_m, lixel_m=lixel_m)
    assert (lixels["density"] >= 0).all()
    assert (lixels["length_m"] <= lixel_m).all()
    graph = StreetGraph.from_streets(network)
    piece = graph.components()
    mass = (lixels["density"] * lixels["length_m"]).groupby(lixels["street"].map(piece)).sum()
    expected = mass * 0
    if len(points):
        snapped = graph.snap(points.geometry)["street"].map(piece).value_counts()
        expected = expected.add(snapped, fill_value=0)
    assert mass.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-9)


@settings(max_examples=30)
@given(seed=SEEDS, bandwidth_m=st.floats(5, 200))
def test_direction_and_order_of_streets_do_not_matter(seed, bandwidth_m):
    rng = np.random.default_rng(seed)
    network, points = random_network(rng, 6, 8, 10)
    snapped = StreetGraph.from_streets(network).snap(points.geometry)
    lines = network.geometry[snapped["street"]].array
    on = gpd.GeoDataFrame(
        geometry=shapely.line_interpolate_point(np.asarray(lines), snapped["offset_m"].to_numpy()),
        crs=network.crs,
    )
    turned = network.iloc[rng.permutation(len(network))]
    turned = turned.set_geometry(turned.geometry.reverse())
    first = network_density(network, on, bandwidth_m=bandwidth_m)
    second = network_density(turned, on, bandwidth_m=bandwidth_m)
    tolerance = 1e-6 * first["density"].max()
    for street, there in first.groupby("street"):
        back = second[second["street"] == street]
        assert there["density"].to_numpy() == pytest.approx(
            back["density"].to_numpy()[::-1], abs=tolerance
        )


@given(
    seed=SEEDS,
    nodes=st.integers(2, 25),
    layers=st.integers(1, 3),
    times=st.lists(st.floats(1e-3, 1), min_size=1, max_size=4),
)
def test_heat_flow_is_the_matrix_exponential_at_every_time(seed, nodes, layers, times):
    rng = np.random.default_rng(seed)
    links = np.triu(rng.uniform(0, 1, (nodes, nodes)) ** 8 * 100, 1)
    links += links.T
    stiffness = np.diag(links.sum(axis=1)) - links
    volume = 10 ** rng.uniform(-2, 1, nodes)
    heat = rng.uniform(0, 3, (nodes, layers)) * (rng.random((nodes, layers)) < 0.5)
    found = HeatFlow.of_mesh(sparse.csr_array(stiffness), volume, times).spread(heat)
    root = np.sqrt(volume)[:, None]
    values, vectors = np.linalg.eigh(stiffness / (root * root.T))
    for time, there in zip(times, found, strict=True):
        decay = np.exp(-time * np.maximum(values, 0))[:, None]
        expected = root * (vectors @ (decay * (vectors.T @ (heat / root))))
        assert there == pytest.approx(expected, abs=1e-9 * (1 + heat.sum()))


@given(
    seed=SEEDS,
    events=st.integers(1, 60),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    log_bandwidth=st.floats(-1, 3),
)
def test_surface_agrees_with_the_direct_sum(seed, events, shape, log_bandwidth):
    rng = np.random.default_rng(seed)
    low = rng.uniform(-1e6, 1e6, 2)
    high = low + rng.uniform(20, 500, 2)
    xy = rng.uniform(low - 50, high + 50, (events, 2))
    weights = rng.uniform(0, 5, events)
    bandwidth_m = 10**log_bandwidth
    x = low[0] + (high[0] - low[0]) * (np.arange(shape[1]) + 0.5) / shape[1]
    y = low[1] + (high[1] - low[1]) * (np.arange(shape[0]) + 0.5) / shape[0]
    across = np.exp(-(((x - xy[:, :1]) / bandwidth_m) ** 2) / 2)
    up = np.exp(-(((y - xy[:, 1:]) / bandwidth_m) ** 2) / 2)
    expected = (up * weights[:, None]).T @ across / (2 * np.pi * bandwidth_m**2)
    assume(expected.max() > 1e-13 * weights.sum() / (2 * np.pi * bandwidth_m**2))
    found = density_surface(
        xy, bounds=(*low, *high), shape=shape, bandwidth_m=bandwidth_m, weights=weights
    )
    assert np.abs(found - expected).max() <= 0.01 * expected.max()
    assert (found >= 0).all()


@given(seed=SEEDS, events=st.integers(0, 40))
def test_surface_is_additive_in_its_events(seed, events):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 100, (events + 5, 2))
    arguments = {"bounds": (0, 0, 100, 100), "shape": (12, 9), "bandwidth_m": 8.0}
    whole = density_surface(xy, **arguments)
    parts = density_surface(xy[:events], **arguments) + density_surface(xy[events:], **arguments)
    assert whole == pytest.approx(parts, abs=1e-12)


RULES = st.sampled_from(
    [
        (method, kernel)
        for method in ("continuous", "discontinuous", "simple")
        for kernel in ("gaussian", "epanechnikov", "quartic")
    ]
)


def snapped_mass(network, points, weights):
    """Return the weight of the events on each piece of a network."""
    graph = StreetGraph.from_streets(network)
    piece = graph.snap(points.geometry)["street"].map(graph.components())
    return graph.components(), weights.groupby(piece).sum()


@settings(max_examples=40)
@given(
    seed=SEEDS,
    sizes=st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 12)),
    rule=RULES,
    bandwidth_m=st.floats(3, 60),
    lixel_m=st.floats(2, 300),
)
def test_equal_split_keeps_events_and_simple_adds_to_them(seed, sizes, rule, bandwidth_m, lixel_m):
    rng = np.random.default_rng(seed)
    network, points = random_network(rng, *sizes)
    weights = pd.Series(rng.uniform(0, 5, len(points)))
    method, kernel = rule
    lixels = network_density(
        network,
        points,
        bandwidth_m=bandwidth_m,
        lixel_m=lixel_m,
        weights=weights,
        method=method,
        kernel=kernel,
    )
    components, expected = snapped_mass(network, points, weights)
    piece = lixels["street"].map(components)
    mass = (lixels["density"] * lixels["length_m"]).groupby(piece).sum()
    found = mass.reindex(expected.index)
    if method == "continuous":
        assert found.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-8)
    else:
        assert (lixels["density"] >= -1e-12).all()
    if method == "discontinuous":
        # What walks into a dead end is lost.
        assert (found <= expected + 1e-8).all()
        junctions = (
            shapely.get_point(network.geometry.array, 0),
            shapely.get_point(network.geometry.array, -1),
        )
        ends = np.unique(shapely.to_wkb(np.concatenate(junctions)), return_counts=True)[1]
        if (ends > 1).all():
            assert found.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-8)
    assert mass.drop(expected.index).to_numpy() == pytest.approx(0, abs=1e-12)


@settings(max_examples=25)
@given(seed=SEEDS, rule=RULES | st.just(("heat", "gaussian")), events=st.integers(0, 10))
def test_densities_add_up_over_events_and_scale_with_weights(seed, rule, events):
    rng = np.random.default_rng(seed)
    network, points = random_network(rng, 5, 6, events + 3)
    arguments = {"bandwidth_m": 25.0, "method": rule[0], "kernel": rule[1]}
    weights = rng.uniform(0, 5, len(points))
    whole = network_density(network, points, weights=3 * weights, **arguments)["density"]
    parts = sum(
        network_density(network, points[part], weights=weights[part], **arguments)["density"]
        for part in (slice(events), slice(events, None))
    )
    assert whole.to_numpy() == pytest.approx(3 * parts.to_numpy(), abs=1e-9)


@settings(max_examples=25)
@given(seed=SEEDS, method=st.sampled_from(["continuous", "discontinuous"]))
def test_equal_split_is_plain_recursion_on_any_network(seed, method):
    rng = np.random.default_rng(seed)
    network, _ = random_network(rng, 4, 5, 0)
    places = list(zip(rng.choice(network.index, 3), rng.uniform(0.01, 0.99, 3), strict=True))
    at = pd.DataFrame({"street": rng.choice(network.index, 6), "fraction": rng.uniform(0, 1, 6)})
    lines = network.geometry[[name for name, _ in places]].array
    events = gpd.GeoDataFrame(
        geometry=shapely.line_interpolate_point(
            np.asarray(lines), [fraction for _, fraction in places], normalized=True
        ),
        crs=network.crs,
    )
    # Where streets cross, an event lies on both: it may be snapped to either.
    snapped = StreetGraph.from_streets(network).snap(events.geometry)
    assume(snapped["street"].tolist() == [name for name, _ in places])
    assume(np.allclose(snapped["fraction"], [fraction for _, fraction in places], atol=1e-9))
    rule = {"bandwidth_m": 350.0, "method": method, "kernel": "epanechnikov"}
    found = network_density(network, events, at=at, **rule)["density"]
    expected = equal_split(network, places, at.itertuples(index=False), **rule)
    assert found.to_numpy() == pytest.approx(expected, rel=1e-7, abs=1e-10)


@settings(max_examples=25)
@given(seed=SEEDS, bandwidth_m=st.floats(5, 60), events=st.integers(0, 20))
def test_diggle_keeps_events_within_any_triangle(seed, bandwidth_m, events):
    rng = np.random.default_rng(seed)
    area = shapely.convex_hull(shapely.multipoints(rng.uniform(0, 100, (3, 2))))
    assume(area.area > 500)
    xy = rng.uniform(0, 100, (events, 2))
    weights = rng.uniform(0, 3, events)
    density = density_surface(
        xy,
        bounds=(0, 0, 100, 100),
        shape=(200, 200),
        bandwidth_m=bandwidth_m,
        weights=weights,
        within=area,
        correction="diggle",
    )
    inside = shapely.intersects_xy(area, xy[:, 0], xy[:, 1])
    assert density.sum() / 4 == pytest.approx(weights[inside].sum(), rel=0.03)
    assert (density >= 0).all()
