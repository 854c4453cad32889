"""Tonight's patrols: who stops where, when, and by which streets.

A stop of 10 to 16 minutes at a hotspot deters longest for the time it takes (Koper 1995, "Just
enough police presence", Justice Quarterly 12, 649-672), and a hotspot is worth coming back to at
hours nobody can foresee. Each point of demand is therefore due once in every `revisit_s`, from a
moment of its own drawn by the seed, and the tours of `planning.tours` collect what they can. In the
time that leaves them the units visit points again, between the visits made: the more often a point
is visited already, the less its next visit counts, so that points nobody came to go first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely import LineString, Point

from geo.errors import InfeasiblePlanError, ParameterError
from geo.zone import Zone
from planning._arguments import faults_of_seed, is_finite, is_whole
from planning._patrol_input import check_input
from planning._patrol_problem import Shift, can_do_anything, find_ways, offer_visits
from planning._patrol_rounds import Night, Outing
from planning.tours import Schedule
from planning.units import Unit

# Why a unit stays: in Thai and in English.
_NO_TIME = (
    "อยู่ประจำจุด: เวลาไม่พอไปถึงจุดใดและกลับ",
    "Stays at its post: no time to reach any stop and be back",
)
_IN_RESERVE = (
    "อยู่ประจำจุดเป็นกำลังสำรอง: หน่วยอื่นดูแลทุกจุดแล้ว",
    "Stays at its post in reserve: the other units do what can be done",
)


@dataclass(frozen=True)
class PatrolParams:
    """Rules of a patrol plan.

    Attributes
    ----------
    revisit_s
        Each point is due once in every span of this length, > 0.
    least_gap_s
        Shortest time between the beginnings of two visits to a point, >= 0 and < `revisit_s`.
    snap_limit_m
        Farthest that posts and points may lie from a street, > 0.
    time_limit_s
        Seconds after which the search for tours stops in any case, > 0.
    iterations
        Iterations after which the search for the visits due stops, >= 1; each of the two searches
        for further ones takes half as many.
    """

    revisit_s: float = 7200.0
    least_gap_s: float = 1800.0
    snap_limit_m: float = 150.0
    time_limit_s: float = 15.0
    iterations: int = 600

    def __post_init__(self) -> None:
        faults = [
            f"Expected finite `{name}` > 0, got {getattr(self, name)}."
            for name in ("revisit_s", "snap_limit_m", "time_limit_s")
            if not (is_finite(getattr(self, name)) and getattr(self, name) > 0)
        ]
        comparable = is_finite(self.least_gap_s) and is_finite(self.revisit_s)
        if not (comparable and 0 <= self.least_gap_s < self.revisit_s):
            faults.append(
                f"Expected 0 <= `least_gap_s` < `revisit_s`, got {self.least_gap_s} and "
                f"{self.revisit_s}."
            )
        if not is_whole(self.iterations, least=1):
            faults.append(f"Expected whole `iterations` >= 1, got {self.iterations}.")
        if faults:
            raise ParameterError("\n".join(faults))


@dataclass(frozen=True)
class PatrolStop:
    """One stop of a tour.

    Attributes
    ----------
    point
        Label of the point in the demand.
    name_th
        Name in Thai.
    name_en
        Name in English.
    reason_th
        Why to stop here, in Thai.
    reason_en
        Why to stop here, in English.
    arrives_at
        When the stop begins, UTC.
    leaves_at
        When it ends, UTC.
    geometry
        The point, in the zone's CRS.
    """

    point: object
    name_th: str
    name_en: str
    reason_th: str
    reason_en: str
    arrives_at: datetime
    leaves_at: datetime
    geometry: Point


@dataclass(frozen=True)
class PatrolTour:
    """What one unit does in a night.

    Attributes
    ----------
    unit
        The unit.
    stops
        Its stops in order; none where it stays at its post.
    starts_at
        When it leaves its post, UTC.
    ends_at
        When it is back, UTC.
    route
        Its way along the streets; none where it stays at its post.
    note_th
        Why it stays at its post, in Thai; empty where it does not.
    note_en
        The same in English.
    """

    unit: Unit
    stops: tuple[PatrolStop, ...]
    starts_at: datetime
    ends_at: datetime
    route: LineString | None
    note_th: str
    note_en: str


@dataclass(frozen=True)
class PatrolPlan:
    """The tours of a night.

    Attributes
    ----------
    tours
        One a unit, in the order of the units.
    unserved
        Points of demand that nobody visits: name_th, name_en, weight.
    prize
        Sum of the weights of all visits.
    share_served
        Share of the weight of all visits due that is made, from 0 to 1.
    crs
        CRS of stops and routes.
    """

    tours: tuple[PatrolTour, ...]
    unserved: pd.DataFrame
    prize: float
    share_served: float
    crs: CRS

    def tours_layer(self) -> gpd.GeoDataFrame:
        """
        Return the tours as a layer.

        Returns
        -------
        tours
            LineStrings: unit, name_th, name_en, starts_at, ends_at, length_m, stops (their number),
            synthetic. Units that stay at their posts are left out.
        """
        rows = [
            {
                "unit": tour.unit.id,
                "name_th": tour.unit.name_th,
                "name_en": tour.unit.name_en,
                "starts_at": pd.Timestamp(tour.starts_at),
                "ends_at": pd.Timestamp(tour.ends_at),
                "length_m": tour.route.length,
                "stops": len(tour.stops),
                "synthetic": tour.unit.synthetic,
                "geometry": tour.route,
            }
            for tour in self.tours
            if tour.route is not None
        ]
        columns = ["unit", "name_th", "name_en", "starts_at", "ends_at", "length_m", "stops"]
        return _layer(rows, [*columns, "synthetic"], self.crs)

    def stops_layer(self) -> gpd.GeoDataFrame:
        """
        Return the stops as a layer.

        Returns
        -------
        stops
            Points: unit, order (from 1 in each tour), name_th, name_en, arrives_at, leaves_at,
            reason_th, reason_en, synthetic.
        """
        rows = [
            {
                "unit": tour.unit.id,
                "order": order,
                "name_th": stop.name_th,
                "name_en": stop.name_en,
                "arrives_at": pd.Timestamp(stop.arrives_at),
                "leaves_at": pd.Timestamp(stop.leaves_at),
                "reason_th": stop.reason_th,
                "reason_en": stop.reason_en,
                "synthetic": tour.unit.synthetic,
                "geometry": stop.geometry,
            }
            for tour in self.tours
            for order, stop in enumerate(tour.stops, 1)
        ]
        columns = ["unit", "order", "name_th", "name_en", "arrives_at", "leaves_at"]
        return _layer(rows, [*columns, "reason_th", "reason_en", "synthetic"], self.crs)


def plan_patrol(
    zone: Zone,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    params: PatrolParams | None = None,
    seed: int,
) -> PatrolPlan:
    """
    Plan the tours of a night.

    Every unit begins and ends its shift at its post and moves along the streets; who drives obeys
    one-way streets, who walks need not. The visits that are due come first; the time they leave
    goes to further visits of points whose last is `least_gap_s` ago. A unit that can be back in
    time from nowhere stays at its post, and the plan says so.

    Parameters
    ----------
    zone
        Zone whose streets the patrols use.
    units
        Units of the night, each with an id of its own.
    demand
        Points worth a visit, in the zone's CRS: name_th, name_en, weight (>= 0, the prize of one
        visit), dwell_s (> 0, how long to stay), reason_th, reason_en.
    params
        Rules of the plan.
    seed
        Seed of the order, from 0 to 2**32 - 1: another night, another seed.

    Returns
    -------
    plan
        Tours with stops and times, and what could not be visited.

    Raises
    ------
    InfeasiblePlanError
        There is no unit.
    LayerError
        Points of demand or posts break the rules above, or units share an id; every fault is
        named.
    ParameterError
        The seed is out of range.
    """
    params = params or PatrolParams()
    if faults := faults_of_seed(seed):
        raise ParameterError(faults[0])
    if not units:
        raise InfeasiblePlanError("Expected at least one unit to patrol, got none.")
    check_input(zone, units, demand)
    ways = find_ways(zone.streets, units, demand, snap_limit_m=params.snap_limit_m)
    origin = min(unit.starts_at for unit in units)
    shifts = [
        Shift(
            number,
            (unit.starts_at - origin).total_seconds(),
            (unit.ends_at - origin).total_seconds(),
        )
        for number, unit in enumerate(units)
    ]
    due = offer_visits(
        len(demand),
        span_s=max(shift.latest_s for shift in shifts),
        revisit_s=params.revisit_s,
        least_gap_s=params.least_gap_s,
        rng=np.random.default_rng(seed),
    )
    due["weight"] = demand["weight"].to_numpy(np.float64)[due["point"]]
    night = Night(
        ways=ways,
        units=units,
        demand=demand,
        shifts=shifts,
        revisit_s=params.revisit_s,
        least_gap_s=params.least_gap_s,
        time_limit_s=params.time_limit_s,
        iterations=params.iterations,
        seed=seed,
    )
    outings = night.outings(due)
    return PatrolPlan(
        tours=_tours(night, due, outings, origin),
        unserved=_unserved(demand, outings),
        prize=_weight_of_visits(demand, outings),
        share_served=_share_served(due, outings),
        crs=zone.crs,
    )


def _tours(
    night: Night, due: pd.DataFrame, outings: Sequence[Outing], origin: datetime
) -> tuple[PatrolTour, ...]:
    problem = night.problem(due, night.shifts)
    tours = []
    for number, (unit, outing) in enumerate(zip(night.units, outings, strict=True)):
        route, note = None, ("", "")
        if outing.points:
            stops = [len(night.units) + point for point in outing.points]
            route = night.ways.route(unit, [number, *stops, number])
        else:
            note = _IN_RESERVE if can_do_anything(problem, number) else _NO_TIME
        tours.append(
            PatrolTour(
                unit=unit,
                stops=_stops(night.demand.iloc[list(outing.points)], outing.times, origin),
                starts_at=origin + timedelta(seconds=outing.times.leaves_s),
                ends_at=origin + timedelta(seconds=outing.times.returns_s),
                route=route,
                note_th=note[0],
                note_en=note[1],
            )
        )
    return tuple(tours)


def _unserved(demand: gpd.GeoDataFrame, outings: Sequence[Outing]) -> pd.DataFrame:
    unseen = np.ones(len(demand), dtype=bool)
    for outing in outings:
        unseen[list(outing.points)] = False
    return pd.DataFrame(demand.loc[unseen, ["name_th", "name_en", "weight"]])


def _weight_of_visits(demand: gpd.GeoDataFrame, outings: Sequence[Outing]) -> float:
    weight = demand["weight"].to_numpy(np.float64)
    return float(sum(weight[list(outing.points)].sum() for outing in outings))


def _share_served(due: pd.DataFrame, outings: Sequence[Outing]) -> float:
    """Return the share of weight of the windows due in which somebody comes."""
    offered = float(due["weight"].sum())
    if offered <= 0:
        return 1.0
    made = np.zeros(len(due), dtype=bool)
    for outing in outings:
        for point, begin_s in zip(outing.points, outing.times.begins_s, strict=True):
            inside = due["earliest_s"].le(begin_s + 1e-6) & due["latest_s"].ge(begin_s - 1e-6)
            made |= (inside & due["point"].eq(point)).to_numpy()
    return float(due["weight"][made].sum()) / offered


def _stops(points: gpd.GeoDataFrame, times: Schedule, origin: datetime) -> tuple[PatrolStop, ...]:
    begins = [origin + timedelta(seconds=begin_s) for begin_s in times.begins_s]
    dwell_s = points["dwell_s"].astype(float)
    return tuple(
        PatrolStop(
            point=label,
            name_th=row["name_th"],
            name_en=row["name_en"],
            reason_th=row["reason_th"],
            reason_en=row["reason_en"],
            arrives_at=begin,
            leaves_at=begin + timedelta(seconds=dwell),
            geometry=row[points.geometry.name],
        )
        for (label, row), begin, dwell in zip(points.iterrows(), begins, dwell_s, strict=True)
    )


def _layer(rows: list[dict[str, object]], columns: list[str], crs: CRS) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], geometry="geometry", crs=crs)
