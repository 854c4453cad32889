"""How probable it is that a point is seen, when the survey of the cameras is not exact.

Where a camera stands and which way it looks are known to within the error of a survey. Each draw
moves and turns every camera by such an error and traces what it would see; the share of the draws
in which some camera sees a point is the probability that the point is seen (Metropolis and Ulam
1949; for views over uncertain ground, Fisher 1992). Errors of different cameras, of place and of
direction, are independent and normal. What is drawn for a camera follows from the seed and from its
label alone, whichever others there are, so that one camera more never lowers a probability; cameras
that share a label are told apart by their order.

References
----------
Fisher, P. F. (1992). First experiments in viewshed uncertainty: simulating fuzzy viewsheds.
Photogrammetric Engineering and Remote Sensing 58(3), 345-352.
Metropolis, N. and Ulam, S. (1949). The Monte Carlo method. Journal of the American Statistical
Association 44(247), 335-341.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analytics._intervals import Flags, Floats, Ints
from geo.errors import LayerError, ParameterError
from geo.layers import column_of
from geo.shapes import examine_shapes, geometry_of, system_faults
from geo.visibility import fields_of_view

# A draw that would put a camera inside a building is drawn again so many times at most.
TRIES: Final = 20
_FIELDS_AT_A_TIME: Final = 4096
_JUDGEMENTS_AT_A_TIME: Final = 50_000_000  # of points by fields


@dataclass(frozen=True)
class _Survey:
    """Cameras as surveyed, and by how much the survey may be wrong.

    Attributes
    ----------
    cameras
        The layer, one row a camera.
    place
        Position of each camera, as x and y.
    position_sd_m
        Standard deviation of either coordinate.
    azimuth_sd_deg
        Standard deviation of the direction.
    streams
        For each camera the generator of its errors, and that of its further tries.
    """

    cameras: gpd.GeoDataFrame
    place: Floats
    position_sd_m: Floats
    azimuth_sd_deg: Floats
    streams: list[tuple[np.random.Generator, np.random.Generator]]


def seen_probability(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    position_sd_m: float,
    azimuth_sd_deg: float,
    draws: int = 200,
    seed: int,
    workers: int = 1,
) -> pd.DataFrame:
    """Estimate the probability that at least one camera sees each point.

    A surveyed camera stands outside: a draw that would put it inside a building is drawn again, up
    to 20 times, and if none is outside it stands where it was surveyed. A probability too near to
    0 or 1 for so many draws to tell is given as 0 or 1, with a standard error of 0.

    Parameters
    ----------
    points
        Points in a projected CRS.
    cameras
        Points as `geo.visibility.fields_of_view` takes them, in the CRS of `points`. Where a camera
        has a value of its own in the columns `position_sd_m` or `azimuth_sd_deg`, >= 0, it counts
        instead of the argument.
    buildings
        Solid footprints in the CRS of `points`.
    position_sd_m
        Standard deviation of either coordinate of a camera, in metres, >= 0.
    azimuth_sd_deg
        Standard deviation of the direction of a camera, in degrees, >= 0.
    draws
        Number of draws, at least 1.
    seed
        Seed of the errors, >= 0. The same seed gives the same result, with any number of workers.
    workers
        Number of threads, at least 1.

    Returns
    -------
    pandas.DataFrame
        For each point, labelled as `points`: `probability`, the share of the draws in which a
        camera sees it, and `standard_error` of that share, both in [0, 1]. Cameras surveyed without
        error see exactly what their fields of view hold, with probability 0 or 1.

    Raises
    ------
    ParameterError
        If parameters are out of their ranges; the message names every one.
    LayerError
        If a layer is not as described above, with every fault of all three.
    """
    _refuse_parameters(position_sd_m, azimuth_sd_deg, draws=draws, seed=seed, workers=workers)
    spots, fields = _checked(points, cameras, buildings, workers=workers)
    tree = shapely.STRtree(spots.to_numpy())
    sd_m = _own_or(cameras, "position_sd_m", position_sd_m)
    sd_deg = _own_or(cameras, "azimuth_sd_deg", azimuth_sd_deg)
    known = (sd_m == 0.0) & (sd_deg == 0.0)
    certain = np.zeros(len(spots), dtype=np.bool_)
    certain[tree.query(fields[known].to_numpy(), predicate="intersects")[1]] = True
    hits = np.zeros(len(spots), dtype=np.int64)
    if not known.all():
        streams = _streams(cameras.index, seed)
        places = shapely.get_coordinates(cameras.geometry.to_numpy())
        unsure = np.flatnonzero(~known)
        survey = _Survey(
            cameras.iloc[unsure],
            places[unsure],
            sd_m[unsure],
            sd_deg[unsure],
            [streams[camera] for camera in unsure],
        )
        hits = _hits(tree, survey, buildings, draws=draws, workers=workers)
    share = np.where(certain, 1.0, hits / draws)
    error = np.sqrt(share * (1.0 - share) / draws)
    return pd.DataFrame({"probability": share, "standard_error": error}, index=spots.index)


def _refuse_parameters(
    position_sd_m: float, azimuth_sd_deg: float, *, draws: int, seed: int, workers: int
) -> None:
    """Raise every parameter that is out of its range."""
    wrong = [
        f"Expected `{name}` >= 0, got {value}."
        for name, value in (("position_sd_m", position_sd_m), ("azimuth_sd_deg", azimuth_sd_deg))
        if not (math.isfinite(value) and value >= 0.0)
    ]
    wrong += [
        f"Expected `{name}` >= {least}, got {value}."
        for name, value, least in (("draws", draws, 1), ("seed", seed, 0), ("workers", workers, 1))
        if value < least
    ]
    if wrong:
        raise ParameterError(" ".join(wrong))


def _checked(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    workers: int,
) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return the points and the fields of view as surveyed; refuse all faults at once."""
    spots, faults = examine_shapes(points, ("Point",), source="points")
    placed = geometry_of(cameras, source="cameras")[0]
    faults += system_faults(spots, placed, source="points", other_source="cameras")
    for column in ("position_sd_m", "azimuth_sd_deg"):
        faults += column_of(cameras, "cameras", column, source="cameras")[1]
    fields = gpd.GeoSeries()
    try:
        fields = fields_of_view(cameras, buildings, workers=workers)
    except LayerError as error:
        faults += error.faults
    if faults:
        raise LayerError(faults)
    return spots, fields


def _own_or(cameras: gpd.GeoDataFrame, column: str, value: float) -> Floats:
    """Return the standard deviation of each camera: its own where it has one."""
    own, _ = column_of(cameras, "cameras", column, source="cameras")
    return np.nan_to_num(own.astype(np.float64), nan=value)


def _streams(labels: pd.Index, seed: int) -> list[tuple[np.random.Generator, np.random.Generator]]:
    """Return the generators of each camera's errors, the same for a label whichever others are."""
    streams = []
    before: Counter[int] = Counter()
    for label in labels:
        name = int.from_bytes(blake2b(repr(label).encode(), digest_size=16).digest())
        first, again = np.random.SeedSequence(seed, spawn_key=(name, before[name])).spawn(2)
        streams.append((np.random.default_rng(first), np.random.default_rng(again)))
        before[name] += 1
    return streams


def _hits(
    tree: shapely.STRtree,
    survey: _Survey,
    buildings: gpd.GeoDataFrame,
    *,
    draws: int,
    workers: int,
) -> Ints:
    """Count for each point the draws in which a camera sees it."""
    points, count = len(tree), len(survey.cameras)
    at_a_time = min(_FIELDS_AT_A_TIME // count, _JUDGEMENTS_AT_A_TIME // max(1, count * points))
    hits = np.zeros(points, dtype=np.int64)
    solids = shapely.STRtree(geometry_of(buildings, source="buildings")[0].to_numpy())
    for some in _portions(draws, max(1, at_a_time)):
        drawn = _drawn(survey, solids, some)
        fields = fields_of_view(drawn, buildings, workers=workers)
        field, point = tree.query(fields.to_numpy(), predicate="intersects")
        seen = np.zeros((some, points), dtype=np.bool_)
        seen[field // count, point] = True
        hits += seen.sum(axis=0)
    return hits


def _portions(total: int, most: int) -> Iterator[int]:
    """Cut a number of draws into portions."""
    for begin in range(0, total, most):
        yield min(most, total - begin)


def _drawn(survey: _Survey, solids: shapely.STRtree, draws: int) -> gpd.GeoDataFrame:
    """Return all cameras with the errors of some draws, draw after draw."""
    count = len(survey.cameras)
    errors = np.stack([first.normal(size=(draws, 3)) for first, _ in survey.streams], axis=1)
    place = survey.place + survey.position_sd_m[:, None] * errors[..., :2]
    for camera in np.unique(np.nonzero(_inside(place, solids))[1]):
        inside = _inside(place[:, camera], solids)
        place[inside, camera] = _drawn_again(survey, int(camera), solids, int(inside.sum()))
    azimuth = survey.cameras["azimuth_deg"].to_numpy(dtype=np.float64)
    azimuth = (azimuth + survey.azimuth_sd_deg * errors[..., 2]) % 360.0
    rows = np.tile(np.arange(count), draws)
    drawn = pd.DataFrame(survey.cameras)[["fov_deg", "range_m"]].iloc[rows].reset_index(drop=True)
    return gpd.GeoDataFrame(
        drawn.assign(azimuth_deg=azimuth.ravel()),
        geometry=shapely.points(place.reshape(-1, 2)),
        crs=survey.cameras.crs,
    )


def _drawn_again(survey: _Survey, camera: int, solids: shapely.STRtree, number: int) -> Floats:
    """Draw places of a camera that are outside; where no try is, it stands as surveyed."""
    surveyed = survey.place[camera]
    errors = survey.streams[camera][1].normal(size=(number, TRIES, 2))
    tries = surveyed + survey.position_sd_m[camera] * errors
    outside = ~_inside(tries, solids)
    first = tries[np.arange(number), outside.argmax(axis=1)]
    first[~np.any(outside, axis=1)] = surveyed
    return np.asarray(first, dtype=np.float64)


def _inside(places: Floats, solids: shapely.STRtree) -> Flags:
    """Tell which places lie inside a building."""
    spots = np.asarray(shapely.points(places.reshape(-1, 2)), dtype=object)
    inside = np.zeros(spots.size, dtype=np.bool_)
    inside[solids.query(spots, predicate="within")[0]] = True
    return inside.reshape(places.shape[:-1])
