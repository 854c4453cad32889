"""How soon somebody free is anywhere, against dense sampling of all streets."""

from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from geo.errors import ParameterError
from geo.street_graph import StreetGraph
from planning import _response_night
from planning.patrol_params import PatrolParams
from planning.patrol_plan import Leg, PatrolPlan, PatrolStop, PatrolTour
from planning.patrol_response import response_promise
from planning.travel_modes import TRAVEL_MODES
from tests.planning.grid_town import NIGHT, TOWN_CRS, at, grid_streets, grid_zone, unit

SPACING_M = 0.5


def stop_at(place, begins_s, lasts_s, kind="visit"):
    moments = [NIGHT + timedelta(seconds=s) for s in (begins_s, begins_s + lasts_s)]
    return PatrolStop("p", "จุด", "Point", "เหตุ", "reason", *moments, place, kind)


def tour_of(crew, legs=(), stops=()):
    """Return a tour of legs given as when it leaves, when it arrives, and by which places."""
    legs = tuple(
        Leg(
            NIGHT + timedelta(seconds=leaves_s),
            NIGHT + timedelta(seconds=arrives_s),
            LineString([at(*place) for place in places]),
        )
        for leaves_s, arrives_s, places in legs
    )
    return PatrolTour(crew, tuple(stops), legs, crew.starts_at, crew.ends_at, None, "", "")


def plan_of(*tours):
    empty = pd.DataFrame(columns=["name_th", "name_en", "weight"])
    return PatrolPlan(tours, empty, 0.0, 1.0, TOWN_CRS, PatrolParams(), 0)


def evening(hours=1.0):
    """Return a walker, a walker with a break, and a motorcycle on their ways."""
    walker = tour_of(
        unit("walker", hours=hours),
        [(300, 900, [(0, 0), (0, 100), (300, 100)]), (1500, 1900, [(300, 100), (300, 400)])],
    )
    resting = tour_of(
        unit("resting", 400, 0, hours=hours), stops=[stop_at(at(400, 0), 600, 1200, kind="break")]
    )
    rider = tour_of(
        unit("rider", 400, 400, speed_mps=5.0, hours=hours, starts_h=0.25),
        [(1000, 1100, [(400, 400), (0, 400)]), (2000, 2030, [(0, 400), (0, 250)])],
    )
    return plan_of(walker, resting, rider)


def times_from(zone, tour, instant, places):
    """Return the times from a unit to places by the matrix of its mode."""
    network = TRAVEL_MODES[tour.unit.mode].network(zone.streets, speed_mps=tour.unit.speed_mps)
    here = network.graph.snap(gpd.GeoSeries([tour.position_at(instant)], crs=TOWN_CRS))
    return network.travel_times(here, places)[0]


def sampled(plan, zone, instants):
    """Return the times from the nearest free unit to points everywhere: the oracle."""
    graph = StreetGraph.from_streets(zone.streets)
    places = pd.DataFrame(
        [
            (label, offset_m, graph.length_m[row] / SPACING_M)
            for row, label in enumerate(zone.streets.index)
            for offset_m in np.arange(0, graph.length_m[row] + SPACING_M / 2, SPACING_M)
        ],
        columns=["street", "offset_m", "count"],
    )
    times = np.full((len(instants), len(places)), np.inf)
    for row, instant in enumerate(instants):
        for tour in plan.tours:
            if tour.is_free_at(instant):
                reached = times_from(zone, tour, instant, places)
                np.minimum(times[row], reached, out=times[row])
    return places, times


@pytest.mark.parametrize("oneway", [(), ("row-2-1", "row-2-2", "col-3-0", "col-0-3", "row-4-3")])
def test_the_promise_is_that_of_dense_samples(oneway):
    zone = grid_zone(grid_streets(oneway=oneway))
    plan = evening()
    promise = response_promise(plan, zone, step_s=150.0)
    places, times = sampled(plan, zone, promise.minutes.index)
    # From the farthest point to the next sample it is up to a whole step.
    step_s = SPACING_M / 1.2 + 1e-6
    assert promise.worst_s == pytest.approx(times.max(), abs=step_s)
    assert promise.worst_s >= times.max() - 1e-6
    assert promise.share_s == pytest.approx(np.quantile(times, 0.95), abs=2 * step_s)
    assert promise.minutes["worst_s"].to_numpy() == pytest.approx(times.max(axis=1), abs=step_s)
    assert promise.minutes["share_s"].to_numpy() == pytest.approx(
        np.quantile(times, 0.95, axis=1), abs=2 * step_s
    )
    by_street = pd.DataFrame(times.T).groupby(places["street"]).max().max(axis=1)
    found = promise.streets["worst_s"]
    assert found.to_numpy() == pytest.approx(by_street[found.index].to_numpy(), abs=step_s)


def test_the_worst_place_is_where_the_time_says():
    zone = grid_zone(grid_streets())
    promise = response_promise(evening(), zone, step_s=300.0)
    graph = StreetGraph.from_streets(zone.streets)
    for instant, row in promise.minutes.iterrows():
        there = graph.snap(gpd.GeoSeries([row.geometry], crs=TOWN_CRS))
        times = [
            times_from(zone, tour, instant, there)[0]
            for tour in evening().tours
            if tour.is_free_at(instant)
        ]
        assert min(times) == pytest.approx(row["worst_s"])
        assert row["free"] == len(times)


def test_one_unit_at_a_corner_of_the_town():
    """By hand: the far corner is 800 m from the post, at 1.2 m/s."""
    promise = response_promise(plan_of(tour_of(unit())), grid_zone(grid_streets()))
    assert promise.worst_s == pytest.approx(800 / 1.2)
    assert (promise.minutes["worst_s"] == promise.minutes["worst_s"].iloc[0]).all()
    assert len(promise.minutes) == 240
    assert promise.streets.loc["row-0-0", "worst_s"] == pytest.approx(100 / 1.2)
    assert promise.unattended.empty
    assert promise.keeps(667.0)
    assert not promise.keeps(666.0)


def test_instants_at_which_nobody_is_free_are_named():
    early, late = unit("early", hours=1), unit("late", hours=1, starts_h=2)
    resting = tour_of(early, stops=[stop_at(early.post, 600, 300, kind="break")])
    promise = response_promise(plan_of(resting, tour_of(late)), grid_zone(grid_streets()))
    gone = promise.minutes["free"].eq(0)
    assert len(promise.unattended) == gone.sum() == 65
    assert promise.unattended[0] == NIGHT + timedelta(minutes=10)
    assert promise.minutes.loc[gone, ["worst_s", "share_s", "street"]].isna().all(axis=None)
    assert np.isfinite(promise.worst_s)
    assert not promise.keeps(1e9)


def test_what_no_free_unit_may_reach_takes_for_ever():
    """Both streets of one corner may only be used away from it."""
    streets = grid_streets(1, oneway=["row-0-0", "col-0-0"])
    rider = tour_of(unit("rider", 100, 100, speed_mps=5.0))
    promise = response_promise(plan_of(rider), grid_zone(streets), step_s=1800.0)
    assert promise.worst_s == np.inf
    assert promise.streets["worst_s"].eq(np.inf).to_dict() == {
        "row-0-0": True,
        "col-0-0": True,
        "row-1-0": False,
        "col-1-0": False,
    }


def test_only_the_streets_promised_count():
    zone = grid_zone(grid_streets())
    near = response_promise(plan_of(tour_of(unit())), zone, among=pd.Index(["row-0-0"]))
    assert near.worst_s == pytest.approx(100 / 1.2)
    assert near.share_s == pytest.approx(95 / 1.2)
    assert near.streets.index.tolist() == ["row-0-0"]


def test_every_fault_of_the_arguments_is_named():
    with pytest.raises(ParameterError) as caught:
        response_promise(
            evening(), grid_zone(grid_streets()), step_s=0.0, share=1.5, among=pd.Index(["nowhere"])
        )
    for said in ("`step_s` > 0, got 0.0", "`share` in (0, 1], got 1.5", "got 'nowhere'"):
        assert said in str(caught.value)


def test_a_break_taken_for_duty_is_caught(monkeypatch):
    """The planted fault: whoever rests counts as free, and the promise is too good."""
    zone = grid_zone(grid_streets())
    honest = response_promise(evening(), zone, step_s=150.0)
    monkeypatch.setattr(PatrolTour, "is_free_at", lambda *_: True)
    assert response_promise(evening(), zone, step_s=150.0).worst_s < honest.worst_s


def test_streets_left_uncut_are_caught(monkeypatch):
    """The planted fault: without cuts, whoever stands in mid-street is not seen there."""
    monkeypatch.setattr(_response_night.Night, "_cut", lambda *_: iter(()))
    promise = response_promise(evening(), grid_zone(grid_streets()), step_s=150.0)
    _, times = sampled(evening(), grid_zone(grid_streets()), promise.minutes.index)
    assert promise.share_s != pytest.approx(np.quantile(times, 0.95), abs=1.0)
