"""Forecasts: what they read, what they add up to, and their parts against second methods."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.optimize import minimize

from analytics import _forecast_components as components
from analytics import _forecast_input as module
from analytics import _forecast_kernels as kernels
from analytics import _forecast_stack as stack
from analytics._forecast_excitation import _bandwidths, _declustered
from analytics.evaluation import log_score
from analytics.forecast import BASELINES, DEFAULT, forecast_risk
from geo.errors import LayerError, ParameterError
from geo.zone import Zone
from tests.analytics.forecast_cases import CRS, ORIGIN, WEEK, incidents_at, scattered, squares
from tests.analytics.portland import portland_grid, portland_incidents

METHODS = (DEFAULT, *BASELINES)


def forecast(incidents, grid, method=DEFAULT, *, origin=ORIGIN, horizon=WEEK):
    return forecast_risk(incidents, grid, origin=origin, horizon=horizon, method=method)


def with_poison(incidents, when):
    """Return the incidents with rows at an instant that nothing could be made of."""
    nowhere = gpd.GeoDataFrame(
        {"occurred_at": [when] * 3},
        geometry=[None, shapely.Point(500, 500), shapely.box(0, 0, 1, 1)],
        crs=CRS,
    )
    return pd.concat([nowhere, incidents, nowhere])


@pytest.mark.parametrize("method", METHODS)
def test_rows_at_or_after_the_origin_are_never_read(method):
    incidents, grid = scattered(), squares()
    risk = forecast(incidents, grid, method)
    assert risk.sum() > 0
    for when in (ORIGIN, ORIGIN + pd.Timedelta(days=3), ORIGIN + pd.Timedelta(days=3000)):
        again = forecast(with_poison(incidents, when), grid, method)
        pd.testing.assert_series_equal(again, risk, check_exact=True)


def test_a_forecast_that_reads_the_instant_of_its_origin_is_caught():
    incidents, grid = scattered(), squares()
    peeking = ORIGIN + pd.Timedelta(microseconds=1)
    with pytest.raises(LayerError):
        forecast(with_poison(incidents, ORIGIN), grid, origin=peeking)


@pytest.mark.parametrize("method", METHODS)
def test_discovered_incidents_do_not_count(method):
    incidents, grid = scattered(), squares()
    found = scattered(seed=1).assign(reporting="discovered")
    both = pd.concat([found, incidents.assign(reporting="reported")])
    pd.testing.assert_series_equal(
        forecast(both, grid, method), forecast(incidents, grid, method), check_exact=True
    )


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_expected_where_nothing_is_known(method):
    grid = squares(4, 3)
    for nothing in (
        gpd.GeoDataFrame(geometry=[], crs=CRS),
        incidents_at([[10, 10]], [-1]),
        incidents_at([[10, 10]], [5], reporting=["discovered"]),
    ):
        risk = forecast(nothing, grid, method)
        assert risk.index.equals(grid.index)
        assert (risk == 0).all()


def test_police_work_is_refused_before_the_origin_and_not_read_after_it():
    incidents = incidents_at([[10, 10]] * 3, [5, 3, -2], category=["theft", "arrest", "arrest"])
    with pytest.raises(LayerError) as refused:
        forecast(incidents, squares())
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [(2, "category")]
    assert forecast(incidents.drop(1), squares()).sum() > 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "xy", [[[520, 520]], [[520, 520]] * 30, [[5e5, 5e5]] * 30], ids=["one", "one place", "far away"]
)
def test_few_places_and_places_outside_give_finite_forecasts(method, xy):
    risk = forecast(incidents_at(xy, np.arange(1, len(xy) + 1)), squares(), method)
    assert np.isfinite(risk).all()
    assert (risk >= 0).all()
    if xy[0][0] < 1000:
        held = squares().contains(shapely.Point(520, 520))
        assert risk.max() == risk[held].item() > 0


@pytest.mark.parametrize("method", METHODS)
def test_no_cell_and_any_cell_have_a_forecast(method):
    incidents = scattered()
    assert forecast(incidents, squares().iloc[:0], method).empty
    odd = gpd.GeoDataFrame(
        geometry=[
            shapely.box(0, 0, 50, 50),
            shapely.Point(400, 400).buffer(60),
            shapely.box(0, 0, 1000, 1000) - shapely.box(10, 10, 990, 990),
            shapely.box(5000, 5000, 5050, 5050),
            shapely.Polygon([(600, 600), (650, 600), (600, 600.5)]),
        ],
        crs=CRS,
    )
    risk = forecast(incidents, odd, method)
    assert np.isfinite(risk).all()
    assert (risk >= 0).all()


def test_each_incident_counts_also_where_rows_are_alike():
    incidents, grid = scattered(), squares()
    twice = pd.concat([incidents, incidents])
    for method in METHODS:
        once, both = (forecast(rows, grid, method).sum() for rows in (incidents, twice))
        assert both == pytest.approx(2 * once, rel=0.05), method


def test_expected_incidents_add_up_to_the_rate_wherever_the_cells_reach():
    incidents, grid = scattered(2000, days=1000), squares(60, 60)
    incidents = incidents.set_geometry(incidents.translate(1000, 1000))
    for method in METHODS:
        if not method.startswith(("count of 4", "prospective")):
            assert forecast(incidents, grid, method).sum() == pytest.approx(14, rel=0.12), method
    month = forecast(incidents, grid, horizon=pd.Timedelta(days=30))
    assert month.sum() == pytest.approx(60, rel=0.12)


def test_a_town_in_other_units_has_the_same_forecast():
    incidents, grid = scattered(), squares()
    small, large = (
        forecast(
            incidents.set_geometry(incidents.scale(k, k, origin=(0, 0))),
            grid.set_geometry(grid.scale(k, k, origin=(0, 0))),
        )
        for k in (1, 3.2808)
    )
    np.testing.assert_allclose(small, large, rtol=1e-6)


def test_time_without_a_zone_as_text_or_with_one_means_the_same():
    incidents, grid = scattered(), squares()
    risk = forecast(incidents, grid)
    naive = incidents.assign(occurred_at=incidents["occurred_at"].dt.tz_localize(None))
    text = naive.assign(occurred_at=naive["occurred_at"].astype(str))
    bangkok = incidents.assign(occurred_at=incidents["occurred_at"].dt.tz_convert("Asia/Bangkok"))
    for rows, origin in [
        (naive, ORIGIN.tz_localize(None)),
        (text, ORIGIN.tz_localize(None)),
        (bangkok, ORIGIN),
        (incidents, ORIGIN.tz_convert("Asia/Bangkok")),
    ]:
        np.testing.assert_array_equal(forecast(rows, grid, origin=origin), risk)


@pytest.mark.parametrize("kind", ["as text", "as dates", "as instants"])
def test_a_mix_of_times_with_and_without_a_zone_is_refused(kind):
    incidents, grid = scattered(20), squares(2, 2)
    when = incidents["occurred_at"]
    rows = {
        "as text": when.dt.strftime("%Y-%m-%d %H:%M"),
        "as dates": when.dt.date,
        "as instants": when.astype(object).where(when.index != 3, pd.Timestamp("2026-01-01")),
    }[kind]
    first = 4 if kind == "as instants" else 1
    with pytest.raises(ParameterError, match=rf"`origin` with and .* the first is row {first}\b"):
        forecast(incidents.assign(occurred_at=rows), grid)
    with pytest.raises(LayerError, match=r"row 20.*an instant, got 7"):
        forecast(incidents.assign(occurred_at=7), grid)


def test_faults_are_named_all_at_once():
    incidents, grid = scattered(20), squares(2, 2)
    bad = incidents.copy()
    bad.loc[[3, 7], "occurred_at"] = pd.NaT
    with pytest.raises(LayerError, match=r"row 4.*an instant, got NaT(.|\n)*row 8"):
        forecast(bad, grid)
    bad = incidents.copy()
    bad.loc[[2, 5], "geometry"] = [None, shapely.box(0, 0, 1, 1)]
    with pytest.raises(LayerError, match=r"row 3(.|\n)*row 6.*Polygon"):
        forecast(bad, grid)
    with pytest.raises(LayerError, match="occurred_at"):
        forecast(incidents.drop(columns="occurred_at"), grid)
    with pytest.raises(LayerError, match="coordinate reference system"):
        forecast(incidents.to_crs(32648), grid)
    grid.loc[1001, "geometry"] = shapely.Point(0, 0)
    with pytest.raises(LayerError, match=r"grid, row 2.*1001"):
        forecast(incidents, grid)


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        ({"horizon": pd.Timedelta(0)}, "Expected `horizon` to be a Timedelta > 0"),
        ({"horizon": -WEEK}, "Expected `horizon` to be a Timedelta > 0"),
        ({"horizon": pd.NaT}, "Expected `horizon` to be a Timedelta > 0"),
        ({"horizon": 7}, "Expected `horizon` to be a Timedelta > 0"),
        ({"origin": pd.NaT}, "Expected `origin` to be a Timestamp"),
        ({"origin": "2026-03-01"}, "Expected `origin` to be a Timestamp"),
        ({"origin": ORIGIN.tz_localize(None)}, "both with a time zone or both without"),
        ({"method": "oracle"}, "Expected `method` among stacked"),
    ],
)
def test_arguments_out_of_range_are_refused(faulty, message):
    with pytest.raises(ParameterError, match=message):
        forecast(scattered(20), squares(2, 2), **faulty)


def component_by_component(incidents, cells, origin):
    """Return what each component alone gives each cell, as a forecast from the origin would."""
    past = module.read_past(incidents, origin)
    held = components.remembered(past.age_days).sum(axis=0)
    trust = np.concatenate([np.tile(held, 6), np.repeat(held[0], 6), [1.0]])
    alone = np.eye(components.COMPONENTS)
    return np.stack(
        [trust[k] * stack._density(past, cells, alone[k]) for k in range(components.COMPONENTS)],
        axis=1,
    )


def foretold_and_forecast():
    """Return components for incidents of a period, and as the forecast of that time had them."""
    incidents, grid = scattered(120, days=100), squares()
    past, cells = module.read_past(incidents, ORIGIN), module.read_cells(grid, incidents)
    begin = ORIGIN - 2 * WEEK
    foretold = components.foretold(past, cells, 7.0)
    foretold = foretold[
        (past.age_days[-len(foretold) :] <= 14) & (past.age_days[-len(foretold) :] > 7)
    ]
    rows = past.xy[(past.age_days <= 14) & (past.age_days > 7)]
    row, cell = cells.holding(rows)
    before = component_by_component(incidents, cells, begin)
    # The even spread is over all that is known at the origin, in both.
    before[:, -1] = 1 / components.extent(past, cells)
    return foretold[row], before[cell]


def test_weights_are_fitted_to_what_a_forecast_would_have_given():
    foretold, before = foretold_and_forecast()
    assert len(foretold) > 3
    np.testing.assert_allclose(foretold, before, rtol=0.01, atol=1e-3 * before.max())


def test_weights_fitted_without_regard_to_age_are_caught(monkeypatch):
    monkeypatch.setattr(
        components, "remembered", lambda ages: np.full((len(ages), 3), 1 / (len(ages) + 1))
    )
    foretold, _ = foretold_and_forecast()
    monkeypatch.undo()
    _, before = foretold_and_forecast()
    assert np.abs(foretold - before).max() > 0.05 * before.max()


def test_weights_are_the_likeliest():
    past = module.read_past(scattered(), ORIGIN)
    densities = components.foretold(past, module.read_cells(squares(), scattered()), 7.0)
    count, prior = components.COMPONENTS, stack.PRIOR / components.COMPONENTS

    def unlikelihood(logits):
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        return -np.log(densities @ weights).sum() - prior * np.log(weights).sum()

    best = minimize(unlikelihood, np.zeros(count), method="BFGS").fun
    weights = stack.fitted_weights(densities)
    assert weights.sum() == pytest.approx(1)
    assert unlikelihood(np.log(weights)) <= best + 0.05
    assert unlikelihood(np.zeros(count)) > best + 1


def test_the_total_follows_a_change_and_not_chance():
    rng = np.random.default_rng(0)
    steady = rng.uniform(0, 1000, 1000)
    risen = np.concatenate([rng.uniform(90, 1000, 910), rng.uniform(0, 90, 360)])
    for ages, expected, rel in [(steady, 7, 0.06), (risen, 28, 0.15)]:
        past = module.Past(np.zeros((len(ages), 2)), np.sort(ages)[::-1])
        assert stack.expected_total(past, 7.0) == pytest.approx(expected, rel=rel)


@pytest.mark.parametrize("sd", [(40.0, 40.0), (300.0, 37.0), (12.0, 90.0), (2000.0, 2000.0)])
def test_kernels_agree_with_a_sum_over_all_pairs(sd):
    rng = np.random.default_rng(3)
    places, xy = rng.uniform(0, 1000, (3000, 2)), rng.uniform(-100, 1100, (150, 2))
    mass = rng.uniform(0, 2, 150)
    found = kernels.kernel_sum(places, xy, mass, sd=sd)
    scaled = (places[:, None] - xy) / sd
    expected = np.exp(-0.5 * (scaled**2).sum(axis=-1)) @ mass / (2 * np.pi * sd[0] * sd[1])
    assert np.abs(found - expected).max() <= 0.002 * expected.max()
    few = kernels.kernel_sum(places[:5], xy, mass, sd=(1.0, 1.0))
    scaled = places[:5, None] - xy
    expected = np.exp(-0.5 * (scaled**2).sum(axis=-1)) @ mass / (2 * np.pi)
    np.testing.assert_allclose(few, expected, rtol=1e-9)


def test_nodes_too_far_apart_are_caught(monkeypatch):
    monkeypatch.setattr(kernels, "NODES_PER_SD", 0.5)
    with pytest.raises(AssertionError):
        test_kernels_agree_with_a_sum_over_all_pairs((40.0, 40.0))


def test_counts_are_those_of_the_weeks():
    incidents = incidents_at([[10, 10], [10, 20], [60, 10], [60, 20]], [3, 27, 29, 280])
    grid = squares(2, 1)
    assert forecast(incidents, grid, "count of 4 weeks").tolist() == [0.5, 0.0]
    assert forecast(incidents, grid, "count of 13 weeks").tolist() == [2 / 13, 1 / 13]
    # The record reaches back to the first of four incidents and the usual gap before it.
    assert forecast(incidents, grid, "count of all").tolist() == [2 * 7 / 350] * 2


def test_prospective_weighs_by_cells_and_weeks_between():
    incidents = incidents_at([[25, 25], [25, 25]], [3, 10])
    risk = forecast(incidents, squares(12, 1), "prospective")
    assert risk.iloc[:4].div(risk.iloc[0]).tolist() == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert (risk.iloc[9:] == 0).all()


def chains(theta, *, seed=0, size=4000.0, days=1000.0):
    """Return incidents of which each brings on `theta` more, near and soon."""
    rng = np.random.default_rng(seed)
    xy, day = rng.uniform(0, size, (800, 2)), rng.uniform(0, days, 800)
    all_xy, all_day = [xy], [day]
    while len(xy):
        row = np.repeat(np.arange(len(xy)), rng.poisson(theta, len(xy)))
        xy = xy[row] + rng.normal(0, 40, (len(row), 2))
        day = day[row] + rng.exponential(10, len(row))
        all_xy.append(xy)
        all_day.append(day)
    day = np.concatenate(all_day)
    return incidents_at(np.concatenate(all_xy)[day < days], days - day[day < days])


def test_self_exciting_tells_chains_from_chance():
    found = {}
    for theta in (0.0, 0.4):
        past = module.read_past(chains(theta), ORIGIN)
        found[theta], _ = _declustered(past, 50.0, _bandwidths(past.xy, 50.0))
    assert found[0.0].theta < 0.05
    assert found[0.4].theta == pytest.approx(0.4, abs=0.08)
    assert 1 / found[0.4].omega == pytest.approx(10, rel=0.25)
    assert found[0.4].sigma == pytest.approx(40, rel=0.15)


def test_old_town_has_a_forecast(root):
    zone = Zone.load(root / "data" / "old_town")
    min_x, min_y, max_x, max_y = zone.boundary.bounds
    x, y = (
        a.ravel() for a in np.meshgrid(np.arange(min_x, max_x, 25), np.arange(min_y, max_y, 25))
    )
    grid = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 25, y + 25), crs=zone.crs)
    grid = grid.clip(zone.boundary)
    origin = pd.Timestamp("2026-08-01", tz="UTC")
    risk = forecast(zone.incidents, grid, origin=origin)
    reported = zone.incidents[zone.incidents["reporting"] == "reported"]
    year = reported[reported["occurred_at"].between(origin - pd.Timedelta(days=365), origin)]
    assert risk.sum() == pytest.approx(len(year) * 7 / 365, rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("crime", ["burglary", "vehicle_theft"])
def test_foretells_portland_better_than_any_kernel(reference, crime):
    incidents, grid = portland_incidents(reference, crime), portland_grid(reference)
    origin, month = pd.Timestamp("2016-04-01"), pd.Timedelta(days=30)
    when = incidents["occurred_at"]
    later = incidents[(when >= origin) & (when < origin + month)]
    scores = {
        method: log_score(
            forecast(incidents, grid, method, origin=origin, horizon=month), grid, later
        )
        for method in METHODS
        if method == DEFAULT or method.startswith(("kernel", "self"))
    }
    assert max(scores, key=scores.get) == DEFAULT
