"""Near repeats: whether incidents near each other in space are also near in time.

The Knox test counts the pairs of incidents by the distance and the time between them, and compares
each count with what it would be if the times had nothing to do with the places: Knox, E. G. (1964),
"The detection of space-time interactions", Journal of the Royal Statistical Society C 13 (1),
25-29; the table of bands and the permutation of times after Johnson, S. D. et al. (2007),
"Space-time patterns of risk: a cross national assessment of residential burglary victimization",
Journal of Quantitative Criminology 23 (3), 201-219. What it finds is interaction in general: where
one part of town grew busier over the years than another, it finds that too (Kulldorff, M. and
Hjalmars, U. (1999), "The Knox method and other tests for space-time interaction", Biometrics 55
(2), 544-552), so short histories and short bands are the safer ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from analytics._arguments import checked_count, checked_seed
from analytics._incident_input import SOURCE, checked_reports, windows
from analytics._pair_counts import Events
from geo.errors import ParameterError
from geo.shapes import examine_shapes

Floats: TypeAlias = NDArray[np.float64]

DAY_US = 86_400_000_000
# Bands beyond the size of the Earth, and of history, hold what is within.
LARGEST_EDGE = 1e9


@dataclass(frozen=True)
class NearRepeats:
    """What the Knox test found.

    Attributes
    ----------
    table
        One combination of a band of distance with a band of time a row: `from_m`, `to_m`,
        `from_days`, `to_days`; `pairs`, how many pairs of incidents it holds; `expected`, how many
        it would if places and times had nothing to do with each other (exact mean over all
        permutations); `ratio` of the two, not a number where none are expected; `p_value`, the part
        of the permutations, the data among them, that hold as many or more; `q_value`, the same
        after Benjamini and Hochberg for the number of rows.
    incidents
        Number of incidents that counted.
    permutations
        Number of permutations that were made.
    """

    table: pd.DataFrame
    incidents: int
    permutations: int


def near_repeats(
    incidents: gpd.GeoDataFrame,
    *,
    seed: int,
    distances_m: Sequence[float] = (0.0, 100.0, 200.0, 300.0, 400.0),
    days: Sequence[float] = (7.0, 14.0, 21.0, 28.0),
    permutations: int = 999,
    as_of: pd.Timestamp | None = None,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> NearRepeats:
    """Test whether reported incidents are followed by others nearby and soon.

    Parameters
    ----------
    incidents
        Points in a projected CRS with `occurred_at`; with `occurred_until` where only a window is
        known, and then the middle of the window counts; with `reporting` where it is known, and
        then only the reported ones count. There may be none.
    seed
        Seed of the permutations; the same gives the same p-values.
    distances_m
        Upper edges of the bands of distance, ascending, from 0 to 1e9. Each band leaves out the
        edge before it, so that a first edge of 0 is the same place.
    days
        Upper edges of the bands of time, ascending, from 0 to 1e9, likewise.
    permutations
        How often to permute the times, >= 1.
    as_of
        Instant after which no incident can have begun; none allows every time.
    keep_going
        Asked before each permutation; at a no the test rests on those made so far.
    progress
        Told after each permutation how many of how many are done.

    Returns
    -------
    found
        The table, with the number of incidents and permutations it rests on.

    Raises
    ------
    LayerError
        If an incident has no place, no past time with its zone or is police work; names every
        such row.
    ParameterError
        If an argument is out of its range, the CRS is not projected, or the bands hold too many
        pairs.
    """
    distances = _checked_edges("distances_m", distances_m)
    lags = _checked_edges("days", days)
    permutations = checked_count("permutations", permutations)
    rng = np.random.default_rng(checked_seed(seed))
    events = _events(incidents, as_of=as_of, distances=distances, lags=lags * DAY_US)
    count = len(events.time)
    tables = events.tables(rng)
    observed = next(tables)
    as_many, done = np.zeros_like(observed), 0
    while done < permutations and keep_going():
        done += 1
        as_many += next(tables) >= observed
        progress(done, permutations)
    by_distance, by_lag = events.pairs_by_distance(), events.pairs_by_lag()
    expected = np.outer(by_distance, by_lag) / max(count * (count - 1) / 2, 1)
    p_value = (1 + as_many) / (1 + done)
    return NearRepeats(_table(distances, lags, observed, expected, p_value), count, done)


def _checked_edges(name: str, edges: Sequence[float]) -> Floats:
    try:
        values = np.asarray(edges, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    if not (
        values.ndim == 1
        and len(values)
        and np.isfinite(values).all()
        and values[0] >= 0
        and values[-1] <= LARGEST_EDGE
        and all(before < after for before, after in pairwise(values))
    ):
        raise ParameterError(
            f"Expected `{name}` ascending from >= 0 up to {LARGEST_EDGE:g}, got {edges!r}."
        )
    return values


def _events(
    incidents: gpd.GeoDataFrame, *, as_of: pd.Timestamp | None, distances: Floats, lags: Floats
) -> Events:
    geometry, faults = examine_shapes(incidents, ("Point",), source=SOURCE)
    if geometry.crs is not None and geometry.crs.is_geographic:
        raise ParameterError("Expected `incidents` in a projected CRS, got longitude and latitude.")
    counted = checked_reports(incidents, unplaced=faults, timed=True, as_of=as_of)
    start, end = windows(counted)
    xy = shapely.get_coordinates(counted.geometry.array) if len(counted) else np.empty((0, 2))
    # Halves of a microsecond would be lost between dates; whole ones are exact for 285 years.
    middle = (start + (end - start) // 2).astype(np.float64)
    return Events(xy, middle, distances, np.round(lags))


def _table(
    distances: Floats, lags: Floats, observed: NDArray[np.int64], expected: Floats, p_value: Floats
) -> pd.DataFrame:
    shape = observed.shape
    pairs, mean = observed.ravel(), expected.ravel()
    ratio = np.divide(pairs, mean, out=np.full(len(mean), np.nan), where=mean > 0)
    columns = {
        "from_m": np.repeat(np.concatenate([[0.0], distances[:-1]]), shape[1]),
        "to_m": np.repeat(distances, shape[1]),
        "from_days": np.tile(np.concatenate([[0.0], lags[:-1]]), shape[0]),
        "to_days": np.tile(lags, shape[0]),
        "pairs": pairs,
        "expected": mean,
        "ratio": ratio,
        "p_value": p_value.ravel(),
        "q_value": false_discovery_control(p_value.ravel()),
    }
    return pd.DataFrame(columns)
