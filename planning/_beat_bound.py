"""How evenly streets can be shared out at best: bounds on the imbalance, and small proofs.

What holds for any partition: each loose piece of the network has beats of its own, so that their
mean is given; the heaviest streets leave the beats without them little; and of many heavy streets,
two or more come together. Beyond that, a depth-first search looks for a partition within a limit
(`_beat_partition`). Where it ends without one, the limit is a bound: a destructive bound in the
sense of Klein and Scholl (1999), "Computing lower bounds by destructive improvement", European
Journal of Operational Research 112, 322-346. It needs no solver, and no tolerance but that of sums.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planning._beat_input import Town
from planning._beat_partition import FOUND, NONE, UNDECIDED, Streets, begin, go_on

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# What sums of loads may have lost by rounding, in mean loads.
ROUNDING = 1e-9
# Streets up to which the search is worth its time; nodes between looks at the clock, and how many
# of these looks one limit is worth.
_PROVABLE_STREETS, _NODES, _LOOKS = 200, 20_000, 50
# Limits that are tried in vain between what is proven and what is reached, and limits in all.
_HALVINGS, _LIMITS = 8, 40


def imbalance_of(load: Floats, owner: Integers, beats: int) -> float:
    """Tell how far beats are from sharing a load evenly.

    Parameters
    ----------
    load
        Share of each street, shape (streets,), adding up to 1.
    owner
        Beat of each street, from 0.
    beats
        Number of beats.

    Returns
    -------
    imbalance
        Largest deviation of a beat from the mean, as a share of the mean.
    """
    total = np.bincount(owner, weights=load, minlength=beats) * beats
    return float(np.abs(total - 1.0).max())


class Allotment(NamedTuple):
    """How many beats each loose piece gets at best.

    Attributes
    ----------
    beats
        Number of beats of each piece.
    bound
        Imbalance that no partition can beat, by what each piece and its heaviest streets allow.
    """

    beats: list[int]
    bound: float


def allot(town: Town, beats: int) -> Allotment:
    """Share beats out among loose pieces, so that the bound on the imbalance is least.

    Parameters
    ----------
    town
        Streets; at least as many as beats, in at most as many pieces.
    beats
        Number of beats.

    Returns
    -------
    allotment
        Beats of each piece, and the bound.
    """
    pieces = [town.load[town.piece == piece] for piece in range(int(town.piece.max()) + 1)]
    choices: list[NDArray[np.int_]] = []
    best = np.full(beats + 1, np.inf)
    best[0] = 0.0
    for load in pieces:
        most = min(len(load), beats - len(pieces) + 1)
        at_least = np.array([_piece_bound(load, own, beats) for own in range(1, most + 1)])
        after, choice = np.full(beats + 1, np.inf), np.zeros(beats + 1, dtype=int)
        for total in range(1, beats + 1):
            own = np.arange(1, min(most, total) + 1)
            value = np.maximum(best[total - own], at_least[own - 1])
            choice[total], after[total] = own[value.argmin()], value.min()
        best, choices = after, [*choices, choice]
    left, given = beats, []
    for choice in reversed(choices):
        given.append(int(choice[left]))
        left -= given[-1]
    return Allotment(given[::-1], max(float(best[beats]) - ROUNDING, 0.0))


def _piece_bound(load: Floats, own: int, beats: int) -> float:
    """Return the imbalance that a piece of the network has at least with so many beats."""
    heaviest = np.sort(load * beats)[::-1]
    total = float(heaviest.sum())
    bound = abs(total / own - 1.0)
    # Beats without the heaviest streets share what these leave.
    top = np.arange(min(own, len(heaviest)))
    left = total - np.concatenate([[0.0], np.cumsum(heaviest)])[top]
    bound = max(bound, float((1.0 - left / (own - top)).max()))
    # Of `own * (more - 1) + 1` streets, some beat holds `more`: at least the lightest of them.
    more = 1
    while own * (more - 1) + 1 <= len(heaviest):
        among = heaviest[: own * (more - 1) + 1]
        bound = max(bound, float(among[len(among) - more :].sum()) - 1.0)
        more += 1
    return bound


class Settled(NamedTuple):
    """What the search has proven.

    Attributes
    ----------
    bound
        Imbalance that no partition can beat.
    owner
        Beat of each street in the evenest partition the search has met; none where it met none
        that is evener than what it was given.
    """

    bound: float
    owner: Integers | None


def settle(
    town: Town, beats: int, *, reached: float, bound: float, keep_going: Callable[[], bool]
) -> Settled:
    """Raise a bound on the imbalance by search, as far as that is cheap.

    Parameters
    ----------
    town
        Streets to be shared out.
    beats
        Number of beats.
    reached
        Imbalance of a known partition.
    bound
        Imbalance that none can beat, as far as is known.
    keep_going
        Asked now and then; once it says no, the search ends.

    Returns
    -------
    settled
        The bound, equal to what is reached where that is proven the least (up to 1e-9, the
        rounding of sums), and a partition that is evener than the known one.
    """
    best: Integers | None = None
    if len(town.load) > _PROVABLE_STREETS:
        return Settled(min(bound, reached), best)
    below, limit, tries = reached, reached - ROUNDING, 0
    streets = Streets(
        town.meets.indptr.astype(np.int64),
        town.meets.indices.astype(np.int64),
        town.load * beats,
    )
    for _ in range(_LIMITS):
        if bound >= below - ROUNDING or tries > _HALVINGS or not keep_going():
            break
        status, owner = _find(streets, beats, limit, keep_going)
        if status == FOUND:
            best, reached = owner, imbalance_of(town.load, owner, beats)
            below = reached
        elif status == NONE:
            bound, tries = max(bound, limit), tries + (below < reached)
        else:
            below, tries = limit, tries + 1
        limit = below - ROUNDING if below == reached else (bound + below) / 2
    if bound >= reached - 2 * ROUNDING:
        bound = reached
    return Settled(min(bound, reached), best)


def _find(
    streets: Streets, beats: int, limit: float, keep_going: Callable[[], bool]
) -> tuple[int, Integers]:
    """Look for a partition within a limit; return how that ended, and the beat of each street."""
    # Half the rounding each way, so that no partition within the limit is missed.
    limits = np.array([1.0 - limit - ROUNDING / 2, 1.0 + limit + ROUNDING / 2])
    progress = begin(streets, beats)
    for _ in range(_LOOKS):
        status = go_on(streets, progress, limits, _NODES)
        if status != UNDECIDED or not keep_going():
            break
    return status, progress.owner.astype(np.intp)
