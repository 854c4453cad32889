"""A night's patrol plan: who stops where, when, and moves by which streets."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from shapely import LineString, Point

from geo.errors import ParameterError
from planning._street_passage import passed_shares, stopped_on
from planning.patrol_params import PatrolParams
from planning.units import Unit

# Share of a street's length that rounding may take.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class PatrolStop:
    """One stop of a tour.

    Attributes
    ----------
    point
        Label of the point in the demand; none where the stop is no visit.
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
    kind
        What it is for: visit, break, or meeting, where units that go on together come together.
    with_units
        Ids of the other units that are there on purpose.
    """

    point: object
    name_th: str
    name_en: str
    reason_th: str
    reason_en: str
    arrives_at: datetime
    leaves_at: datetime
    geometry: Point
    kind: str = "visit"
    with_units: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leg:
    """One movement of a tour.

    Attributes
    ----------
    leaves_at
        When it begins, UTC.
    arrives_at
        When it ends, UTC; the stop it leads to may begin later.
    line
        Its way along the streets, in the zone's CRS.
    """

    leaves_at: datetime
    arrives_at: datetime
    line: LineString


@dataclass(frozen=True)
class PatrolTour:
    """What one unit does in a night.

    Attributes
    ----------
    unit
        The unit.
    stops
        Its stops in order; none where it stays at its post.
    legs
        Its movements in order.
    starts_at
        When it leaves its post, UTC.
    ends_at
        When it is back, UTC.
    route
        Its way along the streets; none where it stays at its post without a stop.
    note_th
        Why it stays at its post, all night or for some of it, or visits nothing on its way, in
        Thai; empty where neither is so.
    note_en
        The same in English.
    """

    unit: Unit
    stops: tuple[PatrolStop, ...]
    legs: tuple[Leg, ...]
    starts_at: datetime
    ends_at: datetime
    route: LineString | None
    note_th: str
    note_en: str

    def position_at(self, instant: datetime) -> Point:
        """Return where the unit is.

        Between two places it moves along its way at one pace; before it first moves it is where
        that way begins, after it last moved where it ends.

        Parameters
        ----------
        instant
            When, timezone-aware.

        Returns
        -------
        place
            A point on the streets, in the zone's CRS; the post itself where it never moves.
        """
        if not self.legs:
            return self.unit.post
        after = bisect_right(self.legs, instant, key=lambda leg: leg.leaves_at)
        leg = self.legs[max(after - 1, 0)]
        gone = (instant - leg.leaves_at) / (leg.arrives_at - leg.leaves_at)
        return leg.line.interpolate(min(max(gone, 0.0), 1.0), normalized=True)

    def is_free_at(self, instant: datetime) -> bool:
        """Tell whether the unit can be called: it is on duty and not on a break.

        Parameters
        ----------
        instant
            When, timezone-aware.

        Returns
        -------
        free
            Whether it can.
        """
        on_duty = self.unit.starts_at <= instant < self.unit.ends_at
        return on_duty and not any(
            stop.kind == "break" and stop.arrives_at <= instant < stop.leaves_at
            for stop in self.stops
        )


@dataclass(frozen=True)
class Team:
    """Some time in which units move together, or one by itself.

    Attributes
    ----------
    units
        Ids of the units, the leader first.
    start
        Where they leave from.
    end
        Where they come back to.
    starts_at
        When they may leave, UTC.
    ends_at
        When they must be back, UTC.
    """

    units: tuple[str, ...]
    start: Point
    end: Point
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class PatrolPlan:
    """The tours of a night.

    Attributes
    ----------
    tours
        One a unit, in the order of the units.
    unserved
        Points of demand that nobody visits, labelled as in the demand: name_th, name_en, weight,
        code (why: no_skill, unreachable, outside_shifts, too_late, too_few_units or no_time),
        reason_th and reason_en.
    value
        What the visits are worth: each counts the weight of its point as often as the point is due
        in the night; the k-th visit beyond that counts a k-th of it.
    share_served
        Share of the weight of all visits due that is made, from 0 to 1.
    crs
        CRS of stops and routes.
    params
        Limits that it keeps.
    seed
        Seed that it was made from.
    teams
        Who moves with whom, and when.
    """

    tours: tuple[PatrolTour, ...]
    unserved: pd.DataFrame
    value: float
    share_served: float
    crs: CRS
    params: PatrolParams
    seed: int
    teams: tuple[Team, ...] = ()

    def streets_covered(
        self, streets: gpd.GeoDataFrame, *, least_share: float = 0.5
    ) -> "pd.Series[bool]":
        """Tell the streets where somebody is seen: passed for most of their length, or stopped on.

        Parameters
        ----------
        streets
            Streets in the CRS of the plan.
        least_share
            Share of a street's length that tours must pass together for it to count, in (0, 1].

        Returns
        -------
        covered
            A flag a street, labelled as the streets are.

        Raises
        ------
        ParameterError
            `least_share` is out of range.
        """
        if not 0 < least_share <= 1:
            raise ParameterError(f"Expected `least_share` in (0, 1], got {least_share}.")
        lines = [leg.line for tour in self.tours for leg in tour.legs]
        places = [
            tour.position_at(stop.arrives_at)
            for tour in self.tours
            for stop in tour.stops
            if stop.kind == "visit"
        ]
        covered = passed_shares(streets.geometry, lines) >= least_share - _ROUNDING
        covered |= stopped_on(streets.geometry, places)
        return pd.Series(covered, index=streets.index, name="covered")

    def tours_layer(self) -> gpd.GeoDataFrame:
        """Return the tours as a layer.

        Returns
        -------
        tours
            LineStrings: unit, name_th, name_en, starts_at, ends_at, length_m, stops (their number),
            synthetic. Units that stay at their posts without a stop are left out.
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
        """Return the stops as a layer.

        Returns
        -------
        stops
            Points: unit, order (from 1 in each tour), kind, with_units (ids, with commas), name_th,
            name_en, arrives_at, leaves_at, reason_th, reason_en, synthetic.
        """
        rows = [
            {
                "unit": tour.unit.id,
                "order": order,
                "kind": stop.kind,
                "with_units": ", ".join(stop.with_units),
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
        columns = ["unit", "order", "kind", "with_units", "name_th", "name_en", "arrives_at"]
        columns += ["leaves_at", "reason_th", "reason_en", "synthetic"]
        return _layer(rows, columns, self.crs)


def _layer(rows: list[dict[str, object]], columns: list[str], crs: CRS) -> gpd.GeoDataFrame:
    layer = gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], geometry="geometry", crs=crs)
    # Without a row there is nothing to tell the types of columns by.
    instants = [name for name in columns if name.endswith("_at")]
    return layer.assign(**{name: pd.to_datetime(layer[name], utc=True) for name in instants})
