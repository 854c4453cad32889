"""A night made ready for planning, and a plan made of its outings."""

from collections.abc import Sequence
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InfeasiblePlanError
from geo.zone import Zone
from planning._patrol_input import check_input
from planning._patrol_points import ANYBODY, night_points
from planning._patrol_problem import Night
from planning._patrol_rounds import Outing, stops_made
from planning._patrol_teams import Segment, form_segments
from planning._patrol_tours import patrol_tours
from planning._patrol_unserved import unserved_points
from planning._patrol_ways import end_rows, find_ways
from planning._patrol_windows import offer_visits, times_due, worth_of_visits
from planning.patrol_params import PatrolParams
from planning.patrol_plan import PatrolPlan, Team
from planning.patrol_rules import PatrolRules, skills_near
from planning.units import Unit

# Beyond these the travel times of all pairs of places no longer fit into memory.
_MOST = {"units": 2000, "points of demand": 4000}
_ROUNDING_S = 1e-6


def make_ready(
    zone: Zone,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    params: PatrolParams,
    rules: PatrolRules,
) -> Night:
    """Check what a night is planned from, and bring it onto the streets.

    Parameters
    ----------
    zone
        Zone of the patrols.
    units
        Units of the night.
    demand
        Points worth a visit.
    params
        Limits of the plan.
    rules
        Rules of the zone.

    Returns
    -------
    night
        Who is out, what there is to stop for, and the ways between.

    Raises
    ------
    InfeasiblePlanError
        There is no unit, there are too many units or points, or no plan keeps the rules.
    LayerError
        Points of demand or units break their rules; every fault is named.
    """
    _check_size(units, demand)
    check_input(zone, units, demand, least_gap_s=params.least_gap_s)
    ways = find_ways(
        zone.streets,
        units,
        demand,
        snap_limit_m=params.snap_limit_m,
        forbidden=zone.forbidden_turns,
    )
    origin = min(unit.starts_at for unit in units)
    teams = form_segments(units, rules, ways, origin, ends=end_rows(units, demand))
    return Night(
        ways=ways,
        units=tuple(units),
        demand=demand,
        points=night_points(
            with_skills(zone, teams.units, demand, rules),
            teams,
            ways,
            origin=origin,
            revisit_s=params.revisit_s,
        ),
        segments=tuple(teams.segments),
        stays=tuple(teams.stays),
        origin=origin,
        span_s=(max(unit.ends_at for unit in units) - origin).total_seconds(),
        params=params,
    )


def _check_size(units: Sequence[Unit], demand: gpd.GeoDataFrame) -> None:
    """Refuse a night of nobody, and one too large for one plan."""
    if not units:
        raise InfeasiblePlanError("Expected at least one unit to patrol, got none.")
    too_many = [
        f"Expected at most {_MOST[name]} {name} in one plan, got {count}: share them out among "
        "several."
        for name, count in (("units", len(units)), ("points of demand", len(demand)))
        if count > _MOST[name]
    ]
    if too_many:
        raise InfeasiblePlanError("\n".join(too_many))


def with_skills(
    zone: Zone, units: Sequence[Unit], demand: gpd.GeoDataFrame, rules: PatrolRules
) -> gpd.GeoDataFrame:
    """Add what the rules ask for where a point asks for nothing itself, if anybody has it.

    Parameters
    ----------
    zone
        Zone of the patrols.
    units
        Units of the night.
    demand
        Points worth a visit.
    rules
        Rules of the zone.

    Returns
    -------
    demand
        The points with what each asks for in `skill`.
    """
    if not rules.skills:
        return demand
    asked = skills_near(rules, demand.geometry, zone.places)
    known = frozenset[str]().union(*(unit.skills for unit in units))
    wanted = asked.where(asked.isin(known), "")
    own = demand["skill"] if "skill" in demand else pd.Series("", index=demand.index)
    return demand.assign(skill=own.where(own.ne(""), wanted))


def visits_due(night: Night, *, seed: int) -> pd.DataFrame:
    """Return the visits that are due in a night, from moments drawn by the seed.

    Parameters
    ----------
    night
        What there is to stop for.
    seed
        Seed of the moments.

    Returns
    -------
    visits
        A row a visit: point, earliest_s, latest_s, weight.
    """
    return offer_visits(
        night.points[night.points["segment"] == ANYBODY],
        span_s=night.span_s,
        least_gap_s=night.params.least_gap_s,
        rng=np.random.default_rng(seed),
    )


def plan_of(night: Night, due: pd.DataFrame, outings: Sequence[Outing], *, seed: int) -> PatrolPlan:
    """Return the plan that outings make.

    Parameters
    ----------
    night
        Who is out, what there is to stop for, and the ways between.
    due
        Visits that were due, at the weights that count.
    outings
        One a segment.
    seed
        Seed that they were made from.

    Returns
    -------
    plan
        Tours, what they are worth, and what is left unserved.
    """
    return PatrolPlan(
        tours=patrol_tours(night, outings),
        unserved=unserved_points(night, outings),
        value=value_of(night, outings),
        share_served=share_served(night, due, outings),
        crs=night.demand.crs,
        params=night.params,
        seed=seed,
        teams=tuple(_team(night, segment) for segment in night.segments),
    )


def _team(night: Night, segment: Segment) -> Team:
    ends = [unit.end_post for unit in night.units if unit.end_post is not None]
    # The end posts are the last of the places.
    start, end = (
        night.units[row].post if row < len(night.units) else ends[row - len(night.ways.places)]
        for row in (segment.start, segment.end)
    )
    starts_at, ends_at = (
        night.origin + timedelta(seconds=seconds)
        for seconds in (segment.earliest_s, segment.latest_s)
    )
    return Team(tuple(night.units[one].id for one in segment.units), start, end, starts_at, ends_at)


def value_of(night: Night, outings: Sequence[Outing]) -> float:
    """Return what the visits of outings are worth.

    Parameters
    ----------
    night
        What there is to stop for.
    outings
        The outings, whoever makes them.

    Returns
    -------
    value
        `PatrolPlan.value`.
    """
    stops = stops_made(night, outings).groupby("point")["begins_s"]
    # Units that come together make one visit.
    count = stops.apply(lambda begins: begins.round(3).nunique())
    made = count.reindex(range(len(night.points)), fill_value=0).to_numpy(dtype=np.intp)
    due = times_due(night.points, span_s=night.span_s)
    return worth_of_visits(night.points["weight"].to_numpy(np.float64), due, made)


def share_served(night: Night, due: pd.DataFrame, outings: Sequence[Outing]) -> float:
    """Return the share of weight of the windows due in which somebody comes.

    Parameters
    ----------
    night
        What there is to stop for.
    due
        Visits that were due.
    outings
        The outings, whoever makes them.

    Returns
    -------
    share
        From 0 to 1; 1 where nothing was due.
    """
    offered = float(due["weight"].sum())
    if offered <= 0:
        return 1.0
    made = stops_made(night, outings)[["point", "begins_s"]]
    served = due.reset_index(names="visit").merge(made, on="point")
    inside = served["begins_s"].between(
        served["earliest_s"] - _ROUNDING_S, served["latest_s"] + _ROUNDING_S
    )
    return float(due["weight"][served["visit"][inside].unique()].sum()) / offered
