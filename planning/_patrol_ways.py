"""The places of a night on the streets, and the ways between them for whoever moves.

A place lies where it is nearest to a street that the mode may use, so the same post can be one
place on foot and another by car. What lies too far from any such street is out of reach by that
mode; ways then take forever, and a plan names what nobody reaches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import LineString, Point

from geo.errors import Fault, LayerError, NotFoundError
from geo.turn_graph import TurnGraph
from geo.turn_ways import TurnWays
from geo.turns import check_forbidden_turns
from planning.travel_modes import TRAVEL_MODES
from planning.units import Unit

Floats = NDArray[np.float64]
Pace = tuple[str, float]


@dataclass(frozen=True, eq=False)
class Ways:
    """Places of a night, and the ways between them.

    Attributes
    ----------
    places
        Points in the streets' CRS, in the order of `find_ways`.
    streets
        All streets of the zone.
    snap_limit_m
        Farthest that a place may lie from a street that a mode may use, to be in its reach.
    forbidden
        Turns forbidden to vehicles; none where it is not known that any is.
    """

    places: gpd.GeoSeries
    streets: gpd.GeoDataFrame
    snap_limit_m: float
    forbidden: pd.DataFrame | None = None
    _travels: dict[Pace, "_Travel"] = field(default_factory=dict, init=False, repr=False)

    def travel_s(self, unit: Unit) -> Floats:
        """Return travel times between all places for a unit, shape (places, places).

        Parameters
        ----------
        unit
            Who moves: its mode and speed count.

        Returns
        -------
        time_s
            Seconds, infinite where there is no way. The array is shared: it cannot be written to.
        """
        return self._travel(unit).time_s

    def passes(self, unit: Unit, rows: Sequence[int]) -> pd.DataFrame:
        """Return the pieces of street that a unit passes along the given places in turn.

        Parameters
        ----------
        unit
            Who moves.
        rows
            Rows of `places`.

        Returns
        -------
        passes
            In the order of the way: `way` (the number of the leg, from 0), `street` (label),
            `from_m` and `to_m` from the start of the street.
        """
        travel = self._travel(unit)
        here, there, time_s = travel.legs(rows)
        return travel.ways.passes(here, there, within_s=time_s)

    def legs(self, unit: Unit, rows: Sequence[int]) -> list[LineString]:
        """Return the lines of a unit's ways along the given places in turn.

        Parameters
        ----------
        unit
            Who moves.
        rows
            Rows of `places`.

        Returns
        -------
        legs
            One line fewer than rows; two equal points where a place follows on itself.
        """
        travel = self._travel(unit)
        here, there, time_s = travel.legs(rows)
        return travel.ways.routes(here, there, within_s=time_s)

    def route(self, unit: Unit, rows: Sequence[int]) -> LineString:
        """Return the whole line of a unit's way along the given places in turn.

        Parameters
        ----------
        unit
            Who moves.
        rows
            Rows of `places`, at least two.

        Returns
        -------
        way
            Line along the streets; two equal points where it leads nowhere.
        """
        line = np.vstack([np.asarray(leg.coords) for leg in self.legs(unit, rows)])
        moves = np.append(True, (np.diff(line, axis=0) != 0).any(axis=1))
        return LineString(line[moves] if moves.sum() > 1 else line[:2])

    def distance_m(self, unit: Unit) -> Floats:
        """Return how far each place lies from the nearest street that a unit may use.

        Parameters
        ----------
        unit
            Who moves.

        Returns
        -------
        distance_m
            Metres, infinite where there is no such street in the zone.
        """
        return self._travel(unit).places["distance_m"].to_numpy(np.float64)

    def _travel(self, unit: Unit) -> "_Travel":
        pace = unit.mode, unit.speed_mps
        if pace not in self._travels:
            network = TRAVEL_MODES[unit.mode].network(
                self.streets, speed_mps=unit.speed_mps, forbidden=self.forbidden
            )
            self._travels[pace] = _Travel(network, self._snapped(network), self.snap_limit_m)
        return self._travels[pace]

    def _snapped(self, network: TurnGraph) -> pd.DataFrame:
        if len(network.graph.lines):
            return network.graph.snap(self.places)
        nowhere = {"street": None, "offset_m": np.nan, "distance_m": np.inf}
        return pd.DataFrame(nowhere, index=self.places.index)


class _Legs(NamedTuple):
    here: list[int]
    there: list[int]
    time_s: Floats


@dataclass(frozen=True)
class _Travel:
    """One mode at one speed: its streets, and the places on them."""

    network: TurnGraph
    places: pd.DataFrame
    snap_limit_m: float

    @cached_property
    def near(self) -> NDArray[np.intp]:
        """Rows of the places in reach."""
        return np.flatnonzero(self.places["distance_m"] <= self.snap_limit_m)

    @cached_property
    def spot(self) -> NDArray[np.intp]:
        """Which spot of the streets each place in reach lies on.

        Posts and stops share many: as nodes of their own each would lie beside every other, and
        the ways between thousands at one spot would take minutes.
        """
        near = self.places.iloc[self.near]
        spot = near.groupby(["street", "offset_m"], sort=False).ngroup()
        return np.asarray(spot, dtype=np.intp)

    @cached_property
    def ways(self) -> TurnWays:
        """Ways between the spots, numbered in the order of the first place on each."""
        first = np.unique(self.spot, return_index=True)[1]
        spots = self.places.iloc[self.near[first]]
        return self.network.between(spots, spots)

    @cached_property
    def time_s(self) -> Floats:
        """Travel times between all places."""
        time_s = np.full((len(self.places), len(self.places)), np.inf)
        time_s[np.ix_(self.near, self.near)] = self.ways.times_s()[np.ix_(self.spot, self.spot)]
        time_s.flags.writeable = False
        return time_s

    def legs(self, rows: Sequence[int]) -> _Legs:
        """Return the ends of the legs along some places, as the ways number them, and times."""
        far = np.setdiff1d(rows, self.near)
        if far.size:
            raise NotFoundError(f"Expected places in reach of a street, got that of row {far[0]}.")
        number = self.spot[np.searchsorted(self.near, rows)]
        return _Legs(number[:-1].tolist(), number[1:].tolist(), self.time_s[rows[:-1], rows[1:]])


def find_ways(
    streets: gpd.GeoDataFrame,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    snap_limit_m: float,
    forbidden: pd.DataFrame | None,
) -> Ways:
    """Place posts, points of demand, breaks and end posts on the streets.

    Their order is that of `Ways.places`: the posts of all units, the points of demand, the places
    of all breaks in the order of the units, and the end posts of units that have one.

    Parameters
    ----------
    streets
        Streets of the zone.
    units
        Units of the night, at least one.
    demand
        Points of demand.
    snap_limit_m
        Farthest that any of them may lie from a street: the places of a unit from one that it may
        use, points of demand from one that some unit may use.
    forbidden
        Turns forbidden to vehicles: `from_street`, `junction`, `to_street` and perhaps `exempt`;
        none where no turn is.

    Returns
    -------
    ways
        All places, and the ways between them.

    Raises
    ------
    LayerError
        A place is too far from any street, or a forbidden turn is none between streets of the
        zone; every fault is named.
    """
    if forbidden is not None:
        check_forbidden_turns(forbidden, streets)
    sites = list(_sites(units, demand))
    places = gpd.GeoSeries([site.place for site in sites], crs=streets.crs)
    ways = Ways(places, streets, snap_limit_m, forbidden)
    distance_m = {unit.mode: ways.distance_m(unit) for unit in units}
    faults = []
    for place, site in enumerate(sites):
        modes = list(distance_m) if site.unit is None else [site.unit.mode]
        nearest_m = min(distance_m[mode][place] for mode in modes)
        if nearest_m > snap_limit_m:
            expected = f"a street within {snap_limit_m:g} m open to {' or '.join(modes)}"
            whose = f" for {site.unit.id}" if site.unit else ""
            found = f"the nearest at {nearest_m:.0f} m" if np.isfinite(nearest_m) else "none at all"
            faults.append(
                Fault(site.source, expected, found + whose, row=site.row, field=site.field)
            )
    if faults:
        raise LayerError(faults)
    return ways


def end_rows(units: Sequence[Unit], demand: gpd.GeoDataFrame) -> list[int]:
    """Return the row of `Ways.places` at which each unit ends its shift.

    Parameters
    ----------
    units
        Units of the night.
    demand
        Points of demand.

    Returns
    -------
    rows
        One a unit: that of its end post, or else of its post.
    """
    own = count(len(units) + len(demand) + sum(len(unit.breaks) for unit in units))
    return [row if unit.end_post is None else next(own) for row, unit in enumerate(units)]


class _Site(NamedTuple):
    place: Point
    source: str
    row: int
    field: str
    unit: Unit | None


def _sites(units: Sequence[Unit], demand: gpd.GeoDataFrame) -> Iterator[_Site]:
    """Name every place of a night, in the order of `Ways.places`."""
    for row, unit in enumerate(units, 1):
        yield _Site(unit.post, "units", row, "geometry", unit)
    for row, place in enumerate(demand.geometry, 1):
        yield _Site(place, "demand", row, "geometry", None)
    for row, unit in enumerate(units, 1):
        for pause in unit.breaks:
            yield _Site(pause.at or unit.post, "units", row, "breaks", unit)
    for row, unit in enumerate(units, 1):
        if unit.end_post is not None:
            yield _Site(unit.end_post, "units", row, "end_post", unit)
