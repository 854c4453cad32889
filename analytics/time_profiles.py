"""When incidents happen, by weekday and hour of the zone's own clock.

An incident of which only a window is known (a burglary while its owners were away) counts in every
hour of the window with the part of the window that the hour holds: aoristic analysis, Ratcliffe,
J. H. (2000), "Aoristic analysis: the spatial interpretation of unspecific temporal events",
International Journal of Geographical Information Science 14 (7), 669-679. A window is cut into
quarters of an hour of UTC, which every present time zone keeps to, so that an hour which the clock
skips gets nothing and one that it repeats gets both.
"""

import zoneinfo
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics._incident_input import checked_reports, windows
from geo.errors import ParameterError

WEEKDAYS: Final = 7
HOURS: Final = 24
# 15 minutes in microseconds: every offset from UTC in use since 1972 is a whole number of them.
STEP_US: Final = 900_000_000
# So many pieces of windows are held at once: 100 MB.
PIECES: Final = 2_000_000


def weekday_hour_profile(
    incidents: gpd.GeoDataFrame, *, timezone: str, as_of: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Spread reported incidents over the hours of the week in which they may have happened.

    Parameters
    ----------
    incidents
        Incidents with `occurred_at`; with `occurred_until`, not before it, where only a window is
        known; with `reporting` where it is known, and then only the reported ones count. There may
        be none.
    timezone
        Name of the zone's time zone, as "Asia/Bangkok".
    as_of
        Instant after which no incident can have begun; none allows every time.

    Returns
    -------
    profile
        A row a weekday (0 is Monday) and a column an hour (0 to 23): how many incidents happened
        then, fractions of windows included. All cells add up to the number of incidents.

    Raises
    ------
    LayerError
        If an incident has no time, one without zone, one after `as_of`, ends before it begins or
        is police work; names every such row.
    ParameterError
        If `timezone` is no time zone or `as_of` has none.
    """
    try:
        zone = zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ParameterError(
            f'Expected `timezone` of the name of a time zone, got "{timezone}".'
        ) from error
    start, end = windows(checked_reports(incidents, unplaced=[], timed=True, as_of=as_of))
    cells = np.zeros(WEEKDAYS * HOURS)
    for chosen in _batches(start, end):
        piece_us, weight = _pieces(start[chosen], end[chosen])
        cells += np.bincount(_cell(piece_us, zone), weight, WEEKDAYS * HOURS)
    return pd.DataFrame(
        cells.reshape(WEEKDAYS, HOURS),
        index=pd.RangeIndex(WEEKDAYS, name="weekday"),
        columns=pd.RangeIndex(HOURS, name="hour"),
    )


def _batches(start: NDArray[np.int64], end: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Part the incidents so that the windows of each part have few enough pieces."""
    reached = np.cumsum(end // STEP_US - start // STEP_US + 1)
    edges = np.flatnonzero(np.diff(reached // PIECES)) + 1
    return np.split(np.arange(len(start), dtype=np.int64), edges)


def _pieces(
    start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return an instant in each piece of each window and the part of the window that it is."""
    first = start // STEP_US
    # A window that ends where a piece begins has no part in it; a known instant is one piece.
    count = np.maximum(-(-end // STEP_US) - first, 1)
    owner = np.repeat(np.arange(len(start)), count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    begin = (first[owner] + number) * STEP_US
    inside = np.minimum(begin + STEP_US, end[owner]) - np.maximum(begin, start[owner])
    length = (end - start)[owner]
    weight = np.divide(inside, length, out=np.ones(len(owner)), where=length > 0)
    return np.maximum(begin, start[owner]), weight


def _cell(instant_us: NDArray[np.int64], zone: zoneinfo.ZoneInfo) -> NDArray[np.int64]:
    """Return the hour of the local week in which each instant lies, from 0 on Monday."""
    utc = pd.DatetimeIndex(instant_us.astype("datetime64[us]")).tz_localize("UTC")
    local = utc.tz_convert(zone)
    return np.asarray(local.day_of_week * HOURS + local.hour, dtype=np.int64)
