"""What can happen to a night that is under way, checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Point

from geo.errors import Fault
from planning._arguments import is_finite, is_whole
from planning.units import Unit

_SERVICE_S = 780.0
_NEEDS = (1, 2)


@dataclass(frozen=True)
class CameraDown:
    """A camera has failed, and what it saw is blind: a new point worth visits.

    Attributes
    ----------
    place
        Where to look, in the zone's CRS: a point, or the blind stretch, whose middle it is.
    name_th
        Name of the place in Thai.
    name_en
        Name of the place in English.
    weight
        What one visit counts, >= 0.
    dwell_s
        How long to stay, > 0.
    """

    place: Point | LineString
    name_th: str
    name_en: str
    weight: float
    dwell_s: float = _SERVICE_S


@dataclass(frozen=True)
class Call:
    """Somebody is wanted somewhere.

    Attributes
    ----------
    place
        Where, in the zone's CRS.
    name_th
        Name of the place in Thai.
    name_en
        Name of the place in English.
    dwell_s
        How long it keeps whoever goes, > 0.
    """

    place: Point
    name_th: str
    name_en: str
    dwell_s: float = _SERVICE_S


@dataclass(frozen=True)
class Incident(Call):
    """Somebody is wanted at once; who is at a stop finishes it first.

    Attributes
    ----------
    needs_units
        How many units must come, 1 or 2; who is there first waits for the other.
    skill
        What one of those who come must be able to do; none where empty.
    """

    needs_units: int = 1
    skill: str = ""


@dataclass(frozen=True)
class Sos(Call):
    """Somebody is in danger: the nearest unit leaves its stop and goes."""


@dataclass(frozen=True)
class UnitOut:
    """A unit goes off duty before its shift ends.

    Attributes
    ----------
    unit
        Its id.
    from_at
        When, timezone-aware.
    """

    unit: str
    from_at: datetime


@dataclass(frozen=True)
class UnitIn:
    """A unit more comes on duty.

    Attributes
    ----------
    unit
        The unit; its shift begins now or later.
    """

    unit: Unit


@dataclass(frozen=True, eq=False)
class DemandChanged:
    """The points worth a visit are others from now on, or count otherwise.

    Attributes
    ----------
    demand
        All points, as `plan_patrol` takes them. Points that keep their labels are the same places.
    """

    demand: gpd.GeoDataFrame


Event = CameraDown | Incident | Sos | UnitOut | UnitIn | DemandChanged


def faults_of_events(
    events: Sequence[Event],
    units: Sequence[Unit],
    *,
    now: datetime,
    streets: gpd.GeoDataFrame,
    snap_limit_m: float,
) -> list[Fault]:
    """Return everything that is wrong with some events.

    Parameters
    ----------
    events
        What happened.
    units
        Units of the night.
    now
        When it is known.
    streets
        Streets of the zone.
    snap_limit_m
        Farthest that a place may lie from a street.

    Returns
    -------
    faults
        By event, the first of which is row 1.
    """
    known = [unit.id for unit in units]
    network = shapely.union_all(np.asarray(streets.geometry.array))
    faults, gone = [], set()
    for row, event in enumerate(events, 1):
        if isinstance(event, UnitOut):
            found = _faults_of_out(event, units, now, again=event.unit in gone)
            gone.add(event.unit)
        elif isinstance(event, UnitIn):
            found = _faults_of_in(event, tuple(known), now, max(unit.ends_at for unit in units))
            known.append(event.unit.id)
        elif isinstance(event, CameraDown | Call):
            found = _faults_of_place(event, network, snap_limit_m)
        else:
            # Points of demand are checked as those of a plan are.
            found = iter(())
        faults += [Fault("events", expected, got, row, field) for field, expected, got in found]
    return faults


_Wrong = tuple[str, str, str]


def _faults_of_out(
    event: UnitOut, units: Sequence[Unit], now: datetime, *, again: bool
) -> Iterator[_Wrong]:
    unit = next((unit for unit in units if unit.id == event.unit), None)
    if unit is None:
        yield "unit", f"one of {', '.join(one.id for one in units)}", repr(event.unit)
    elif again:
        yield "unit", "a unit that goes off duty once", f"{event.unit!r} again"
    if event.from_at.tzinfo is None:
        yield "from_at", "an instant with a timezone", str(event.from_at)
    elif event.from_at < now:
        yield "from_at", f"an instant not before {now}", str(event.from_at)
    elif unit is not None and event.from_at >= unit.ends_at:
        yield "from_at", f"an instant before its shift ends at {unit.ends_at}", str(event.from_at)


def _faults_of_in(
    event: UnitIn, known: Sequence[str], now: datetime, ends_at: datetime
) -> Iterator[_Wrong]:
    if event.unit.id in known:
        yield "unit", "an id that no other unit has", repr(event.unit.id)
    if event.unit.starts_at < now:
        yield "unit", f"a shift that begins at {now} or later", str(event.unit.starts_at)
    elif event.unit.starts_at >= ends_at:
        yield (
            "unit",
            f"a shift that begins before the night ends at {ends_at}",
            str(event.unit.starts_at),
        )


def _faults_of_place(
    event: CameraDown | Call, network: shapely.Geometry, snap_limit_m: float
) -> Iterator[_Wrong]:
    yield from _faults_of_names(event)
    kinds = {shapely.GeometryType.POINT}
    if isinstance(event, CameraDown):
        kinds.add(shapely.GeometryType.LINESTRING)
        if not (is_finite(event.weight) and event.weight >= 0):
            yield "weight", "a number >= 0", repr(event.weight)
    placed = shapely.get_type_id(event.place) in kinds
    if not (placed and np.isfinite(shapely.bounds(event.place)).all()):
        yield "place", "a finite place", str(event.place)[:60]
    elif (away_m := float(shapely.distance(spot(event), network))) > snap_limit_m:
        yield "place", f"a street within {snap_limit_m:g} m", f"the nearest at {away_m:.0f} m"
    if not (is_finite(event.dwell_s) and event.dwell_s > 0):
        yield "dwell_s", "a number > 0", repr(event.dwell_s)
    if isinstance(event, Incident):
        yield from _faults_of_wishes(event)


def _faults_of_names(event: CameraDown | Call) -> Iterator[_Wrong]:
    for name in ("name_th", "name_en"):
        value = getattr(event, name)
        if not (isinstance(value, str) and value.strip()):
            yield name, "a name", repr(value)


def _faults_of_wishes(event: Incident) -> Iterator[_Wrong]:
    skill: object = event.skill
    if not (is_whole(event.needs_units, least=1) and event.needs_units in _NEEDS):
        yield "needs_units", "1 or 2", repr(event.needs_units)
    if not isinstance(skill, str):
        yield "skill", "a text", repr(skill)


def spot(event: CameraDown | Call) -> Point:
    """Return the point that an event is about: the middle of a stretch.

    Parameters
    ----------
    event
        The event.

    Returns
    -------
    point
        In the zone's CRS.
    """
    if isinstance(event.place, LineString):
        return event.place.interpolate(0.5, normalized=True)
    return event.place
