"""Hours in which units are at stops, counted by hand and minute by minute."""

from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning._mixture_hours import NightHours, announced, places_of, presence
from planning.patrol_plan import PatrolStop
from tests.planning.grid_town import NIGHT, at, demand, unit


def stop(point, start_s, dwell_s, kind="visit"):
    begin = NIGHT + timedelta(seconds=start_s)
    end = begin + timedelta(seconds=dwell_s)
    return PatrolStop(point, "", "", "", "", begin, end, at(0, 0), kind)


def plan_of(*stops):
    return SimpleNamespace(tours=[SimpleNamespace(stops=stops)])


def test_hours_are_those_of_the_clock():
    """18:00 in Bangkok to 22:30: five hours; from 18:20, the first began twenty minutes before."""
    hours = NightHours.of_units([unit(hours=4.5)], timezone="Asia/Bangkok")
    assert hours.edges_s.tolist() == [3600.0 * n for n in range(6)]
    late = NightHours.of_units([unit(hours=4.0, starts_h=1 / 3)], timezone="Asia/Bangkok")
    assert late.edges_s.tolist() == pytest.approx([3600.0 * n - 1200 for n in range(6)])


def test_clocks_half_an_hour_off():
    """In Kolkata it is 16:30 when the night begins."""
    hours = NightHours.of_units([unit(hours=1.0)], timezone="Asia/Kolkata")
    local = [
        (NIGHT + timedelta(seconds=edge)).astimezone(ZoneInfo("Asia/Kolkata"))
        for edge in hours.edges_s.tolist()
    ]
    assert [(moment.hour, moment.minute) for moment in local] == [(16, 0), (17, 0), (18, 0)]


def test_a_visit_across_the_hour_counts_in_both():
    hours = NightHours.of_units([unit(hours=3.0)], timezone="Asia/Bangkok")
    stops = [stop("p0", 3000, 900), stop("p1", 2700, 900), stop("p1", 5000, 300, kind="break")]
    present = presence(plan_of(*stops), {"p0": 0, "p1": 1}, hours)
    assert present.tolist() == [[True, True, False], [True, False, False]]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 90)), max_size=6))
def test_presence_minute_by_minute(visits):
    """Visits on whole minutes, walked through a minute at a time."""
    hours = NightHours.of_units([unit(hours=6.0, starts_h=0.25)], timezone="Asia/Bangkok")
    visits = [(minute % 270, dwell) for minute, dwell in visits]
    stops = [stop("p0", 900 + 60 * minute, 60 * dwell) for minute, dwell in visits]
    seen = np.zeros(hours.count, dtype=bool)
    for minute, dwell in visits:
        for each in range(minute, minute + dwell):
            seen[(15 + each) // 60] = True
    assert presence(plan_of(*stops), {"p0": 0}, hours)[0].tolist() == seen.tolist()


def test_points_at_one_place_are_seen_together():
    points = demand((0, 0), (100, 0), (0, 0.04), (0, 1))
    assert places_of(points.geometry).tolist() == [0, 1, 0, 2]
    assert places_of(demand().geometry).tolist() == []


def test_short_openings_are_announced():
    """From 18:30 to 19:30 with a stop of 13 minutes: both hours, but not for three hours."""
    hours = NightHours.of_units([unit(hours=4.0)], timezone="Asia/Bangkok")
    points = demand((0, 0), (100, 0), (200, 0))
    place = np.arange(3)
    assert not announced(points, place, hours, within_s=3600.0).any()
    opens = NIGHT + timedelta(minutes=30)
    points["opens_at"] = pd.to_datetime([opens, opens, None], utc=True)
    points["closes_at"] = points["opens_at"] + pd.to_timedelta([1, 3, 1], unit="h")
    told = announced(points, place, hours, within_s=3600.0)
    assert told.tolist() == [[True, True, False, False], [False] * 4, [False] * 4]
