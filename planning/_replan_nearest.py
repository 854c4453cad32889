"""Who is nearest to a place, by the streets and in the mode of each unit."""

from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Point

from geo.errors import Fault, LayerError
from geo.zone import Zone
from planning._patrol_ways import find_ways
from planning.patrol_plan import PatrolPlan, PatrolTour


def nearest_units(plan: PatrolPlan, zone: Zone, place: Point, now: datetime) -> gpd.GeoDataFrame:
    """List the units on duty by the time that each needs to a place.

    Parameters
    ----------
    plan
        Plan of the night.
    zone
        Its zone.
    place
        Where somebody is wanted, in the zone's CRS.
    now
        When, timezone-aware.

    Returns
    -------
    units
        The soonest first, LineStrings along the streets: unit (id), name_th, name_en, mode, time_s
        (from where it is now), free (whether it is on no break), free_at (when the stop or break
        under way is over, UTC; `now` where none is). Units without a way are left out.

    Raises
    ------
    LayerError
        The place is too far from any street.
    """
    on_duty = [tour for tour in plan.tours if tour.unit.starts_at <= now < tour.unit.ends_at]
    columns = ["unit", "name_th", "name_en", "mode", "time_s", "free", "free_at"]
    rows = []
    if on_duty:
        _refuse_off_network(zone, place, plan.params.snap_limit_m)
        places = [*(tour.position_at(now) for tour in on_duty), place]
        spots = gpd.GeoDataFrame(geometry=places, crs=zone.crs)
        units = [tour.unit for tour in on_duty]
        ways = find_ways(
            zone.streets,
            units,
            spots,
            snap_limit_m=plan.params.snap_limit_m,
            forbidden=zone.forbidden_turns,
        )
        goal = len(units) + len(places) - 1
        for number, tour in enumerate(on_duty):
            unit, here = tour.unit, len(units) + number
            time_s = float(ways.travel_s(unit)[here, goal])
            if np.isfinite(time_s):
                free, free_at = tour.is_free_at(now), pd.Timestamp(_free_at(tour, now))
                told = unit.id, unit.name_th, unit.name_en, unit.mode
                rows.append((*told, time_s, free, free_at, ways.route(unit, [here, goal])))
    found = gpd.GeoDataFrame(
        rows, columns=[*columns, "geometry"], geometry="geometry", crs=zone.crs
    )
    return found.sort_values("time_s", kind="stable", ignore_index=True)


def _free_at(tour: PatrolTour, now: datetime) -> datetime:
    """Return when the stop under way is over."""
    under_way = (stop.leaves_at for stop in tour.stops if stop.arrives_at <= now < stop.leaves_at)
    return max(under_way, default=now)


def _refuse_off_network(zone: Zone, place: Point, snap_limit_m: float) -> None:
    network = shapely.union_all(np.asarray(zone.streets.geometry.array))
    away_m = float(shapely.distance(place, network))
    if not away_m <= snap_limit_m:
        expected = f"a place within {snap_limit_m:g} m of a street"
        raise LayerError([Fault("place", expected, f"the nearest at {away_m:.0f} m")])
