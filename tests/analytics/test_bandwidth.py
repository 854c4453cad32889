"""The choice of a bandwidth against likelihoods worked out one event at a time."""

import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from analytics.bandwidth import choose_bandwidth
from analytics.heat_kernel import HeatKernel
from analytics.network_density import network_density
from geo.errors import LayerError, ParameterError
from tests.analytics.networks import TANGLE, along, event_frame, events_on, street_frame

PLACES = [("loop", 0.3), ("bent", 0.77), ("bent", 0.6), ("blind", 0.9), ("straight", 0.5)]
LINE = street_frame({"a": [(0, 0), (4000, 0)]})


def left_out_likelihood(streets, places, bandwidth_m, elsewhere):
    """Return the likelihood by a density of its own for each event, of the others."""
    total = 0.0
    for held, (name, fraction) in enumerate(places):
        others = events_on(streets, [place for row, place in enumerate(places) if row != held])
        at = along(name, [fraction])
        found = network_density(streets, others, bandwidth_m=bandwidth_m, at=at)["density"][0]
        uniform = elsewhere / streets.length.sum()
        total += np.log((1 - elsewhere) * found / (len(places) - 1) + uniform)
    return total / len(places)


@pytest.mark.parametrize("places", [PLACES, [*PLACES, PLACES[1], PLACES[1], ("apart", 0.5)]])
def test_leaves_out_one_event_at_a_time(places):
    streets = street_frame(TANGLE)
    widths = [10.0, 20.0, 40.0]
    events = events_on(streets, places)
    found = choose_bandwidth(streets, events, bandwidths_m=widths[::-1], folds=None)
    assert found.curve["bandwidth_m"].tolist() == widths
    expected = [left_out_likelihood(streets, places, width, 0.01) for width in widths]
    assert found.curve["log_likelihood"].to_numpy() == pytest.approx(expected, abs=0.005)
    assert found.bandwidth_m == widths[int(np.argmax(expected))]


def test_as_many_folds_as_events_leave_out_one_at_a_time():
    streets = street_frame(TANGLE)
    events = events_on(streets, PLACES)
    arguments = {"bandwidths_m": [8.0, 30.0], "seed": 5}
    one, every = (
        choose_bandwidth(streets, events, folds=folds, **arguments) for folds in (None, 99)
    )
    pd.testing.assert_frame_equal(one.curve, every.curve, rtol=1e-9)


def test_an_event_that_foretells_itself_is_caught(monkeypatch):
    streets = street_frame(TANGLE)
    monkeypatch.setattr(HeatKernel, "at_themselves", lambda _, places: np.zeros((1, len(places))))
    events = events_on(streets, PLACES)
    found = choose_bandwidth(streets, events, bandwidths_m=[10.0], folds=None)
    expected = left_out_likelihood(streets, PLACES, 10.0, 0.01)
    assert abs(found.curve["log_likelihood"][0] - expected) > 0.1


def clustered(rng, spread_m, clusters=12, size=12):
    """Return events on the line around places far from each other."""
    x = np.repeat(np.linspace(200, 3800, clusters), size) + rng.normal(0, spread_m, clusters * size)
    return event_frame(*[(position, 0) for position in x])


def test_the_bandwidth_follows_the_spread_of_clusters():
    rng = np.random.default_rng(0)
    widths = np.geomspace(3, 96, 11)
    near, wide = (
        choose_bandwidth(LINE, clustered(rng, spread_m), bandwidths_m=widths)
        for spread_m in (8, 40)
    )
    assert 3 < near.bandwidth_m < 13
    assert 13 < wide.bandwidth_m < 60
    assert not near.at_end
    assert not wide.at_end


def test_a_curve_that_still_rises_says_so():
    events = clustered(np.random.default_rng(0), 40)
    assert choose_bandwidth(LINE, events, bandwidths_m=[3.0, 6.0]).at_end


def test_the_seed_deals_the_events():
    events = clustered(np.random.default_rng(0), 40)
    curves = [
        choose_bandwidth(LINE, events, bandwidths_m=[20.0], folds=5, seed=seed).curve
        for seed in (1, 1, 2)
    ]
    assert curves[0].equals(curves[1])
    assert not curves[0].equals(curves[2])


def test_without_a_part_elsewhere_a_lonely_event_is_impossible():
    streets = street_frame(TANGLE)
    events = events_on(streets, [*PLACES, ("apart", 0.5)])
    found = choose_bandwidth(streets, events, bandwidths_m=[10.0], folds=None, elsewhere=0.0)
    assert found.curve["log_likelihood"][0] == -np.inf


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"folds": 1}, "Expected whole `folds` >= 2, got 1"),
        ({"folds": 2.5}, "Expected whole `folds` >= 2, got 2.5"),
        ({"folds": np.nan}, "Expected whole `folds` >= 2, got nan"),
        ({"folds": np.inf}, "Expected whole `folds` >= 2, got inf"),
        ({"seed": -1}, "Expected whole `seed` >= 0, got -1"),
        ({"bandwidths_m": [1e200]}, "Expected `bandwidth_m` > 0, got 1e.200"),
        ({"elsewhere": 1.0}, "Expected `elsewhere` from 0 to below 1, got 1.0"),
        ({"elsewhere": np.nan}, "Expected `elsewhere` from 0 to below 1"),
        ({"bandwidths_m": []}, "at least one of `bandwidths_m`"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    arguments = {"bandwidths_m": [10.0]} | changed
    with pytest.raises(ParameterError, match=message):
        choose_bandwidth(LINE, event_frame((1, 0), (9, 0)), **arguments)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_events_are_refused(count):
    with pytest.raises(ParameterError, match=f"at least 2 events .*, got {count}"):
        choose_bandwidth(LINE, event_frame(*[(1, 0)] * count), bandwidths_m=[10.0])


def test_all_events_on_one_spot_choose_the_smallest_bandwidth():
    found = choose_bandwidth(LINE, event_frame(*[(900, 0)] * 9), bandwidths_m=[5.0, 10.0])
    assert found.bandwidth_m == 5.0
    assert found.at_end


def test_faulty_events_are_named():
    events = event_frame((1, 0), (9, 0)).set_geometry([None, LineString([(0, 0), (1, 1)])])
    with pytest.raises(LayerError, match="row 1"):
        choose_bandwidth(LINE, events, bandwidths_m=[10.0])
