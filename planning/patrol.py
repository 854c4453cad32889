"""Tonight's patrols: who stops where, when, and by which streets.

A stop of 10 to 16 minutes at a hotspot deters longest for the time it takes (Koper 1995, "Just
enough police presence", Justice Quarterly 12, 649-672), and a hotspot is worth coming back to at
hours nobody can foresee. Each point of demand is therefore due once in every `revisit_s`, from a
moment of its own drawn by the seed, and the tours of `planning.tours` collect what they can. In the
time that leaves them the units visit points again, between the visits made: first where a point
would wait longer than `revisit_s`, then wherever there is time. The more often a point is visited
already, the less its next visit counts, so that points nobody came to go first.
"""

import time
from collections.abc import Sequence

import geopandas as gpd

from geo.errors import ParameterError
from geo.zone import Zone
from planning._arguments import faults_of_seed
from planning._patrol_night import make_ready, plan_of, visits_due
from planning._patrol_rounds import plan_outings
from planning.patrol_params import PatrolParams
from planning.patrol_plan import Leg, PatrolPlan, PatrolStop, PatrolTour
from planning.patrol_rules import PatrolRules
from planning.units import Unit

__all__ = ["Leg", "PatrolParams", "PatrolPlan", "PatrolStop", "PatrolTour", "plan_patrol"]


def plan_patrol(
    zone: Zone,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    params: PatrolParams | None = None,
    rules: PatrolRules | None = None,
    seed: int,
) -> PatrolPlan:
    """Plan the tours of a night.

    Every unit begins and ends its shift at its posts and moves along the streets; who drives obeys
    one-way streets, who walks need not. Breaks are kept before anything else. The visits that are
    due come next; the time they leave goes to further visits of points whose last is `least_gap_s`
    ago. A visit that needs two units is an appointment, at an instant drawn by the seed. A unit
    that can be back in time from nowhere stays at its post, and the plan says so.

    Parameters
    ----------
    zone
        Zone whose streets the patrols use.
    units
        Units of the night, each with an id of its own.
    demand
        Points worth a visit, in the zone's CRS: name_th, name_en, weight (>= 0, the prize of one
        visit), dwell_s (> 0, how long to stay), reason_th, reason_en. Optional: opens_at and
        closes_at (first and last instant at which a visit may begin, timezone-aware; all night
        where missing), needs_units (1 or 2, who must come at one time), skill (what one of those
        who come must be able to do; none where empty), revisit_s (span in which the point is due
        once, > `least_gap_s`; infinite for once a night, that of `params` where missing).
    params
        Limits of the plan.
    rules
        Rules of the zone; none where none are given.
    seed
        Seed of the order, from 0 to 2**32 - 1: another night, another seed.

    Returns
    -------
    plan
        Tours with stops and times, and what could not be visited and why.

    Raises
    ------
    InfeasiblePlanError
        There is no unit, there are too many units or points, or breaks or rules cannot be kept; who
        and which are named.
    LayerError
        Points of demand or posts break the rules above, or units share an id; every fault is
        named.
    ParameterError
        The seed is out of range.
    """
    if faults := faults_of_seed(seed):
        raise ParameterError(faults[0])
    begun_s = time.perf_counter()
    night = make_ready(
        zone, units, demand, params=params or PatrolParams(), rules=rules or PatrolRules()
    )
    due = visits_due(night, seed=seed)
    spent_s = time.perf_counter() - begun_s
    return plan_of(night, due, plan_outings(night, due, seed=seed, spent_s=spent_s), seed=seed)
