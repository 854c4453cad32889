"""Where a patrol is wanted tonight, how much, for how long and in which hours.

Every reason is counted in one currency (`DemandParams`): a weight of one is worth one per cent of
the incidents reported in the hours of the night. A hotspot weighs as much as its forecast says
(`analytics.hotspot_forecast`) and what tonight's weekday and hour bring there, as far as they are
no chance (`analytics.hot_hours`); what its hot hours weigh more is taken from the others, so that
it neither gains nor loses by being told apart. Blind spots and SOS points count all night, events
and requests of communities in their own hours. Last, every street that nothing of this brings a
patrol near is to be seen once.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.shapes import middle
from planning._presence import presence_spots
from planning.community_requests import CommunityRequest
from planning.demand_params import DemandParams
from planning.events import Event
from planning.patrol_wishes import Night, Wish, outside_hours, within_hours

KINDS: Final = ("hotspot", "blind_spot", "sos_point", "event", "request", "presence")
"""Why a patrol is wanted somewhere, in the order in which demand is listed."""

# What can wait for the end of quiet hours: harm and calls for help cannot.
_CAN_WAIT: Final = ("blind_spot", "presence")
_QUIET_M: Final = 15.0  # a stop so near a street or place is in it
_INSTANTS: Final = ("from_at", "until_at", "opens_at", "closes_at")


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known of the zone tonight.

    Attributes
    ----------
    streets
        Streets of the zone, LineStrings in metres.
    hotspots
        Ranked hotspots: `rank`, lines.
    hot_hours
        What `find_hot_hours` tells of each, by rank, and `forecast_factor`, how many times as much
        is expected of it as its past says.
    blind_spots
        Stretches of street no working camera sees, the longest first: `length_m`, lines.
    sos_points
        SOS points.
    events
        What takes place tonight.
    requests
        What communities ask for tonight.
    """

    streets: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    hot_hours: pd.DataFrame
    blind_spots: gpd.GeoDataFrame
    sos_points: gpd.GeoDataFrame
    events: Sequence[Event]
    requests: Sequence[CommunityRequest]


def weigh_demand(
    findings: Findings, *, night: Night, params: DemandParams, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """List the places where a patrol is wanted tonight.

    Parameters
    ----------
    findings
        What is known of the zone tonight.
    night
        The time that is planned.
    params
        Weights and lengths of stops.
    rng
        Source of the lengths of stops at hotspots.

    Returns
    -------
    demand
        Points, a row a reason. `kind`, one of `KINDS`; `of`, the label of the hotspot, blind spot,
        SOS point or street, or the id of the event or request; `part`, "hot" or "cold" where a
        hotspot has hot hours, else empty; `name_th` and `name_en` of the place of an event or
        request, else empty; `weight` of one visit, >= 0; `dwell_s`, its length in seconds.
        `from_at` and `until_at`, the hours in which it is wanted; `opens_at` and `closes_at`,
        between which a visit within them begins tonight; all four are missing where it is wanted
        all night. `needs_units`; `skill`, empty for none; `revisit_s`, after which it is wanted
        again: infinite for once, missing where the plan's own counts; `requested_by`, the id of
        the request that asks for it or for quiet there. `offered`: false where no visit fits into
        its hours tonight, or it weighs nothing.
    """
    wishes = [
        *_of_hotspots(findings, night, params, rng),
        *_of_blind_spots(findings, params),
        *_of_sos_points(findings, params),
        *_of_events(findings, night),
        *_of_requests(findings, night, params),
    ]
    seen = [wish.geometry for wish in wishes if wish.offered and wish.weight > 0]
    wishes += [
        Wish(
            "presence",
            label,
            spot,
            params.presence_weight,
            params.presence_dwell_s,
            revisit_s=math.inf,
        )
        for label, spot in presence_spots(findings.streets, seen, radius_m=params.presence_radius_m)
    ]
    kept = [_kept_quiet(wish, findings.requests, night) for wish in wishes]
    return _frame(kept, findings.streets)


def weight_by_kind(demand: gpd.GeoDataFrame, *, night: Night) -> pd.DataFrame:
    """Tell what the weights are made of.

    Parameters
    ----------
    demand
        Demand as `weigh_demand` gives it.
    night
        The time that is planned.

    Returns
    -------
    table
        A row a kind that occurs, in the order of `KINDS`: `kind`; `places`, how many are offered;
        `weight`, what they weigh together at the mean moment of the night; `share` of all weights,
        from 0 to 1; `not_offered`, how many are wanted at hours that tonight does not have.
    """
    begin, end = pd.Timestamp(night.starts_at), pd.Timestamp(night.ends_at)
    opens = demand["from_at"].fillna(begin).clip(lower=begin)
    closes = demand["until_at"].fillna(end).clip(upper=end)
    part = (closes - opens) / (end - begin)
    offered = demand["offered"]
    told = pd.DataFrame(
        {
            "kind": pd.Categorical(demand["kind"], categories=KINDS),
            "place": demand["kind"] + demand.geometry.to_wkb(hex=True),
            "weight": (demand["weight"] * part).where(offered, 0.0),
            "offered": offered,
        }
    )
    by_kind = told.groupby("kind", observed=True)
    weight = by_kind["weight"].sum()
    wanted = demand["weight"].gt(0)
    lost = told[wanted & ~offered & ~told["place"].isin(told.loc[offered, "place"])]
    table = pd.DataFrame(
        {
            "places": told[offered].groupby("kind", observed=True)["place"].nunique(),
            "weight": weight,
            "share": weight / weight.sum() if weight.sum() > 0 else 0.0,
            "not_offered": lost.groupby("kind", observed=True)["place"].nunique(),
        },
        index=weight.index,
    )
    return (
        table.fillna(0)
        .astype({"places": np.int64, "not_offered": np.int64})
        .reset_index()
        .astype({"kind": "str"})
    )


def _of_hotspots(
    findings: Findings, night: Night, params: DemandParams, rng: np.random.Generator
) -> Iterator[Wish]:
    """Give each hotspot once, or its hot hours and those before and after them apart."""
    for label, rank in findings.hotspots["rank"].items():
        told = findings.hot_hours.loc[rank]
        whole = Wish(
            "hotspot",
            label,
            middle(findings.hotspots.geometry[label]),
            params.hotspot_weight * 100.0 * told["share"] * _tonight(told),
            rng.uniform(params.hotspot_dwell_least_s, params.hotspot_dwell_most_s),
            revisit_s=params.hotspot_revisit_s,
        )
        yield from _parts(whole, told, night)


def _tonight(told: "pd.Series[Any]") -> float:
    return float(told["forecast_factor"] * told["weekday_factor"])


def _parts(whole: Wish, told: "pd.Series[Any]", night: Night) -> Iterator[Wish]:
    if pd.isna(told["hot_from"]):
        yield whole
        return
    hot_from, hot_until = (
        pd.Timestamp(told[name]).to_pydatetime() for name in ("hot_from", "hot_until")
    )
    hot = replace(whole, part="hot", weight=whole.weight * told["hot_factor"])
    cold = replace(whole, part="cold", weight=whole.weight * told["cold_factor"])
    yield within_hours(hot, night, hot_from, hot_until)
    # Across the edges of its hours, too, visits to a place keep their distance.
    gap = timedelta(seconds=night.least_gap_s)
    for from_at, until_at, opens_at, closes_at in (
        (night.starts_at, hot_from, night.starts_at, hot_from - gap),
        (hot_until, night.ends_at, hot_until + gap, night.ends_at),
    ):
        if closes_at - opens_at >= timedelta(seconds=cold.dwell_s):
            bound = within_hours(cold, night, opens_at, closes_at)
            yield replace(bound, from_at=from_at, until_at=until_at)


def _of_blind_spots(findings: Findings, params: DemandParams) -> Iterator[Wish]:
    longest = findings.blind_spots.head(params.blind_spots)
    for label, length_m, line in zip(
        longest.index, longest["length_m"], longest.geometry, strict=True
    ):
        weight = float(length_m) * params.blind_weight_per_m
        yield Wish("blind_spot", label, middle(line), weight, params.blind_dwell_s)


def _of_sos_points(findings: Findings, params: DemandParams) -> Iterator[Wish]:
    for label, point in findings.sos_points.geometry.items():
        yield Wish("sos_point", label, point, params.sos_weight, params.sos_dwell_s)


def _of_events(findings: Findings, night: Night) -> Iterator[Wish]:
    for event in findings.events:
        for spot in event.spots:
            wish = Wish(
                "event",
                event.id,
                spot.point,
                event.weight,
                event.dwell_s,
                name_th=spot.name_th,
                name_en=spot.name_en,
                needs_units=event.needs_units,
                skill=event.skill,
            )
            yield within_hours(wish, night, event.opens_at, event.closes_at)


def _of_requests(findings: Findings, night: Night, params: DemandParams) -> Iterator[Wish]:
    for request in findings.requests:
        for spot in request.spots if request.wish == "presence" else ():
            wish = Wish(
                "request",
                request.id,
                spot.point,
                params.request_weight,
                params.request_dwell_s,
                name_th=spot.name_th,
                name_en=spot.name_en,
                requested_by=request.id,
            )
            yield within_hours(wish, night, request.opens_at, request.closes_at)


def _kept_quiet(wish: Wish, requests: Sequence[CommunityRequest], night: Night) -> Wish:
    """Move what can wait out of the quiet hours of the street it is in."""
    asked = [
        request
        for request in requests
        if request.wish == "quiet"
        and wish.kind in _CAN_WAIT
        and request.opens_at < night.ends_at
        and night.starts_at < request.closes_at
        and request.area.distance(wish.geometry) <= _QUIET_M
    ]
    if not asked:
        return wish
    hours = [(request.opens_at, request.closes_at) for request in asked]
    return replace(outside_hours(wish, night, hours), requested_by=asked[0].id)


def _frame(wishes: Sequence[Wish], streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = [*Wish.__dataclass_fields__]
    records = [vars(wish) for wish in wishes]
    demand = gpd.GeoDataFrame(records, columns=columns, geometry="geometry", crs=streets.crs)
    for name in _INSTANTS:
        demand[name] = pd.to_datetime(demand[name], utc=True)
    demand["offered"] = demand["offered"].astype(bool) & demand["weight"].gt(0)
    return demand.astype({"weight": np.float64, "dwell_s": np.float64, "revisit_s": np.float64})
