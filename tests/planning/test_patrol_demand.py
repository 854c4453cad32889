"""Demand of a night: every reason once, in its hours, and no street left out."""

import itertools
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo.errors import ParameterError
from planning import patrol_demand
from planning._occasion_input import Spot
from planning._presence import presence_spots
from planning.community_requests import CommunityRequest
from planning.demand_params import DemandParams
from planning.events import Event
from planning.patrol_demand import Findings, weigh_demand, weight_by_kind
from planning.patrol_wishes import Night, Wish, outside_hours

START = datetime(2026, 3, 1, 11, tzinfo=UTC)
NIGHT = Night(START, START + timedelta(hours=8), 1800.0)
CRS = "EPSG:32647"
HOUR = timedelta(hours=1)


def frame(shapes, index, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, index=pd.Index(index, name="id"), crs=CRS)


def hot_hours(**changed):
    """Tell of one hotspot with a tenth of the incidents; by default all hours are alike."""
    row = {
        "share": 0.1,
        "forecast_factor": 1.0,
        "weekday_factor": 1.0,
        "hot_from": pd.NaT,
        "hot_until": pd.NaT,
        "hot_factor": 1.0,
        "cold_factor": 1.0,
    }
    return pd.DataFrame([row | changed], index=[1])


EVENING = hot_hours(
    hot_from=pd.Timestamp(START + 2 * HOUR),
    hot_until=pd.Timestamp(START + 4 * HOUR),
    hot_factor=2.8,
    cold_factor=0.4,
)
SPOT = Spot("ที่", "Spot", Point(0, 700))
MARKET = Event(
    id="market",
    name_th="ตลาด",
    name_en="Market",
    opens_at=START - 2 * HOUR,
    closes_at=START + 4 * HOUR,
    spots=(SPOT,),
    weight=4.0,
    dwell_s=600.0,
    needs_units=2,
    skill="english",
    synthetic=True,
)
QUIET = CommunityRequest(
    id="quiet",
    community_th="ชุมชน",
    community_en="Community",
    wish="quiet",
    opens_at=START + 5 * HOUR,
    closes_at=START + 12 * HOUR,
    spots=(),
    area=LineString([(0, 500), (300, 500)]),
    synthetic=True,
)
MORE = replace(QUIET, id="more", wish="presence", spots=(SPOT,), closes_at=START + 7 * HOUR)


def findings(**changed):
    """Three parallel streets 250 m apart: a hotspot, a blind spot and an SOS point on two."""
    lines = [LineString([(0, y), (300, y)]) for y in (0, 250, 500)]
    known = {
        "streets": frame(lines, ["south", "middle", "north"]),
        "hotspots": frame([lines[0]], ["hotspot-1"], rank=[1]),
        "hot_hours": hot_hours(),
        "blind_spots": frame([lines[2]], ["blind-1"], length_m=[300.0]),
        "sos_points": frame([Point(10, 0)], ["sos-1"]),
        "events": (),
        "requests": (),
    }
    return Findings(**{**known, **changed})


def demand(seed=1, params=None, night=NIGHT, **changed):
    return weigh_demand(
        findings(**changed),
        night=night,
        params=params or DemandParams(),
        rng=np.random.default_rng(seed),
    )


def test_every_reason_is_there_once_with_its_weight():
    wanted = demand()
    assert wanted["kind"].tolist() == ["hotspot", "blind_spot", "sos_point", "presence"]
    assert wanted["of"].tolist() == ["hotspot-1", "blind-1", "sos-1", "middle"]
    assert wanted["weight"].tolist() == pytest.approx([10.0, 3.0, 1.0, 0.5])
    assert wanted["offered"].all()
    assert wanted["opens_at"].isna().all()
    assert wanted["revisit_s"].tolist()[0] == 7200
    assert math.isinf(wanted["revisit_s"].tolist()[3])
    assert wanted.geometry.tolist()[0] == Point(150, 0)


def test_stops_at_hotspots_last_ten_to_sixteen_minutes_by_the_seed():
    lasting = [demand(seed)["dwell_s"][0] for seed in range(40)]
    assert demand(7)["dwell_s"][0] == demand(7)["dwell_s"][0]
    assert 600 <= min(lasting) < 640
    assert 920 < max(lasting) <= 960
    fixed = DemandParams(hotspot_dwell_least_s=900.0, hotspot_dwell_most_s=900.0)
    assert demand(params=fixed)["dwell_s"][0] == 900


def test_forecast_and_tonights_weekday_count():
    told = hot_hours(forecast_factor=1.5, weekday_factor=4.8)
    assert demand(hot_hours=told)["weight"][0] == pytest.approx(72)


def test_hot_hours_move_weight_and_make_none():
    hotspot = demand(hot_hours=EVENING).query("kind == 'hotspot'")
    assert hotspot["part"].tolist() == ["hot", "cold", "cold"]
    assert hotspot["weight"].tolist() == pytest.approx([28.0, 4.0, 4.0])
    lasting = (hotspot["until_at"] - hotspot["from_at"]) / pd.Timedelta(hours=8)
    assert float((hotspot["weight"] * lasting).sum()) == pytest.approx(10.0)


def test_parts_of_a_hotspot_keep_their_distance():
    hotspot = demand(hot_hours=EVENING).query("kind == 'hotspot'").sort_values("opens_at")
    gaps = hotspot["opens_at"].to_numpy()[1:] - hotspot["closes_at"].to_numpy()[:-1]
    assert (gaps >= np.timedelta64(1800, "s")).all()
    ends = hotspot["closes_at"] + pd.to_timedelta(hotspot["dwell_s"], unit="s")
    assert (ends <= hotspot["until_at"]).all()


def test_hot_hours_at_the_ends_of_the_night_leave_no_slivers():
    first = EVENING.assign(hot_from=pd.Timestamp(START), hot_until=pd.Timestamp(START + 7.5 * HOUR))
    assert demand(hot_hours=first).query("kind == 'hotspot'")["part"].tolist() == ["hot"]


def test_an_event_is_wanted_in_its_hours_within_the_night():
    row = demand(events=[MARKET]).query("kind == 'event'").iloc[0]
    assert (row["opens_at"], row["closes_at"]) == (START, MARKET.closes_at - timedelta(minutes=10))
    assert (row["from_at"], row["until_at"]) == (MARKET.opens_at, MARKET.closes_at)
    assert (row["needs_units"], row["skill"], row["name_en"]) == (2, "english", "Spot")
    assert row["offered"]


def test_what_no_shift_can_do_is_told_and_not_offered():
    over = replace(MARKET, closes_at=START + timedelta(minutes=9))
    wanted = demand(events=[over])
    row = wanted.query("kind == 'event'").iloc[0]
    assert not row["offered"]
    assert (row["opens_at"], row["closes_at"]) == (over.opens_at, over.closes_at)
    told = weight_by_kind(wanted, night=NIGHT).set_index("kind")
    assert told.loc["event"].tolist() == [0, 0.0, 0.0, 1]


def test_a_stop_that_nobody_makes_leaves_its_street_to_presence():
    over = replace(MARKET, closes_at=START, spots=(Spot("", "", Point(150, 250)),))
    assert "middle" in demand(events=[over])["of"].tolist()
    held = replace(over, closes_at=START + HOUR)
    assert "middle" not in demand(events=[held])["of"].tolist()


def test_a_request_for_presence_is_wanted_and_says_whose():
    row = demand(requests=[MORE]).query("kind == 'request'").iloc[0]
    assert (row["requested_by"], row["weight"], row["dwell_s"]) == ("more", 2.0, 600.0)
    assert row["opens_at"] == MORE.opens_at


def test_quiet_hours_move_what_can_wait_and_nothing_else():
    everywhere = replace(QUIET, area=shapely.box(-50, -50, 350, 550))
    wanted = demand(requests=[everywhere]).set_index("kind")
    for kind in ("blind_spot", "presence"):
        row = wanted.loc[kind]
        assert row["closes_at"] == QUIET.opens_at - pd.Timedelta(seconds=row["dwell_s"])
        assert (row["opens_at"], row["requested_by"]) == (START, "quiet")
    for kind in ("hotspot", "sos_point"):
        assert pd.isna(wanted.loc[kind, "opens_at"])
        assert wanted.loc[kind, "requested_by"] == ""
    elsewhere = demand(requests=[QUIET]).set_index("kind")
    assert elsewhere.loc["blind_spot", "requested_by"] == "quiet"
    assert elsewhere.loc["presence", "requested_by"] == ""


def test_a_night_all_quiet_offers_nothing_that_can_wait():
    always = replace(QUIET, opens_at=START - HOUR)
    wanted = demand(requests=[always]).set_index("kind")
    assert not wanted.loc["blind_spot", "offered"]
    assert wanted.loc["presence", "offered"]


def test_weights_are_told_by_kind():
    wanted = demand(events=[MARKET], hot_hours=EVENING, requests=[MORE])
    told = weight_by_kind(wanted, night=NIGHT).set_index("kind")
    assert list(told.index) == [kind for kind in patrol_demand.KINDS if kind in set(wanted["kind"])]
    # Half of the night there is a market, a quarter of it somebody asked for presence.
    weights = [10.0, 3.0, 1.0, 2.0, 0.5, 0.5]
    assert told["weight"].tolist() == pytest.approx(weights)
    assert told["share"].tolist() == pytest.approx([one / sum(weights) for one in weights])
    assert told["places"].tolist() == [1] * 6
    assert told["not_offered"].tolist() == [0] * 6


def test_nothing_known_still_gives_every_street_presence():
    bare = {name: getattr(findings(), name).iloc[:0] for name in ("hotspots", "blind_spots")}
    wanted = demand(**bare, sos_points=findings().sos_points.iloc[:0])
    assert wanted["of"].tolist() == ["south", "middle", "north"]
    assert str(wanted["opens_at"].dtype).startswith("datetime64")


def left_out(seed):
    """Tell how many of random streets are far from every stop."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(0, 600, (25, 2, 2))
    streets = frame([LineString(end) for end in ends], range(25))
    wanted = demand(streets=streets)
    stops = shapely.multipoints(wanted.geometry[wanted["offered"]].tolist())
    return int((streets.distance(stops) > 60).sum())


@pytest.mark.parametrize("seed", range(5))
def test_no_street_is_left_out(seed):
    assert left_out(seed) == 0


def test_streets_without_presence_would_be_left_out(monkeypatch):
    monkeypatch.setattr(patrol_demand, "presence_spots", lambda *_, **__: [])
    assert left_out(1) > 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.floats(0, 150))
def test_presence_is_near_the_least_number_of_places(seed, count, radius):
    rng = np.random.default_rng(seed)
    middles = rng.uniform(0, 300, (count, 2))
    streets = frame([LineString([spot - 10, spot + 10]) for spot in middles], range(count))
    chosen = presence_spots(streets, [], radius_m=radius)
    places = [Point(spot) for spot in middles]
    near = np.array([streets.distance(place).le(radius) for place in places])
    np.fill_diagonal(near, val=True)
    least = next(
        size
        for size in range(1, count + 1)
        if any(
            near[list(some)].any(axis=0).all()
            for some in itertools.combinations(range(count), size)
        )
    )
    assert near[[label for label, _ in chosen]].any(axis=0).all()
    assert least <= len(chosen) <= least * (1 + math.log(count))


@pytest.mark.parametrize("seed", range(6))
def test_presence_is_chosen_as_by_looking_at_every_place_each_time(seed):
    rng = np.random.default_rng(seed)
    middles, half = rng.uniform(0, 600, (120, 2)), rng.uniform(5, 40, (120, 1))
    lines = [
        LineString([spot - long, spot + long]) for spot, long in zip(middles, half, strict=True)
    ]
    streets = frame(lines, range(120))
    near = np.array(
        [streets.distance(line.interpolate(0.5, normalized=True)).le(60) for line in lines]
    )
    left, chosen = np.ones(120, dtype=bool), []
    while left.any():
        chosen.append(int(np.argmax(near @ (left * streets.length.to_numpy()))))
        left &= ~near[chosen[-1]]
    assert [label for label, _ in presence_spots(streets, [], radius_m=60)] == chosen


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 10), st.integers(1, 6)), min_size=1, max_size=4))
def test_what_can_wait_gets_the_longest_quiet_free_time(hours):
    quiet = [(START + begin * HOUR, START + (begin + length) * HOUR) for begin, length in hours]
    wish = Wish("presence", "a", Point(0, 0), 1.0, 300.0)
    found = outside_hours(wish, NIGHT, quiet)
    free = [not any(begin <= hour < begin + long for begin, long in hours) for hour in range(8)]
    runs = [len(list(run)) for is_free, run in itertools.groupby(free) if is_free]
    assert found.offered == bool(runs)
    if runs:
        assert found.until_at - found.from_at == max(runs) * HOUR
        assert all(found.until_at <= begin or end <= found.from_at for begin, end in quiet)


def test_faulty_params_are_named_together():
    with pytest.raises(ParameterError) as caught:
        DemandParams(sos_weight=-1.0, blind_spots=1.5, presence_dwell_s=0.0, hotspot_dwell_most_s=1)
    told = str(caught.value).splitlines()
    assert told == [
        "Expected whole `blind_spots` >= 0, got 1.5.",
        "Expected finite `sos_weight` >= 0, got -1.0.",
        "Expected finite `presence_dwell_s` > 0, got 0.0.",
        "Expected `hotspot_dwell_least_s` <= `hotspot_dwell_most_s`, got 600.0 and 1.",
    ]
