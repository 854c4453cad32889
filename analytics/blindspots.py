"""Which parts of the streets the cameras see, and which they do not.

Coverage at points counts the fields of view over each point; lengths and blind spots are exact:
what the intervals of the streets within the fields add up to, and what they leave. Where a line
runs over itself, each pass counts.
"""

import math
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analytics._blind_stretches import Stretches
from analytics._coverage_input import checked_coverage, examine_coverage, street_names
from analytics._intervals import Floats, Ints
from analytics._street_density import StreetDensity, lixel_faults
from analytics._street_segments import StreetSegments
from analytics.reported_incidents import examine_reporting
from geo.errors import Fault, LayerError, ParameterError
from geo.shapes import examine_shapes, system_faults

RankBy: TypeAlias = Literal["length_m", "incidents", "risk"]

# Risks equal to so many digits of the greatest are ranked by length, so that rounding decides
# nothing.
RISK_DIGITS = 9


@dataclass(frozen=True)
class Coverage:
    """How much of the streets is seen.

    Attributes
    ----------
    total_m
        Length of all streets, in metres.
    seen_m
        Length within at least one field of view, in metres.
    blind_m
        Length within none, in metres.
    """

    total_m: float
    seen_m: float
    blind_m: float

    @classmethod
    def of_lengths(cls, length_m: Floats, seen_m: Floats) -> Self:
        """Add up streets.

        Parameters
        ----------
        length_m
            Length of each street, in metres.
        seen_m
            Length of each that is seen, in metres.

        Returns
        -------
        Coverage
            All of them together.
        """
        total, blind = float(length_m.sum()), float((length_m - seen_m).sum())
        return cls(total_m=total, seen_m=float(seen_m.sum()), blind_m=blind)


def street_coverage(
    streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries, *, spacing_m: float = 2.0
) -> gpd.GeoDataFrame:
    """Count the fields of view over points along each street.

    Each street is cut into equal pieces no longer than `spacing_m`, with a point in the middle of
    each, so that every point of a street stands for the same length.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields_of_view
        Polygons, one a camera, possibly empty, in the CRS of `streets`.
    spacing_m
        Largest distance between neighbouring points of a street, > 0.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per point, street after street: `street`, the label of its street; `offset_m`, its
        distance along the street; `length_m`, the length it stands for; `seen_by`, the number of
        fields that hold it, on their boundary too; and its geometry.

    Raises
    ------
    ParameterError
        If `spacing_m` is out of its range.
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        or that of the fields differs.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0.0):
        raise ParameterError(f"Expected `spacing_m` > 0, got {spacing_m}.")
    geometry, fields = checked_coverage(streets, fields_of_view)
    lines = geometry.to_numpy()
    length = shapely.length(lines)
    pieces = np.ceil(length / spacing_m).astype(np.int64)
    street = np.repeat(np.arange(lines.size), pieces)
    number = np.arange(street.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = length[street] / pieces[street]
    offset = (number + 0.5) * step
    points = np.asarray(shapely.line_interpolate_point(lines[street], offset), dtype=object)
    seen = shapely.STRtree(points).query(fields.to_numpy(), predicate="intersects")[1]
    return gpd.GeoDataFrame(
        {
            "street": streets.index.take(street),
            "offset_m": offset,
            "length_m": step,
            "seen_by": np.bincount(seen, minlength=points.size),
        },
        geometry=points,
        crs=geometry.crs,
    )


def blind_spots(
    streets: gpd.GeoDataFrame,
    fields_of_view: gpd.GeoSeries,
    *,
    min_length_m: float = 5.0,
    incidents: gpd.GeoDataFrame | None = None,
    lixels: pd.DataFrame | None = None,
    rank_by: RankBy = "length_m",
    incident_reach_m: float = 25.0,
) -> gpd.GeoDataFrame:
    """List the stretches of street that no camera sees, the longest or most burdened first.

    Blind parts of edges of one named street that meet end to end are one stretch; where three or
    more meet, the stretches end there.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one an edge of a street; `name_th` and `name_en` where it has a
        name.
    fields_of_view
        Polygons, one a camera, possibly empty, in the CRS of `streets`.
    min_length_m
        Shorter stretches are left out; >= 0.
    incidents
        Points in the CRS of `streets`, to be counted on the stretches. Where they say how they
        became known (`reporting`), only the reported ones count: those discovered by patrols
        follow the patrols.
    lixels
        Density along these very streets, cut as they are, as `network_density` gives it; to be
        added up over the stretches.
    rank_by
        What the stretches are ranked by: "length_m", "incidents" or "risk"; equal ones by length.
    incident_reach_m
        An incident farther than this from every street is on none, in metres; >= 0.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per stretch: `rank` from 1; `street`, the label of the first of its edges in the order
        of `streets`, and the direction of that edge; `name_th`, `name_en`; `length_m`; with
        `incidents` their number, each at its nearest place on the streets; with `lixels` the
        `risk`, the integral of the density over the stretch, expected events in the time that the
        density stands for; and its geometry, a LineString.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or what to rank by is not given.
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        that of another layer differs, an incident is police work or became known in no way that its
        layer knows, or the lixels do not make up the streets.
    """
    _refuse_parameters(
        min_length_m=min_length_m,
        incident_reach_m=incident_reach_m,
        rank_by=rank_by,
        given={"length_m": True, "incidents": incidents is not None, "risk": lixels is not None},
    )
    lines, fields, faults = examine_coverage(streets, fields_of_view)
    places, of_places = _incident_places(incidents, lines)
    faults += of_places
    if lixels is not None:
        faults += lixel_faults(lixels, lines)
    if faults:
        raise LayerError(faults)
    segments = StreetSegments.of_lines(lines.to_numpy())
    gaps = segments.within(fields.to_numpy()).parts.gaps(segments.length_m)
    names = street_names(streets)
    stretches = Stretches.joined(segments, gaps, names)
    columns = {
        "street": streets.index.take(stretches.first),
        "name_th": pd.array(names[stretches.first, 0], dtype="str"),
        "name_en": pd.array(names[stretches.first, 1], dtype="str"),
        "length_m": shapely.length(stretches.lines),
    }
    if incidents is not None:
        columns["incidents"] = stretches.incidents(
            lines, segments.length_m, places, reach_m=incident_reach_m
        )
    if lixels is not None:
        columns["risk"] = stretches.risks(StreetDensity.of_lixels(lixels, lines))
    found = gpd.GeoDataFrame(columns, geometry=stretches.lines, crs=lines.crs)
    return _ranked(found, stretches.first, rank_by=rank_by, min_length_m=min_length_m)


def coverage_of(streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries) -> Coverage:
    """Measure how much of the streets is seen.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields_of_view
        Polygons, one a camera, possibly empty, in the CRS of `streets`.

    Returns
    -------
    Coverage
        Seen and blind length, exact.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        or that of the fields differs.
    """
    lines, fields = checked_coverage(streets, fields_of_view)
    segments = StreetSegments.of_lines(lines.to_numpy())
    seen = segments.within(fields.to_numpy()).parts.overlapping().lengths(len(lines))
    return Coverage.of_lengths(segments.length_m, seen)


def _refuse_parameters(
    *, min_length_m: float, incident_reach_m: float, rank_by: str, given: dict[str, bool]
) -> None:
    """Refuse every parameter of `blind_spots` that is out of its range, all at once."""
    wrong = [
        f"Expected `{name}` >= 0, got {value}."
        for name, value in (("min_length_m", min_length_m), ("incident_reach_m", incident_reach_m))
        if not (math.isfinite(value) and value >= 0.0)
    ]
    if rank_by not in given:
        wrong.append(f"Expected `rank_by` among {', '.join(given)}, got {rank_by!r}.")
    elif not given[rank_by]:
        needed = "incidents" if rank_by == "incidents" else "lixels"
        wrong.append(f"Expected `{needed}` to rank by {rank_by}, got none.")
    if wrong:
        raise ParameterError(" ".join(wrong))


def _incident_places(
    incidents: gpd.GeoDataFrame | None, lines: gpd.GeoSeries
) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Return the places of the incidents that count, and what is wrong with any of them."""
    if incidents is None:
        return gpd.GeoSeries([]), []
    places, faults = examine_shapes(incidents, ("Point",), source="incidents")
    # Their own system is a fault of the streets, and reported with the fields of view.
    systems = system_faults(lines, places, source="streets", other_source="incidents")
    faults += [fault for fault in systems if fault.source == "incidents"]
    reported, unfit = examine_reporting(incidents, source="incidents")
    faults += unfit
    if not faults:
        places = places[reported]
    return places, faults


def _ranked(
    found: gpd.GeoDataFrame, first: Ints, *, rank_by: RankBy, min_length_m: float
) -> gpd.GeoDataFrame:
    """Order the stretches that are long enough, and number them."""
    weight = found[rank_by].to_numpy(dtype=np.float64)
    if rank_by == "risk" and weight.size:
        weight = np.round(weight / max(weight.max(), np.finfo(np.float64).tiny), RISK_DIGITS)
    length = found["length_m"].to_numpy()
    kept = np.flatnonzero(length >= min_length_m)
    kept = kept[np.lexsort((first[kept], -length[kept], -weight[kept]))]
    ranked = found.iloc[kept].reset_index(drop=True)
    ranked.insert(0, "rank", np.arange(1, kept.size + 1))
    return ranked
