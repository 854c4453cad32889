"""The likeliest sequence of places: the algorithm of Viterbi, compiled by numba.

Exact for the hidden Markov model of Newson and Krumm (2009); see `geo.map_matching`.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Candidates(NamedTuple):
    """Places at which an officer may have been, by position.

    Attributes
    ----------
    first
        Number of each position's first place; one more at the end, shape (positions + 1,).
    street
        Street of each place, by its number.
    offset_m
        Where along the street the place lies.
    away_m
        How far it lies from the position, times the precision of that.
    """

    first: Integers
    street: Integers
    offset_m: Floats
    away_m: Floats


class Streets(NamedTuple):
    """The streets that hold candidates, and the ways between their ends.

    Attributes
    ----------
    tail, head
        Row of `between_m` for either end of each street.
    length_m
        Length of each street.
    between_m
        Shortest ways between ends of streets, infinite beyond the limit.
    """

    tail: Integers
    head: Integers
    length_m: Floats
    between_m: Floats


class Steps(NamedTuple):
    """What is known of the way from each position to the next, shape (positions - 1,).

    Attributes
    ----------
    straight_m
        Straight distance between the two.
    limit_m
        Longest way that is believed.
    joined
        Whether the two belong to one piece of track.
    """

    straight_m: Floats
    limit_m: Floats
    joined: NDArray[np.bool_]


@njit(cache=True)
def _way_m(here: int, there: int, candidates: Candidates, streets: Streets) -> float:
    """Return the length of the shortest way between two candidates, infinite beyond the limit."""
    begin, end = candidates.street[here], candidates.street[there]
    from_m, to_m = candidates.offset_m[here], candidates.offset_m[there]
    best_m = abs(to_m - from_m) if begin == end else np.inf
    for out in range(2):
        leave_m = from_m if out == 0 else streets.length_m[begin] - from_m
        node = streets.tail[begin] if out == 0 else streets.head[begin]
        for into in range(2):
            enter_m = to_m if into == 0 else streets.length_m[end] - to_m
            goal = streets.tail[end] if into == 0 else streets.head[end]
            best_m = min(best_m, leave_m + streets.between_m[node, goal] + enter_m)
    return best_m


@njit(cache=True)
def ways_m(pairs: Integers, candidates: Candidates, streets: Streets) -> Floats:
    """Return the lengths of the shortest ways between pairs of candidates.

    Parameters
    ----------
    pairs
        Numbers of the places at which each begins and ends, shape (pairs, 2).
    candidates
        All places.
    streets
        All streets.

    Returns
    -------
    ways_m
        Metres, infinite where there is no way within the limit.
    """
    return np.array([_way_m(pair[0], pair[1], candidates, streets) for pair in pairs])


@njit(cache=True)
def likeliest(
    candidates: Candidates, streets: Streets, steps: Steps, sigma_m: float, beta_m: float
) -> tuple[Integers, NDArray[np.bool_], Floats]:
    """Find the likeliest candidate of every position.

    Parameters
    ----------
    candidates
        Places by position.
    streets
        Streets of the places.
    steps
        Ways from position to position.
    sigma_m
        Standard deviation of the positions' error, > 0.
    beta_m
        Mean difference between the way and the straight distance, > 0.

    Returns
    -------
    chosen
        Number of the place of each position, -1 where it has no candidate.
    starts
        Whether a sequence of its own begins at the position: it is not joined to the one before, or
        no way leads there.
    score
        Log likelihood of the best sequence up to each candidate, but for constants.
    """
    count = len(candidates.first) - 1
    score = -0.5 * (candidates.away_m / sigma_m) ** 2
    before = np.full(len(score), -1)
    starts = np.ones(count, np.bool_)
    for position in range(1, count):
        if not steps.joined[position - 1]:
            continue
        straight_m, limit_m = steps.straight_m[position - 1], steps.limit_m[position - 1]
        reached = False
        gained = np.full(candidates.first[position + 1] - candidates.first[position], -np.inf)
        for there in range(candidates.first[position], candidates.first[position + 1]):
            own = there - candidates.first[position]
            for here in range(candidates.first[position - 1], candidates.first[position]):
                length_m = _way_m(here, there, candidates, streets)
                if length_m > limit_m:
                    continue
                value = score[here] - abs(length_m - straight_m) / beta_m
                if value > gained[own]:
                    gained[own], before[there], reached = value, here, True
        if reached:
            starts[position] = False
            score[candidates.first[position] : candidates.first[position + 1]] += gained
    return _followed_back(candidates.first, score, before, starts), starts, score


@njit(cache=True)
def _followed_back(
    first: Integers, score: Floats, before: Integers, starts: NDArray[np.bool_]
) -> Integers:
    """Return the sequence that leads to the best last place of each piece of track."""
    count = len(first) - 1
    chosen = np.full(count, -1)
    for position in range(count - 1, -1, -1):
        if first[position] == first[position + 1]:
            continue
        if position + 1 < count and not starts[position + 1]:
            chosen[position] = before[chosen[position + 1]]
        else:
            chosen[position] = first[position] + np.argmax(
                score[first[position] : first[position + 1]]
            )
    return chosen
