"""Positions of an officer's track matched to streets, and the time spent on each.

A hidden Markov model after Newson, P. and Krumm, J. (2009), "Hidden Markov map matching through
noise and sparseness", Proc. 17th ACM SIGSPATIAL GIS, 336-343: positions err by a Gaussian about
their place on a street; from one to the next the way along the streets differs from the straight
distance by an exponential. The likeliest sequence of places is found exactly (Viterbi). Standard
deviation and mean of the two are estimated from the track as in the paper, by medians, in turn with
the matching; the mean is never below the deviation.

Officers walk and stand where the paper's cars drove: positions closer in time than `step_s`, and
those of a stay, are averaged first, in place of the paper's rule that leaves out positions near the
last. One-way streets do not bind: who went against one was there all the same.
"""

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo._junction_ways import JunctionWays
from geo._likeliest_places import Candidates, Steps, Streets, likeliest, ways_m
from geo._track_passages import Passages, Place, passages
from geo._track_spans import Spans, averaged, gathered
from geo.errors import Fault, LayerError, ParameterError
from geo.street_graph import StreetGraph

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COLUMNS = ("street", "from_m", "to_m", "starts_at", "ends_at")
"""Columns of passages: who was on which street, from where to where, from when to when."""

_MEDIAN_OF_ERRORS = 1.4826  # standard deviations to a median of absolute Gaussian errors
_MEDIAN_OF_DETOURS = 1 / np.log(2)  # means to a median of an exponential
_FEW = 20  # positions too few to estimate anything from
_ROUNDS = 5
_SETTLED = 0.05  # relative change at which estimates are done
_LEAST_M = 1.0  # no receiver is better; nothing is certain


@dataclass(frozen=True)
class MatchParams:
    """How tracks are matched.

    Attributes
    ----------
    reach_m
        Farthest that a position may lie from a street it was taken on, > 0.
    gap_s
        Longest silence between two positions that does not split the track, > 0; 180 in the paper.
    step_s
        Positions are averaged over spans of this length, >= 0; 0 keeps each.
    stay_s
        Shortest time of a stay, all of whose positions are averaged, > 0.
    fastest_mps
        Fastest that anyone is believed to move, > 0.
    sigma_m
        Standard deviation of the positions' error across the street, > 0; where the track has too
        few positions to estimate it from.
    beta_m
        Mean difference between the way and the straight distance, > 0; likewise.
    estimate
        Whether the last two are estimated from tracks with enough positions.
    """

    reach_m: float = 60.0
    gap_s: float = 180.0
    step_s: float = 10.0
    stay_s: float = 120.0
    fastest_mps: float = 30.0
    sigma_m: float = 8.0
    beta_m: float = 8.0
    estimate: bool = True

    def __post_init__(self) -> None:
        names = ("reach_m", "gap_s", "stay_s", "fastest_mps", "sigma_m", "beta_m")
        faults = [
            f"Expected finite `{name}` > 0, got {getattr(self, name)}."
            for name in names
            if not 0 < getattr(self, name) < np.inf
        ]
        if not 0 <= self.step_s < np.inf:
            faults.append(f"Expected finite `step_s` >= 0, got {self.step_s}.")
        if faults:
            raise ParameterError("\n".join(faults))


@dataclass(frozen=True, eq=False)
class Match:
    """A track on the streets.

    Attributes
    ----------
    passages
        A row for each stretch of street passed, or place stood at, in order: street (label), from_m
        and to_m from its start, starts_at, ends_at (UTC). The pace between two places is even.
    sigma_m
        Standard deviation of the averaged positions' error that was matched with.
    beta_m
        Mean difference between way and straight distance that was matched with.
    seen_s
        Time on streets: the sum of the passages.
    gap_s
        Time of silences too long to bridge, and of jumps that nobody moves fast enough for; it
        counts nowhere.
    away_s
        Time farther from any street than the reach; it counts nowhere.
    """

    passages: pd.DataFrame
    sigma_m: float
    beta_m: float
    seen_s: float
    gap_s: float
    away_s: float


def match_track(
    graph: StreetGraph, track: gpd.GeoDataFrame, *, params: MatchParams | None = None
) -> Match:
    """Match the track of one unit to streets.

    Parameters
    ----------
    graph
        The streets.
    track
        Points in the streets' CRS in order of time, with `at`: instants with their time zone.
    params
        How to match.

    Returns
    -------
    match
        What was passed when, and what counts nowhere. Seen, gap and away add up to the track's
        time.

    Raises
    ------
    LayerError
        The track has no position, a position has no place or no time, or times do not rise; every
        fault is named, like ones by the first and their number.
    """
    params = params or MatchParams()
    _check(track)
    at_s, zero = _seconds(track["at"])
    xy = shapely.get_coordinates(track.geometry.array)
    spans = averaged(at_s, xy, gap_s=params.gap_s, step_s=params.step_s)
    model = params.sigma_m, params.beta_m
    if params.estimate:
        model = _Matching.of(graph, spans, params).estimated(model)
    spans = gathered(spans, sigma_m=model[0], stay_s=params.stay_s)
    matching = _Matching.of(graph, spans, params)
    places, starts = matching.places(*model)
    return _told(passages(spans, places, starts, matching.ways), graph, zero, model)


def _check(track: gpd.GeoDataFrame) -> None:
    shapes = np.asarray(track.geometry.array)
    placed = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    placed &= np.isfinite(shapely.bounds(shapes)).all(axis=1)
    faults = [] if len(track) else [Fault("track", "at least one position", "none")]
    faults += _fault(~placed, "a finite point", shapes, "geometry")
    found = str(track["at"].dtype) if "at" in track else "no such column"
    if "at" not in track or not isinstance(track["at"].dtype, pd.DatetimeTZDtype):
        raise LayerError([*faults, Fault("track", "instants with a time zone", found, field="at")])
    at = track["at"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    faults += _fault(np.isnat(at), "a time", at, "at")
    falling = np.append(False, np.diff(at) <= np.timedelta64(0))
    faults += _fault(falling, "a time after that of the position before", at, "at")
    if faults:
        raise LayerError(faults)


def _fault(
    wrong: NDArray[np.bool_], expected: str, values: NDArray[np.generic], field: str
) -> list[Fault]:
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return []
    more = f" and {rows.size - 1} more" if rows.size > 1 else ""
    return [Fault("track", expected, f"{values[rows[0]]}{more}", int(rows[0]) + 1, field)]


def _seconds(at: "pd.Series[pd.Timestamp]") -> tuple[Floats, pd.Timestamp]:
    zero = at.iloc[0]
    return np.asarray((at - zero).dt.total_seconds(), dtype=np.float64), zero


def _candidates(graph: StreetGraph, spans: Spans, reach_m: float) -> Candidates:
    """Return the nearest place on every street within reach of each position."""
    lines, points = np.asarray(graph.lines.array), np.asarray(shapely.points(spans.xy))
    position, street = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach_m)
    order = np.lexsort((street, position))
    position, street = position[order], street[order]
    return Candidates(
        np.searchsorted(position, np.arange(len(points) + 1)),
        street,
        np.asarray(shapely.line_locate_point(lines[street], points[position])),
        shapely.distance(lines[street], points[position]) * spans.precision[position],
    )


class _Matching(NamedTuple):
    """Averaged positions with their candidates, and the ways between these."""

    candidates: Candidates
    streets: Streets
    steps: Steps
    ways: JunctionWays

    @classmethod
    def of(cls, graph: StreetGraph, spans: Spans, params: MatchParams) -> "_Matching":
        candidates = _candidates(graph, spans, params.reach_m)
        steps = Steps(
            np.hypot(*np.diff(spans.xy, axis=0).T),
            params.fastest_mps * (spans.from_s[1:] - spans.to_s[:-1]) + 2 * params.reach_m,
            np.diff(spans.piece) == 0,
        )
        used = np.unique(candidates.street)
        junctions = np.unique(np.concatenate([graph.tail[used], graph.head[used]]))
        ways = JunctionWays(graph, junctions, limit_m=float(steps.limit_m.max(initial=0.0)))
        tail, head = (np.searchsorted(junctions, ends) for ends in (graph.tail, graph.head))
        streets = Streets(tail, head, graph.length_m, ways.between_m)
        return cls(candidates, streets, steps, ways)

    def places(self, sigma_m: float, beta_m: float) -> tuple[list[Place | None], NDArray[np.bool_]]:
        """Return the likeliest place of each position, and where a sequence begins."""
        chosen, starts, _ = likeliest(*self[:3], sigma_m, beta_m)
        street, offset_m = self.candidates.street, self.candidates.offset_m
        found = [Place(int(street[n]), float(offset_m[n])) if n >= 0 else None for n in chosen]
        return found, starts

    def estimated(self, model: tuple[float, float]) -> tuple[float, float]:
        """Estimate both parameters and match in turn until the estimates settle."""
        first = self.candidates.first
        placed = np.diff(first) > 0
        if int(placed.sum()) < _FEW:
            return model
        nearest = np.minimum.reduceat(self.candidates.away_m, first[:-1][placed])
        sigma_m = beta_m = _estimate(nearest, _MEDIAN_OF_ERRORS)
        for _ in range(_ROUNDS):
            before = sigma_m, beta_m
            chosen, starts, _ = likeliest(*self[:3], *before)
            sigma_m = _estimate(self.candidates.away_m[chosen[placed]], _MEDIAN_OF_ERRORS)
            there = np.flatnonzero(~starts)
            if there.size:
                pairs = np.column_stack([chosen[there - 1], chosen[there]])
                detour = ways_m(pairs, *self[:2]) - self.steps.straight_m[there - 1]
                beta_m = _estimate(np.abs(detour), _MEDIAN_OF_DETOURS)
            # The likeliest ways have the least detours; a median of those alone would shrink and
            # shrink. Positions that err by sigma make straight distances err by as much.
            beta_m = max(beta_m, sigma_m)
            if np.allclose((sigma_m, beta_m), before, rtol=_SETTLED):
                break
        return sigma_m, beta_m


def _estimate(differences: Floats, times: float) -> float:
    return max(times * float(np.median(differences)), _LEAST_M)


def _told(
    found: Passages, graph: StreetGraph, zero: pd.Timestamp, model: tuple[float, float]
) -> Match:
    columns = list(zip(*found.rows, strict=True)) or [()] * len(COLUMNS)
    street, from_m, to_m, starts_s, ends_s = (np.array(column) for column in columns)
    labels = graph.lines.index.take(street.astype(np.intp))
    frame = pd.DataFrame(
        {
            "street": labels,
            "from_m": from_m.astype(np.float64),
            "to_m": to_m.astype(np.float64),
            "starts_at": zero + pd.to_timedelta(starts_s.astype(np.float64), unit="s"),
            "ends_at": zero + pd.to_timedelta(ends_s.astype(np.float64), unit="s"),
        }
    )
    seen_s = float((ends_s - starts_s).sum())
    return Match(frame, *model, seen_s, found.gap_s, found.away_s)
