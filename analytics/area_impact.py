"""Incidents before and after in areas and the buffers around them, for the impact of measures."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from numbers import Real
from typing import NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analytics._arguments import faults_of_confidence
from analytics.impact import AREAS, Impact, displacement_difference
from analytics.reported_incidents import examine_reporting
from geo.errors import Fault, LayerError, ParameterError
from geo.layers import column_of
from geo.shapes import examine_shapes, system_faults

Layer: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries

_DAY = timedelta(days=1)


class Period(NamedTuple):
    """A span of time.

    Attributes
    ----------
    start
        Its first instant, with its offset from UTC.
    end
        The first instant after it.
    """

    start: datetime
    end: datetime

    @property
    def days(self) -> float:
        """Length of the period.

        Returns
        -------
        days
            Days of 24 hours.
        """
        return (self.end - self.start) / _DAY


def impact_on_areas(
    incidents: gpd.GeoDataFrame,
    *,
    treated: Layer,
    control: Layer,
    buffer_m: float,
    before: Period,
    after: Period,
    confidence: float = 0.95,
) -> Impact:
    """Count incidents in areas and their buffers, and estimate what a measure did.

    Only reported incidents count: patrols that come more often discover more. An incident known by
    a window counts at the start of its window, one on the edge of an area in that area, and one at
    just `buffer_m` from it in its buffer. Compare like seasons: months that are a year apart.

    Parameters
    ----------
    incidents
        Points with `occurred_at`, and `category` and `reporting` where they are known.
    treated
        Polygons of the treated area.
    control
        Polygons of the control area.
    buffer_m
        Width of the buffers around both, in the unit of the CRS, >= 0; 0 for no buffers.
    before
        The period before the measure.
    after
        The period after it, not before the other's end; lengths may differ.
    confidence
        Of the intervals, > 0 and < 1.

    Returns
    -------
    impact
        Counts and differences, in incidents of the period after.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind in one projected CRS, an incident is
        police work or has no instant, or the areas with their buffers meet; names every fault.
    ParameterError
        If another argument is out of its range, or no incident lies in either area in either
        period.
    """
    faults = _faults(buffer_m, before, after) + faults_of_confidence(confidence)
    if faults:
        raise ParameterError("\n".join(faults))
    layers = _checked(incidents, {"treated": treated, "control": control}, buffer_m)
    inside = _inside(layers.points, layers.areas, buffer_m)
    during = [
        np.asarray(
            (layers.instants >= pd.Timestamp(period.start))
            & (layers.instants < pd.Timestamp(period.end))
        )
        for period in (before, after)
    ]
    counts = {
        area: (int((within & during[0]).sum()), int((within & during[1]).sum()))
        for area, within in inside.items()
    }
    treated_counts, control_counts, *buffers = (counts[area] for area in AREAS)
    return displacement_difference(
        treated_counts,
        control_counts,
        treated_buffer=buffers[0],
        control_buffer=buffers[1],
        period_days=(before.days, after.days),
        confidence=confidence,
    )


def _inside(
    points: NDArray[np.object_], shapes: Mapping[str, shapely.Geometry], buffer_m: float
) -> dict[str, NDArray[np.bool_]]:
    """Tell which points lie in each area, and which within the buffer around it."""
    away = {area: shapely.distance(shape, points) for area, shape in shapes.items()}
    within = {area: distance == 0 for area, distance in away.items()}
    around = {
        f"{area}_buffer": (distance > 0) & (distance <= buffer_m) for area, distance in away.items()
    }
    return within | around


class _Layers(NamedTuple):
    """What is counted, and where."""

    points: NDArray[np.object_]
    instants: pd.DatetimeIndex
    areas: Mapping[str, shapely.Geometry]


def _checked(incidents: gpd.GeoDataFrame, areas: Mapping[str, Layer], buffer_m: float) -> _Layers:
    """Return the reported incidents and the areas, or refuse all that is wrong with them."""
    source = "incidents"
    points, faults = examine_shapes(incidents, ("Point",), source=source)
    instants, undated = column_of(incidents, "incidents", "occurred_at", source=source)
    counting, unfit = examine_reporting(incidents, source=source)
    faults = sorted(faults + undated + unfit, key=lambda fault: fault.row or 0)
    shapes = {}
    for name, layer in areas.items():
        shape, unfit = examine_shapes(layer, ("Polygon", "MultiPolygon"), source=name)
        if not unfit and not len(shape):
            unfit = [Fault(name, "at least one polygon", "none")]
        faults += unfit + system_faults(shape, points, source=name, other_source=source)
        shapes[name] = shape
    faults += system_faults(
        shapes["treated"], shapes["control"], source="treated", other_source="control"
    )
    if faults:
        raise LayerError(list(dict.fromkeys(faults)))
    unions = {name: shape.union_all() for name, shape in shapes.items()}
    apart_m = shapely.distance(*unions.values())
    if not apart_m > 2 * buffer_m:
        expected = f"a control farther than two buffers, {2 * buffer_m:g}, from the treated area"
        raise LayerError([Fault("control", expected, f"{apart_m:.1f}", field="geometry")])
    moments = pd.DatetimeIndex(pd.to_datetime(list(instants[counting]), utc=True))
    return _Layers(points.to_numpy()[counting], moments, unions)


def _faults(buffer_m: object, before: Period, after: Period) -> list[str]:
    faults = []
    if not (isinstance(buffer_m, Real) and 0 <= float(buffer_m) < math.inf):
        faults.append(f"Expected finite `buffer_m` >= 0, got {buffer_m!r}.")
    periods = {"before": before, "after": after}
    wrong = [text for name, period in periods.items() for text in _period_faults(name, period)]
    faults += wrong
    if wrong:
        return faults
    faults += [
        f"Expected `{name}` to end after its start {period.start}, got {period.end}."
        for name, period in periods.items()
        if not period.end > period.start
    ]
    if not faults and not after.start >= before.end:
        faults.append(
            f"Expected `after` to start at or after the end of `before`, {before.end}, "
            f"got {after.start}."
        )
    return faults


def _period_faults(name: str, period: object) -> list[str]:
    """Say what is wrong with a period on its own but the order of its ends."""
    if not (isinstance(period, Period) and all(isinstance(at, datetime) for at in period)):
        return [f"Expected `{name}` as a Period of two instants, got {period!r}."]
    if any(at.tzinfo is None for at in period):
        return [f"Expected `{name}` with offsets from UTC, got none."]
    return []
