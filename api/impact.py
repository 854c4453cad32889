"""What a measure did, as far as the reported incidents of a zone tell: read, checked, estimated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from analytics.area_impact import Period, impact_on_areas
from analytics.impact import Impact
from api.bilingual import Both
from api.inputs import refuse_empty
from api.periods import Days, read_periods
from api.settings import Settings
from api.zone_now import read_zone
from geo.errors import LayerError, ParameterError
from geo.zone import Outline, Zone, read_zone_layer


@dataclass(frozen=True, eq=False)
class ImpactFound:
    """What was found, and all that is needed to tell it.

    Attributes
    ----------
    name
        Name of the zone.
    timezone
        Time zone of its calendar.
    before
        Days before the measure.
    after
        Days after it.
    buffer_m
        Width of the buffers in metres, 0 for none.
    categories
        Categories counted; none where all are.
    impact
        Counts and differences.
    discovered
        Incidents in the areas, buffers and periods that are left out, as the police found them.
    record
        First and last day on which the zone has an incident on record.
    outside
        Share of each area, by `analytics.impact.AREAS`, that lies outside the zone.
    synthetic
        Whether incidents of the zone are synthetic.
    """

    name: Both
    timezone: ZoneInfo
    before: Days
    after: Days
    buffer_m: float
    categories: tuple[str, ...]
    impact: Impact
    discovered: int
    record: Days
    outside: Mapping[str, float]
    synthetic: bool


def find_impact(
    settings: Settings,
    zone: str | None,
    file: Path,
    *,
    before: str,
    after: str,
    buffer_m: float,
    categories: Sequence[str] = (),
    encoding: str = "UTF-8",
) -> ImpactFound:
    """Compare the incidents of a zone before and after a measure, against a control.

    Parameters
    ----------
    settings
        Settings of the service.
    zone
        Name or folder of a zone; the settings' own where none.
    file
        Polygons in any format of `geo.formats`, each with its `role`, "treated" or "control".
    before
        First and last day before the measure on the zone's calendar, "2025-01-01/2025-06-30".
    after
        The same after it.
    buffer_m
        Width of the buffers around both areas in metres, >= 0; 0 for no buffers.
    categories
        Categories to count; all where none is named.
    encoding
        Encoding of the file's text.

    Returns
    -------
    ImpactFound
        What was found.

    Raises
    ------
    LayerError
        The zone or the file breaks its contract, the zone has no incidents, an area shares no
        ground with it, or the control lies too near the treated area.
    ParameterError
        A period, the buffer or a category will not do, or no incident is there to compare.
    ZoneError
        A file cannot be read.
    """
    periods = read_periods(before, after)
    read = read_zone(settings, zone)
    known = read.zone
    refuse_empty(known, read.folder, ["incidents"], stored=read.stored)
    timezone = ZoneInfo(known.timezone)
    outline = Outline(known.boundary, known.boundary_approximate, known.crs)
    areas = read_zone_layer(file, "compared_areas", outline, encoding=encoding)
    record = _record(known, timezone)
    _refuse_unknown(known, record, periods, categories)
    incidents = known.incidents
    if categories:
        incidents = incidents[incidents["category"].isin(categories)]
    instants = [days.period(timezone) for days in periods]
    impact = _impact(incidents, areas, file, buffer_m=buffer_m, periods=instants)
    return ImpactFound(
        name=Both(known.name_th, known.name_en),
        timezone=timezone,
        before=periods[0],
        after=periods[1],
        buffer_m=buffer_m,
        categories=tuple(dict.fromkeys(categories)),
        impact=impact,
        discovered=int(_left_out(incidents, areas, buffer_m, instants).sum()),
        record=record,
        outside=_outside(areas, known.boundary, buffer_m),
        synthetic=bool(known.incidents["synthetic"].any()),
    )


def _record(zone: Zone, timezone: ZoneInfo) -> Days:
    days = zone.incidents["occurred_at"].dt.tz_convert(timezone).dt.date
    return Days(days.min(), days.max())


def _refuse_unknown(
    zone: Zone, record: Days, periods: tuple[Days, Days], categories: Sequence[str]
) -> None:
    """Refuse what the record of the zone knows nothing of: counts of none would pass for few."""
    faults = [
        f"Expected `{name}` to share days with the incidents on record, {record}, got {days}."
        for name, days in zip(("before", "after"), periods, strict=True)
        if days.last < record.first or days.first > record.last
    ]
    known = sorted(zone.incidents["category"].unique())
    faults += [
        f"Expected `category` among {', '.join(known)}, got {category!r}."
        for category in dict.fromkeys(categories)
        if category not in known
    ]
    if faults:
        raise ParameterError("\n".join(faults))


def _impact(
    incidents: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    file: Path,
    *,
    buffer_m: float,
    periods: Sequence[Period],
) -> Impact:
    before, after = periods
    try:
        return impact_on_areas(
            incidents,
            treated=areas[areas["role"] == "treated"],
            control=areas[areas["role"] == "control"],
            buffer_m=buffer_m,
            before=before,
            after=after,
        )
    except LayerError as error:  # the incidents kept their contract: it is the areas
        faults = [replace(fault, source=str(file)) for fault in error.faults]
        raise LayerError(faults) from error


def _left_out(
    incidents: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    buffer_m: float,
    periods: Sequence[Period],
) -> NDArray[np.bool_]:
    """Tell which incidents would have counted, had the police not discovered them."""
    at = incidents["occurred_at"]
    during = [(at >= period.start) & (at < period.end) for period in periods]
    near = shapely.distance(incidents.geometry.to_numpy(), areas.union_all()) <= buffer_m
    found = incidents["reporting"].eq("discovered")
    return np.asarray(near & found & (during[0] | during[1]), dtype=np.bool_)


def _outside(
    areas: gpd.GeoDataFrame, boundary: shapely.Polygon, buffer_m: float
) -> dict[str, float]:
    shapes = {role: areas[areas["role"] == role].union_all() for role in ("treated", "control")}
    if buffer_m > 0:
        shapes |= {
            f"{role}_buffer": shape.buffer(buffer_m).difference(shape)
            for role, shape in shapes.items()
        }
    return {area: shape.difference(boundary).area / shape.area for area, shape in shapes.items()}
