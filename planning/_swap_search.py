"""Best-swap search for maximal covering, compiled by numba.

A swap closes one site and opens another. Its value is `gain(open) - loss(close) + shared`, where
`shared` is what the two sums get wrong about the points that both sites see: a point that only just
has its sites keeps them, and a point that lacks one still lacks it. Local optima are left by
simulated annealing over the same swaps: Murray and Church (1996), "Applying simulated annealing to
location-planning models", Journal of Heuristics 2, 31-53.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planning._siting_input import ROUNDING
from planning._swap_state import Instance, State, close_site, open_site, shortfall

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_LACKS_ONE = -1
# What missing a group's need costs in annealing, in prices: the prices alone barely meet it.
_PENALTY = 1.5


class Best(NamedTuple):
    """The best choice that a search has met, changed in place.

    Attributes
    ----------
    chosen
        Whether each candidate is chosen.
    rank
        What its groups miss and what demand it covers, shape (2,): less missing goes first.
    """

    chosen: Flags
    rank: Floats

    @property
    def covered(self) -> float:
        """Demand that the choice covers; -1 where it is none, as its groups miss something."""
        return -1.0 if self.rank[0] else float(self.rank[1])


class Draws(NamedTuple):
    """What chance decides in annealing, drawn beforehand: generators take long to compile.

    Attributes
    ----------
    site
        The candidate to open in each step.
    allowed_loss
        Demand that each step may lose.
    lot
        Numbers in [0, 1) that say which sites to close where several must; each step has one, and
        borrows those of the steps after it.
    """

    site: Integers
    allowed_loss: Floats
    lot: Floats


@njit(cache=True)
def _affordable(instance: Instance, spent: float) -> bool:
    return spent <= instance.budget * (1.0 + ROUNDING)


@njit(cache=True)
def fill(instance: Instance, state: State, power: float) -> None:
    """Open the affordable site of the largest gain / cost**power until none is left.

    Parameters
    ----------
    instance
        The problem.
    state
        The solution, changed in place.
    power
        1 to weigh gain by cost, 0 to look at gain alone.
    """
    while True:
        best, best_worth = -1, 0.0
        for site in range(len(instance.cost)):
            if state.chosen[site] or state.gain[site] <= ROUNDING * state.total[0]:
                continue
            if not _affordable(instance, state.total[1] + instance.cost[site]):
                continue
            worth = state.gain[site] / instance.cost[site] ** power
            if worth > best_worth:
                best, best_worth = site, worth
        if best < 0:
            return
        open_site(instance, state, best)


@njit(cache=True)
def fill_by_folds(instance: Instance, state: State, power: float) -> None:
    """Open sites as `fill` does, where each site that a point needs earns a part of its worth.

    Gain alone sees nothing in the first of two sites that a point needs.

    Parameters
    ----------
    instance
        The problem.
    state
        The choice, changed in place.
    power
        1 to weigh what a site earns by cost, 0 to look at it alone.
    """
    while True:
        best, best_value = -1, 0.0
        for site in range(len(instance.cost)):
            if state.chosen[site]:
                continue
            if not _affordable(instance, state.total[1] + instance.cost[site]):
                continue
            value = 0.0
            for k in range(instance.row_start[site], instance.row_start[site + 1]):
                point = instance.row[k]
                if state.spare[point] < 0:
                    value += instance.worth[point] / instance.folds[point]
            value /= instance.cost[site] ** power
            if value > best_value:
                best, best_value = site, value
        if best < 0:
            return
        open_site(instance, state, best)


@njit(cache=True)
def _cheapest_exchange(
    instance: Instance, state: State, site: int, opened: Integers, shared: Floats
) -> tuple[int, float]:
    """Find the place in `opened` that `site` can take at the least loss; -1 where there is none."""
    _add_shared(instance, state, site, shared)
    best, least = -1, np.inf
    spent = state.total[1] + instance.cost[site]
    for place in range(len(opened)):
        other = opened[place]
        loss = state.loss[other] - shared[other]
        shared[other] = 0.0
        if loss < least and _affordable(instance, spent - instance.cost[other]):
            best, least = place, loss
    return best, least


@njit(cache=True, inline="always")
def _add_shared(instance: Instance, state: State, site: int, shared: Floats) -> None:
    """Add what opening `site` changes about the loss of each chosen one, by the points of both."""
    for k in range(instance.row_start[site], instance.row_start[site + 1]):
        point = instance.row[k]
        spare = state.spare[point]
        if not instance.folded or instance.folds[point] == 1:
            if spare == 0:
                shared[state.seer[point]] += instance.worth[point]
        elif _LACKS_ONE <= spare <= 0:
            worth = instance.worth[point] if spare == 0 else -instance.worth[point]
            for at in range(instance.column_start[point], instance.column_start[point + 1]):
                if state.chosen[instance.column[at]]:
                    shared[instance.column[at]] += worth


@njit(cache=True)
def improve(instance: Instance, state: State) -> None:
    """Make the best swap as long as one gains, filling what the budget leaves.

    Parameters
    ----------
    instance
        The problem.
    state
        The solution, changed in place.
    """
    shared = np.zeros(len(instance.cost))
    while True:
        fill(instance, state, 1.0)
        opened = np.flatnonzero(state.chosen)
        best_in, best_out, best_gain = -1, -1, ROUNDING * state.total[0]
        for site in range(len(instance.cost)):
            # No swap gains more than its opening does: most candidates are settled by that.
            if state.chosen[site] or state.gain[site] <= best_gain:
                continue
            place, loss = _cheapest_exchange(instance, state, site, opened, shared)
            if place >= 0 and state.gain[site] - loss > best_gain:
                best_in, best_out, best_gain = site, opened[place], state.gain[site] - loss
        if best_in < 0:
            return
        close_site(instance, state, best_out)
        open_site(instance, state, best_in)


@njit(cache=True)
def _open_for_several(instance: Instance, state: State, draws: Draws, step: int) -> bool:
    """Open a site that no single one pays for by closing random ones, unless too much is lost."""
    site, before = draws.site[step], state.total[0]
    opened = np.flatnonzero(state.chosen)
    closed = 0
    while not _affordable(instance, state.total[1] + instance.cost[site]):
        lot = draws.lot[(step + closed) % len(draws.lot)]
        drawn = closed + int(lot * (len(opened) - closed))
        opened[closed], opened[drawn] = opened[drawn], opened[closed]
        close_site(instance, state, opened[closed])
        closed += 1
    if state.total[0] + state.gain[site] - before >= -draws.allowed_loss[step]:
        open_site(instance, state, site)
        return True
    for place in range(closed):
        open_site(instance, state, opened[place])
    return False


def best_of(state: State) -> Best:
    """Return a choice as the best so far.

    Parameters
    ----------
    state
        The choice.

    Returns
    -------
    best
        The same choice, copied.
    """
    return Best(state.chosen.copy(), np.array([shortfall(state), state.total[2]]))


@njit(cache=True)
def keep_best(state: State, best: Best) -> None:
    """Take a choice for the best where its groups miss less, or as little and it covers more.

    Parameters
    ----------
    state
        The choice.
    best
        The best choice so far, kept up to date in place.
    """
    missing = shortfall(state)
    more = state.total[2] > best.rank[1] * (1.0 + ROUNDING)
    if missing < best.rank[0] - ROUNDING or (missing <= best.rank[0] and more):
        for candidate in range(len(state.chosen)):
            best.chosen[candidate] = state.chosen[candidate]
        best.rank[0], best.rank[1] = missing, state.total[2]


@njit(cache=True)
def _swap_with_groups(
    instance: Instance, state: State, closed: int, site: int, allowed_loss: float
) -> bool:
    """Swap two sites unless too much is lost, where only what groups miss counts at their prices.

    Gains and losses at those prices chose the swap, but they also praise what a group has beyond
    its need.
    """
    before = _penalised(instance, state)
    close_site(instance, state, closed)
    open_site(instance, state, site)
    if _penalised(instance, state) - before >= -allowed_loss:
        return True
    close_site(instance, state, site)
    open_site(instance, state, closed)
    return False


@njit(cache=True)
def _penalised(instance: Instance, state: State) -> float:
    value = float(state.total[2])
    for group in range(instance.groups):
        missing = max(0.0, 1.0 - state.met[group])
        value -= _PENALTY * instance.price[group] * missing
    return value


@njit(cache=True)
def anneal(instance: Instance, state: State, best: Best, draws: Draws) -> None:
    """Make random swaps and keep the best choice met.

    Parameters
    ----------
    instance
        The problem.
    state
        The solution, changed in place.
    best
        The best choice so far, kept up to date in place.
    draws
        The swaps to try.
    """
    shared = np.zeros(len(instance.cost))
    opened = np.flatnonzero(state.chosen)
    for step in range(len(draws.site)):
        site = draws.site[step]
        if state.chosen[site]:
            continue
        if _affordable(instance, state.total[1] + instance.cost[site]):
            open_site(instance, state, site)
            opened = np.flatnonzero(state.chosen)
        else:
            place, loss = _cheapest_exchange(instance, state, site, opened, shared)
            if place < 0:
                if _open_for_several(instance, state, draws, step):
                    opened = np.flatnonzero(state.chosen)
            elif instance.groups:
                if _swap_with_groups(
                    instance, state, opened[place], site, draws.allowed_loss[step]
                ):
                    opened[place] = site
            elif state.gain[site] - loss >= -draws.allowed_loss[step]:
                close_site(instance, state, opened[place])
                open_site(instance, state, site)
                opened[place] = site
        if instance.groups or state.total[2] > best.rank[1] * (1.0 + ROUNDING):
            keep_best(state, best)
