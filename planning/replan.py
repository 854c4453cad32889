"""The rest of a night planned again after something has happened.

What is done stays done, and what is under way goes on: a stop begun is finished, and a unit in
mid-street continues from where it is. Only what the event breaks is mended, so that as little as
can be changes for those who walk: the tours that still run stay as they are, of a broken tour as
many stops as possible are kept at their times (`planning._replan_repair`), stops without a place
and new ones go where they cost least or take the place of one that counts half as much or less, and
only then is time that has become idle filled. So dispatchers re-optimise vehicle routes during the
day (Psaraftis, Wen and Kontovas 2016, "Dynamic vehicle routing problems", Networks 67, 3-31; Pillac
and others 2013, European Journal of Operational Research 225, 1-11).

Somebody in danger outweighs all of this: for an SOS the nearest unit leaves its stop at once, even
where it will then be late at its post; the plan says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import pandas as pd

from geo.errors import LayerError, ParameterError
from geo.zone import Zone
from planning._arguments import faults_of_seed
from planning._patrol_input import check_input
from planning._replan_events import (
    CameraDown,
    DemandChanged,
    Event,
    Incident,
    Sos,
    UnitIn,
    UnitOut,
    faults_of_events,
)
from planning._replan_nearest import nearest_units
from planning._replan_rest import mend_night
from planning._replan_result import changes_between
from planning.patrol_params import PatrolParams
from planning.patrol_plan import PatrolPlan
from planning.patrol_rules import PatrolRules
from planning.units import Unit

__all__ = [
    "CameraDown",
    "DemandChanged",
    "Event",
    "Incident",
    "Replan",
    "Sos",
    "UnitIn",
    "UnitOut",
    "nearest_units",
    "replan",
]


@dataclass(frozen=True, eq=False)
class Replan:
    """A night planned again.

    Attributes
    ----------
    plan
        The whole night: what is done, and what is to come. A stop that a unit left early to help
        is of the kind "interrupted" and counts as no visit.
    units
        The units as they are from now on: of one that goes off duty, when and where its shift
        ends.
    demand
        The points worth a visit, with those that the events brought; `at_once` tells where somebody
        was wanted at once.
    changed
        A row a stop that is other than planned: unit (whose it was, or now is), code (dropped,
        moved, later, earlier, interrupted, added), point (label), name_th, name_en, was_at, is_at,
        why_th, why_en. A stop that begins within five minutes of its time has not changed.
    broken
        What can no longer be kept: unit, code (late: it will not be back in time; break: it has no
        time for its break), seconds (of delay), text_th, text_en.
    answered
        Who goes where somebody is wanted at once: point (label), unit, arrives_at; a row without a
        unit where nobody can.
    """

    plan: PatrolPlan
    units: tuple[Unit, ...]
    demand: gpd.GeoDataFrame
    changed: pd.DataFrame
    broken: pd.DataFrame
    answered: pd.DataFrame

    @property
    def unserved(self) -> pd.DataFrame:
        """List the points that nobody visits all night.

        Returns
        -------
        unserved
            That of the plan.
        """
        return self.plan.unserved

    @property
    def changes(self) -> int:
        """Count the stops planned before that are other than planned.

        Returns
        -------
        changes
            Without stops that are new.
        """
        return int(self.changed["code"].ne("added").sum())


def replan(
    plan: PatrolPlan,
    zone: Zone,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    events: Sequence[Event],
    now: datetime,
    params: PatrolParams | None = None,
    rules: PatrolRules | None = None,
    seed: int,
) -> Replan:
    """Plan the rest of a night again; `Replan.plan` can be planned again in the same way.

    Parameters
    ----------
    plan
        Plan of the night.
    zone
        Its zone.
    units
        Units of the plan, in its order.
    demand
        Points that it was made for.
    events
        What has happened.
    now
        When, timezone-aware; before the night ends.
    params
        Limits of the plan; its own where none are given.
    rules
        Rules of the zone; none where none are given.
    seed
        Seed of the moments at which new points are due, from 0 to 2**32 - 1.

    Returns
    -------
    replan
        The night, and what is other than planned.

    Raises
    ------
    InfeasiblePlanError
        A unit that comes on duty cannot keep its own breaks or reach its end post, or nobody comes
        on duty any more.
    LayerError
        Events, units or points break their rules; every fault is named.
    ParameterError
        The seed is out of range, the night has ended, or units or demand are not the plan's.
    """
    params, rules = params or plan.params, rules or PatrolRules()
    _check(plan, units, demand, now, seed)
    faults = faults_of_events(
        events, units, now=now, streets=zone.streets, snap_limit_m=params.snap_limit_m
    )
    for event in events:
        if isinstance(event, DemandChanged):
            try:
                check_input(zone, units, event.demand, least_gap_s=params.least_gap_s)
            except LayerError as error:
                faults += error.faults
    if faults:
        raise LayerError(faults)
    rest = mend_night(
        plan, zone, units, demand, events=events, now=now, params=params, rules=rules, seed=seed
    )
    return Replan(
        plan=rest.plan,
        units=tuple(tour.unit for tour in rest.plan.tours),
        demand=rest.demand,
        changed=changes_between(plan.tours, rest.plan.tours, now),
        broken=rest.broken,
        answered=rest.answered,
    )


def _check(
    plan: PatrolPlan, units: Sequence[Unit], demand: gpd.GeoDataFrame, now: datetime, seed: int
) -> None:
    faults = faults_of_seed(seed)
    if [tour.unit for tour in plan.tours] != list(units):
        faults.append("Expected `units` to be those of the plan in its order.")
    stops = (stop for tour in plan.tours for stop in tour.stops if stop.kind == "visit")
    missing = sorted({str(stop.point) for stop in stops if stop.point not in demand.index})
    if missing:
        faults.append(
            f"Expected `demand` to be that of the plan, got none of its {', '.join(missing[:5])}."
        )
    if now.tzinfo is None:
        faults.append(f"Expected `now` with a timezone, got {now}.")
    elif not units or now >= max(unit.ends_at for unit in units):
        faults.append(f"Expected `now` before the night ends, got {now}.")
    if faults:
        raise ParameterError("\n".join(faults))
