"""How sure the survey of the standing cameras makes what they see, from point to point of street.

The probabilities are those of `analytics.sighting_odds`, by sampling. They are of the cameras as
they count now: one that is down sees nothing, and at night one without night vision is drawn only
for the points that a lit lamp reaches, which is where a camera of its kind sees then.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray
from shapely import LineString, MultiLineString
from shapely.ops import substring

from analytics.blindspots import street_coverage
from analytics.sighting_odds import seen_probability
from api.sites.result import SitesParams, SurveyFigures
from geo.zone import Zone

NEARLY_ALWAYS: Final = 0.95
"""Least probability of what is seen in nearly every draw."""

NEARLY_NEVER: Final = 0.05
"""Probability below which a point is seen in nearly none."""

_OWN: Final = ("position_sd_m", "azimuth_sd_deg")


def survey_points(
    zone: Zone, streets: GeoDataFrame, seen: GeoSeries, *, params: SitesParams, seed: int
) -> GeoDataFrame:
    """Estimate for each point of the streets how probable it is that a standing camera sees it.

    Parameters
    ----------
    zone
        Zone of the cameras.
    streets
        Street edges of the zone.
    seen
        What each standing camera sees now, as surveyed.
    params
        Spacing of the points, errors, number of draws, and the state of the cameras.
    seed
        Seed of the errors.

    Returns
    -------
    GeoDataFrame
        The points of `analytics.blindspots.street_coverage` with its columns, `probability` and
        `standard_error`.
    """
    points = street_coverage(streets, seen, spacing_m=params.spacing_m)
    working = _working(zone)
    # Always in this order, so that a camera has the same errors by night and by day.
    working = working.iloc[np.argsort(~working["night_vision"].to_numpy(), kind="stable")]
    sharp = working[working["night_vision"]]
    lit = _within_light(points, zone, params)
    odds = [
        seen_probability(
            points[where],
            cameras,
            zone.buildings,
            position_sd_m=params.position_error_m,
            azimuth_sd_deg=params.azimuth_error_deg,
            draws=params.draws,
            seed=seed,
        )
        for where, cameras in ((lit, working), (~lit, sharp))
        if where.any()
    ]
    return GeoDataFrame(points.join(pd.concat(odds)))


def survey_figures(points: GeoDataFrame, zone: Zone, params: SitesParams) -> SurveyFigures:
    """Add up what the points come to.

    Parameters
    ----------
    points
        Points with their probabilities.
    zone
        Zone of the cameras.
    params
        Number of draws.

    Returns
    -------
    SurveyFigures
        Lengths, and what they rest on.
    """
    length_m, probability = points["length_m"], points["probability"]
    sure, doubtful, unseen = (float(length_m[within].sum()) for within in _bands(points).values())
    working = _working(zone)
    position, azimuth = (int(working[name].notna().sum()) for name in _OWN)
    return SurveyFigures(
        draws=params.draws,
        cameras=len(working),
        own_position=position,
        own_azimuth=azimuth,
        nearly_always_m=sure,
        in_doubt_m=doubtful,
        nearly_never_m=unseen,
        expected_m=float((probability * length_m).sum()),
        as_surveyed_m=float(length_m[points["seen_by"] > 0].sum()),
        largest_standard_error=float(points["standard_error"].max()),
    )


def survey_lines(points: GeoDataFrame, streets: GeoDataFrame) -> Mapping[str, MultiLineString]:
    """Draw the streets by how sure it is that they are seen.

    Parameters
    ----------
    points
        Points with their probabilities, street after street.
    streets
        Street edges of the zone.

    Returns
    -------
    Mapping
        Lines of "nearly_always", "in_doubt" and "nearly_never": a point stands for the piece of
        street around it.
    """
    bands = _bands(points)
    return {name: _pieces(points, streets, within) for name, within in bands.items()}


def survey_layer(points: GeoDataFrame, *, synthetic: bool) -> GeoDataFrame:
    """Give the points as a layer.

    Parameters
    ----------
    points
        Points with their probabilities.
    synthetic
        Whether they rest on synthetic data.

    Returns
    -------
    GeoDataFrame
        A row per point: street, offset_m, length_m, probability, standard_error, synthetic.
    """
    columns = ["street", "offset_m", "length_m", "probability", "standard_error", "geometry"]
    layer = GeoDataFrame(points[columns]).assign(synthetic=synthetic)
    labels = [f"point-{number:05d}" for number in range(1, len(layer) + 1)]
    layer.index = pd.Index(labels, name="id", dtype="str")
    return layer


def _working(zone: Zone) -> GeoDataFrame:
    return zone.cameras[zone.cameras["status"].eq("up")]


def _within_light(points: GeoDataFrame, zone: Zone, params: SitesParams) -> NDArray[np.bool_]:
    """Tell which points every working camera may see: by day all of them."""
    if not params.night or _working(zone)["night_vision"].all():
        return np.ones(len(points), dtype=np.bool_)
    lamps = zone.lamps[zone.lamps["lit"]]
    near = lamps.sindex.query(
        points.geometry, predicate="dwithin", distance=params.lamp_reach_m, output_format="indices"
    )
    lit = np.zeros(len(points), dtype=np.bool_)
    lit[near[0]] = True
    return lit


def _bands(points: GeoDataFrame) -> Mapping[str, NDArray[np.bool_]]:
    probability = points["probability"].to_numpy(dtype=np.float64)
    always, never = probability >= NEARLY_ALWAYS, probability < NEARLY_NEVER
    return {"nearly_always": always, "in_doubt": ~(always | never), "nearly_never": never}


def _pieces(
    points: GeoDataFrame, streets: GeoDataFrame, within: NDArray[np.bool_]
) -> MultiLineString:
    """Join the pieces of street around some points, those of neighbours into one."""
    street = streets.index.get_indexer(points["street"])
    begins = np.append(True, (np.diff(street) != 0) | (np.diff(within) != 0))
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(points)) - 1
    half = points["length_m"].to_numpy() / 2
    from_m, to_m = points["offset_m"].to_numpy() - half, points["offset_m"].to_numpy() + half
    lines = streets.geometry.to_numpy()
    parts = [
        substring(lines[street[one]], from_m[one], to_m[end])
        for one, end in zip(first, last, strict=True)
        if within[one]
    ]
    return MultiLineString([part for part in parts if isinstance(part, LineString)])
