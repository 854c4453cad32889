"""A night's patrol as a tour problem: visits with windows, and travel times along streets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import LineString, Point

from geo.errors import Fault, LayerError
from geo.street_graph import StreetGraph
from planning.tours import TourProblem, Vehicle, schedule_tour
from planning.units import Unit

Floats = NDArray[np.float64]


class Shift(NamedTuple):
    """Some time in which a unit is free.

    Attributes
    ----------
    unit
        Number of the unit.
    earliest_s
        When it may leave its post, in seconds from the night's beginning.
    latest_s
        When it must be back.
    """

    unit: int
    earliest_s: float
    latest_s: float


@dataclass(frozen=True)
class Ways:
    """Posts and points of demand on the streets, and the ways between them.

    Attributes
    ----------
    graph
        The streets.
    places
        Places on the streets: the posts of the units, the points of demand, the places of all
        breaks in the order of the units, and the end posts of units that have one.
    """

    graph: StreetGraph
    places: pd.DataFrame

    def travel_s(self, unit: Unit) -> Floats:
        """Return travel times between all places for a unit, shape (places, places).

        Parameters
        ----------
        unit
            Who moves.

        Returns
        -------
        time_s
            Seconds, infinite where there is no way.
        """
        return self.graph.travel_times(
            self.places, self.places, speed_mps=unit.speed_mps, respect_oneway=not unit.on_foot
        )

    def route(self, unit: Unit, places: Sequence[int]) -> LineString:
        """Return the way of a unit along the given places in turn.

        Parameters
        ----------
        unit
            Who moves.
        places
            Rows of `places`, at least two.

        Returns
        -------
        way
            Line along the streets.
        """
        xy = [
            np.asarray(
                self.graph.route(
                    self.places.iloc[here],
                    self.places.iloc[there],
                    respect_oneway=not unit.on_foot,
                ).coords
            )
            for here, there in pairwise(places)
        ]
        line = np.vstack(xy)
        moves = np.append(True, (np.diff(line, axis=0) != 0).any(axis=1))
        return LineString(line[moves] if moves.sum() > 1 else line[:2])


def find_ways(
    streets: gpd.GeoDataFrame,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    snap_limit_m: float,
) -> Ways:
    """Snap posts and points of demand to the streets; too far from any is a fault.

    Parameters
    ----------
    streets
        Streets of the zone.
    units
        Units with their posts.
    demand
        Points of demand.
    snap_limit_m
        Farthest that any of them may lie from a street.

    Returns
    -------
    ways
        Places of all posts, points and breaks, and the ways between them.
    """
    graph = StreetGraph.from_streets(streets)
    sites = list(_sites(units, demand))
    places = graph.snap(gpd.GeoSeries([site.place for site in sites], crs=streets.crs))
    faults = [
        Fault(
            site.source,
            f"a street within {snap_limit_m:g} m",
            f"the nearest at {distance_m:.0f} m",
            row=site.row,
            field=site.field,
        )
        for site, distance_m in zip(sites, places["distance_m"], strict=True)
        if distance_m > snap_limit_m
    ]
    if faults:
        raise LayerError(faults)
    return Ways(graph, places)


class _Site(NamedTuple):
    place: Point
    source: str
    row: int
    field: str


def _sites(units: Sequence[Unit], demand: gpd.GeoDataFrame) -> Iterator[_Site]:
    """Name every place of a night, in the order of `Ways.places`."""
    for row, unit in enumerate(units, 1):
        yield _Site(unit.post, "units", row, "geometry")
    for row, place in enumerate(demand.geometry, 1):
        yield _Site(place, "demand", row, "geometry")
    for row, unit in enumerate(units, 1):
        for pause in unit.breaks:
            yield _Site(pause.at or unit.post, "units", row, "breaks")
    for row, unit in enumerate(units, 1):
        if unit.end_post is not None:
            yield _Site(unit.end_post, "units", row, "end_post")


def offer_visits(
    count: int, *, span_s: float, revisit_s: float, least_gap_s: float, rng: np.random.Generator
) -> pd.DataFrame:
    """
    Offer each point once in every `revisit_s`, from a moment of its own.

    Parameters
    ----------
    count
        Number of points.
    span_s
        Length of the night.
    revisit_s
        Length of the spans.
    least_gap_s
        How long each span stays closed at its end, so that visits keep their distance.
    rng
        Source of the moments.

    Returns
    -------
    visits
        A row a visit: `point`, `earliest_s` and `latest_s` of its beginning, from the night's
        beginning. What is cut short by the night's ends to less than half its length is left out,
        unless it is the point's only one.
    """
    open_s = revisit_s - least_gap_s
    # The first span is open from the beginning, so that a short shift finds something to do.
    first_s = -rng.random(count) * open_s / 2
    rows = []
    for point, begin_s in enumerate(first_s.tolist()):
        starts = begin_s + revisit_s * np.arange(int(np.ceil(span_s / revisit_s)) + 1)
        early, late = np.clip(starts, 0, span_s), np.clip(starts + open_s, 0, span_s)
        kept = late - early >= min(open_s, span_s) / 2
        kept[np.argmax(late - early)] = True
        rows += [(point, *window) for window in zip(early[kept], late[kept], strict=True)]
    return pd.DataFrame(rows, columns=["point", "earliest_s", "latest_s"])


def tour_problem(
    ways: Ways,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    visits: pd.DataFrame,
    shifts: Sequence[Shift],
) -> TourProblem:
    """Return the tour problem whose locations are the units' posts and then the visits.

    Parameters
    ----------
    ways
        Places and ways.
    units
        Units of the night.
    demand
        Points with dwell_s.
    visits
        Visits offered: point, earliest_s, latest_s and what each counts, weight.
    shifts
        Who is free, and when.

    Returns
    -------
    problem
        Locations, prizes and a vehicle a shift.
    """
    point = visits["point"].to_numpy(dtype=np.intp)
    place = np.concatenate([np.arange(len(units)), len(units) + point])
    paces = list(dict.fromkeys((unit.speed_mps, unit.on_foot) for unit in units))
    sample = {(unit.speed_mps, unit.on_foot): unit for unit in units}
    travel = [ways.travel_s(sample[pace])[np.ix_(place, place)] for pace in paces]
    none = np.zeros(len(units))
    dwell_s = demand["dwell_s"].to_numpy(np.float64)[point]
    return TourProblem(
        travel_s=np.stack(travel),
        prize=np.concatenate([none, visits["weight"].to_numpy(np.float64)]),
        service_s=np.concatenate([none, dwell_s]),
        earliest_s=np.concatenate([none, visits["earliest_s"].to_numpy(np.float64)]),
        latest_s=np.concatenate([none, visits["latest_s"].to_numpy(np.float64)]),
        vehicles=[
            Vehicle(
                start=shift.unit,
                end=shift.unit,
                earliest_s=shift.earliest_s,
                latest_s=shift.latest_s,
                max_duration_s=shift.latest_s - shift.earliest_s,
                profile=paces.index((units[shift.unit].speed_mps, units[shift.unit].on_foot)),
            )
            for shift in shifts
        ],
    )


def can_do_anything(problem: TourProblem, number: int) -> bool:
    """Tell whether a vehicle could make any single visit and be back within its shift.

    Parameters
    ----------
    problem
        The tour problem of the night.
    number
        Which vehicle.

    Returns
    -------
    able
        Whether there is such a visit.
    """
    return any(
        schedule_tour(problem, problem.vehicles[number], [stop])
        for stop in np.flatnonzero(problem.prize > 0).tolist()
    )
