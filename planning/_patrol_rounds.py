"""A night in rounds: the visits due, then those that end long waits, then what there is time for.

Each round is a tour problem of its own. What the rounds before have found is offered again close to
the times it was found at, and their tours are where the search begins, so that a later round fills
the waiting times of a tour as well as its ends. What must not be lost is required: breaks, and
appointments of several units once all of them come, and whatever an earlier round has found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning._patrol_meetings import NO_MEETING, arrange, may_keep, rows_that_meet
from planning._patrol_parts import LARGEST_WHOLE
from planning._patrol_points import ANYBODY
from planning._patrol_problem import Night
from planning._patrol_search import Effort, Found, search_tours
from planning._patrol_windows import Window, visits_of, windows_left, windows_overdue
from planning.patrol_params import PatrolParams
from planning.tours import Schedule

_SHARES_OF_TIME = (0.5, 0.2, 0.2, 0.1)
_SHARES_OF_ITERATIONS = (1.0, 0.5, 0.5, 0.25)
_SWEEPS = (2, 1, 1, 1)
# Where a large night is cut is drawn apart from the rest.
_CUTS = 5
# The round for those who still have much time to spare.
_FOR_IDLE = 3
_IDLE_S = 3600.0
# How far a later round may move a visit, so that others fit beside it.
_GIVE_S = 120.0

Flags = NDArray[np.bool_]
Windows = Callable[..., Iterator[Window]]
Offered = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Outing:
    """Where those of a segment stop, and when.

    Attributes
    ----------
    points
        Rows of the night's points in the order of the stops.
    times
        When they leave, begin each stop and are back; without stops, when they go from start to
        end.
    """

    points: tuple[int, ...]
    times: Schedule


def _as_it_is(visits: pd.DataFrame, _made: pd.DataFrame) -> pd.DataFrame:
    return visits


def plan_outings(
    night: Night,
    due: pd.DataFrame,
    *,
    seed: int,
    offered: Offered = _as_it_is,
    spent_s: float = 0.0,
) -> list[Outing]:
    """Plan the visits that are due, and then more of them in the time that is left.

    Parameters
    ----------
    night
        Who is out, and what there is to stop for.
    due
        Visits that are due: point, earliest_s, latest_s, weight.
    seed
        Seed of the searches and of the instants of appointments.
    offered
        Asked what of the further visits of a round to offer, given these and the visits made.
    spent_s
        Seconds of the time limit that making the night ready has taken; half of them are left in
        any case.

    Returns
    -------
    outings
        One a segment, in the order of the segments.

    Raises
    ------
    InfeasiblePlanError
        Breaks cannot be kept; their units are named.
    """
    if not night.segments:
        return []
    rng = np.random.default_rng([seed, len(_SHARES_OF_TIME)])
    cuts = np.random.default_rng([seed, _CUTS])

    def searched(number: int, offers: pd.DataFrame, tours: list[list[int]], may: Flags) -> Found:
        effort = _effort(night.params, number, spent_s)
        return search_tours(night, offers, tours, may=may, effort=effort, seed=seed, rng=cuts)

    offers = pd.concat([_breaks(night), arrange(night, due, rng=rng)], ignore_index=True)
    tours: list[list[int]] = [[] for _ in night.segments]
    found = searched(0, offers, tours, np.ones((len(tours), len(offers)), dtype=np.bool_))
    for number, windows in enumerate((windows_overdue, windows_left, windows_left), 1):
        kept, tours = _kept(night, found)
        takers = _idle(night, found, tours) if number == _FOR_IDLE else np.full(len(tours), True)
        if not takers.any():
            break
        more = arrange(night, offered(_further(night, kept, windows), kept), rng=rng)
        if number > 1:
            # There is no round after it that could fill the place of who waits in vain.
            more = more[more["meeting"] == NO_MEETING]
        takes = np.tile(takers[:, None], len(more))
        if len(kept) + len(more) > LARGEST_WHOLE:
            takes &= _has_room(night, found, more)
            some = np.flatnonzero(takes.any(axis=0))
            more, takes = more.iloc[some], takes[:, some]
        offers = pd.concat([kept, more], ignore_index=True)
        found = searched(number, offers, tours, np.hstack([may_keep(night, kept, tours), takes]))
    return [
        Outing(tuple(found.visits["point"].iloc[tour].tolist()), times)
        for tour, times in zip(found.tours, found.times, strict=True)
    ]


def _breaks(night: Night) -> pd.DataFrame:
    """Return the breaks as visits that must be made."""
    breaks = night.points[night.points["segment"] >= 0]
    return pd.DataFrame(
        {
            "point": breaks.index,
            "earliest_s": breaks["opens_s"],
            "latest_s": breaks["closes_s"],
            "weight": 0.0,
            "required": True,
            "meeting": NO_MEETING,
        }
    )


def _effort(params: PatrolParams, number: int, spent_s: float) -> Effort:
    limit_s = params.time_limit_s
    return Effort(
        time_limit_s=_SHARES_OF_TIME[number] * max(limit_s - spent_s, limit_s / 2),
        iterations=max(1, round(_SHARES_OF_ITERATIONS[number] * params.iterations)),
        sweeps=_SWEEPS[number],
    )


def _idle(night: Night, found: Found, tours: Sequence[Sequence[int]]) -> Flags:
    """Tell which segments have much time to spare, or no visit that is kept."""
    stays = np.array([not tour for tour in tours], dtype=np.bool_)
    return np.logical_or(_spare_s(night, found) >= _IDLE_S, stays)


def _has_room(night: Night, found: Found, more: pd.DataFrame) -> Flags:
    """Tell which segments have as much time to spare as further visits take.

    In a large night these alone are offered them: a part has few units that could make room.
    """
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)[more["point"].to_numpy(np.intp)]
    room: Flags = _spare_s(night, found)[:, None] >= dwell_s
    return room


def _spare_s(night: Night, found: Found) -> NDArray[np.float64]:
    """Return the time of each segment that is spent neither at stops nor on the way."""
    point = found.visits["point"].to_numpy(np.intp)
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)
    spare = []
    for segment, tour in zip(night.segments, found.tours, strict=True):
        stops = point[tour]
        rows = [segment.start, *(len(night.units) + stops).tolist(), segment.end]
        way_s = night.travel_s[night.pace(segment)][rows[:-1], rows[1:]].sum()
        spare.append(segment.latest_s - segment.earliest_s - way_s - dwell_s[stops].sum())
    return np.array(spare)


def _kept(night: Night, found: Found) -> tuple[pd.DataFrame, list[list[int]]]:
    """Return the visits made, each about when it is made, and the tours as rows of them.

    What is made is made: no later visit, however heavy its point, takes the place of one that was
    due. Only where somebody has come in vain the tour may have to be mended.
    """
    begins = np.full(len(found.visits), np.nan)
    for tour, times in zip(found.tours, found.times, strict=True):
        begins[tour] = times.begins_s
    met = rows_that_meet(night, found.visits, found.tours)
    made = np.isfinite(begins) & (met | (found.visits["meeting"] == NO_MEETING).to_numpy())
    whole = np.zeros(len(found.visits), dtype=np.bool_)
    for tour in found.tours:
        whole[tour] = made[tour].all()
    kept = found.visits.assign(
        earliest_s=np.fmax(found.visits["earliest_s"], begins - _GIVE_S),
        latest_s=np.fmin(found.visits["latest_s"], begins + _GIVE_S),
        required=found.visits["required"] | met | whole,
    )[made]
    row = np.cumsum(made) - 1
    tours = [[int(row[visit]) for visit in tour if made[visit]] for tour in found.tours]
    return kept.reset_index(drop=True), tours


def _further(night: Night, kept: pd.DataFrame, windows: Windows) -> pd.DataFrame:
    """Offer further visits beside those made; each visit made makes the next count less."""
    made: list[set[Window]] = [set() for _ in range(len(night.points))]
    for point, *window in kept[["point", "earliest_s", "latest_s"]].itertuples(index=False):
        made[point].add((window[0], window[1]))
    columns = ["opens_s", "closes_s", "revisit_s", "weight", "segment"]
    rows = [
        (point, *window, weight / (1 + len(made[point])))
        for point, (opens_s, closes_s, revisit_s, weight, segment) in enumerate(
            night.points[columns].itertuples(index=False)
        )
        if segment == ANYBODY and not (made[point] and np.isinf(revisit_s))
        for window in windows(
            sorted(made[point]),
            (max(opens_s, 0.0), min(closes_s, night.span_s)),
            revisit_s=revisit_s,
            least_gap_s=night.params.least_gap_s,
        )
    ]
    return visits_of(rows)


def stops_made(night: Night, outings: Sequence[Outing]) -> pd.DataFrame:
    """List the stops of all outings.

    Parameters
    ----------
    night
        What there is to stop for.
    outings
        One a segment.

    Returns
    -------
    stops
        A row a stop: segment, point, begins_s and ends_s, by segment and time.
    """
    rows = [
        (number, point, begins_s)
        for number, outing in enumerate(outings)
        for point, begins_s in zip(outing.points, outing.times.begins_s, strict=True)
    ]
    stops = pd.DataFrame(rows, columns=["segment", "point", "begins_s"])
    dwell_s = night.points["dwell_s"].to_numpy()[stops["point"].to_numpy(dtype=np.intp)]
    return stops.assign(ends_s=stops["begins_s"] + dwell_s)
