"""Which camera sees which part of which street, as exact intervals along the street.

Every street is taken segment by segment and cut by every field of view that reaches it; the ends
of the parts are offsets from the start of the street. A field holds its boundary. Where a line
crosses, meets or retraces itself, each pass counts.
"""

import math

import geopandas as gpd
import pandas as pd

from analytics._coverage_input import checked_coverage
from analytics._street_segments import StreetSegments
from geo.errors import ParameterError


def sightings(streets: gpd.GeoDataFrame, fields: gpd.GeoSeries) -> pd.DataFrame:
    """List the parts of each street that each camera sees.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields
        Polygons, one a camera, possibly empty, in the CRS of `streets`.

    Returns
    -------
    pandas.DataFrame
        A row per part, in the order of the streets, then of the cameras, then along the street:
        `street` and `camera`, their labels; `from_m` and `to_m`, offsets from the start of the
        street. The parts of one street that one camera sees are disjoint and as long as can be.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        or that of the fields differs.
    """
    lines, areas = checked_coverage(streets, fields)
    parts, camera = StreetSegments.of_lines(lines.to_numpy()).within(areas.to_numpy())
    return pd.DataFrame(
        {
            "street": lines.index.take(parts.street),
            "camera": areas.index.take(camera),
            "from_m": parts.from_m,
            "to_m": parts.to_m,
        }
    )


def seen_lengths(
    streets: gpd.GeoDataFrame, fields: gpd.GeoSeries, *, by_at_least: int = 1
) -> "pd.Series[float]":
    """Measure how much of each street so many cameras see at once.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields
        Polygons, one a camera, possibly empty, in the CRS of `streets`.
    by_at_least
        Number of cameras, a whole number >= 1.

    Returns
    -------
    pandas.Series
        Length of each street that at least so many cameras see, in metres, labelled as the
        streets are.

    Raises
    ------
    ParameterError
        If `by_at_least` is out of its range.
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        or that of the fields differs.
    """
    if not (math.isfinite(by_at_least) and by_at_least >= 1 and by_at_least == int(by_at_least)):
        raise ParameterError(f"Expected whole `by_at_least` >= 1, got {by_at_least}.")
    lines, areas = checked_coverage(streets, fields)
    parts, _ = StreetSegments.of_lines(lines.to_numpy()).within(areas.to_numpy())
    seen = parts.overlapping(int(by_at_least)).lengths(len(lines))
    return pd.Series(seen, index=lines.index, name="seen_m")
