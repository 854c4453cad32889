"""Events taken to streets: where to, how far, and which are refused."""

import math

import geopandas as gpd
import pytest

from analytics.network_density import network_density
from analytics.network_places import place_events
from geo.errors import LayerError, ParameterError
from tests.analytics.networks import TANGLE, event_frame, street_frame


def test_tells_how_far_each_event_is_from_its_street():
    events = event_frame((240, 30), (20, -4)).set_axis(["a", "b"])
    places = place_events(street_frame(TANGLE), events)
    assert list(places.index) == ["a", "b"]
    assert list(places["street"]) == ["apart", "straight"]
    assert places["offset_m"].tolist() == pytest.approx([40, 20])
    assert places["fraction"].tolist() == pytest.approx([40 / 60, 0.5])
    assert places["distance_m"].tolist() == pytest.approx([30, 4])


@pytest.mark.parametrize("call", [place_events, network_density])
def test_every_event_too_far_away_is_named(call):
    events = event_frame((240, 30), (20, -4), (20, -5), (0, 99))
    arguments = {"bandwidth_m": 15.0} if call is network_density else {}
    with pytest.raises(LayerError) as raised:
        call(street_frame(TANGLE), events, max_snap_m=5.0, **arguments)
    assert [(fault.row, fault.found) for fault in raised.value.faults] == [
        (1, "the nearest 30.0 m away"),
        (4, "the nearest 73.8 m away"),
    ]


@pytest.mark.parametrize("events", [event_frame(), gpd.GeoDataFrame()])
def test_no_events_have_no_places(events):
    places = place_events(street_frame(TANGLE), events)
    assert list(places.columns) == ["street", "offset_m", "fraction", "distance_m"]
    assert places.empty


@pytest.mark.parametrize("limit", [-1.0, math.nan])
def test_a_limit_out_of_range_is_refused(limit):
    with pytest.raises(ParameterError, match="Expected `max_snap_m` >= 0"):
        place_events(street_frame(TANGLE), event_frame(), max_snap_m=limit)
