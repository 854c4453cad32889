"""A choice of sites and its sums, on flat arrays compiled by numba.

Opening or closing a site touches only the demand points it sees; what every other site would gain
or lose is kept up to date, as in the fast interchange of Resende and Werneck (2007), "A fast
swap-based local search procedure for location problems", Annals of Operations Research 150,
205-230; here also for points that several sites must see before they count.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csc_array

from planning._coverage_bound import Covering
from planning._siting_input import ROUNDING

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
# Half the memory to read, which is what the search waits for.
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]

# What `spare` says of a point that lacks one site, or two, to be covered.
_LACKS_ONE, _LACKS_TWO = -1, -2


class Instance(NamedTuple):
    """A covering problem in compressed rows and columns.

    Attributes
    ----------
    row_start
        Where the demand points of each candidate begin in `row`, shape (candidates + 1,).
    row
        Demand points seen by each candidate.
    column_start
        Where the candidates of each demand point begin in `column`, shape (points + 1,).
    column
        Candidates that see each demand point.
    demand
        Weight of each demand point.
    worth
        What the search takes each point to be worth: its demand and the prices of its groups.
    folds
        How many chosen candidates must see each demand point before it counts.
    folded
        Whether any of them needs more than one.
    cost
        Cost of each candidate.
    budget
        Most that the chosen candidates may cost together.
    group_start
        Where the groups of each demand point begin in `group`, shape (points + 1,).
    group
        Groups that each demand point belongs to.
    part
        What the point counts for in each of them, as a share of what the group needs.
    groups
        Number of groups; each needs parts that sum to 1.
    price
        What meeting the whole need of each group is worth to the search, shape (groups,).
    """

    row_start: Integers
    row: Indices
    column_start: Integers
    column: Indices
    demand: Floats
    worth: Floats
    folds: Integers
    folded: bool
    cost: Floats
    budget: float
    group_start: Integers
    group: Indices
    part: Floats
    groups: int
    price: Floats


class State(NamedTuple):
    """A choice and its sums, changed in place.

    Attributes
    ----------
    chosen
        Whether each candidate is chosen.
    spare
        How many more chosen candidates see each demand point than it needs; below 0 it is not
        covered.
    seer
        Sum of the indices of those candidates: the candidate itself where there is one.
    gain
        Worth of the points that each candidate sees and that lack one more to be covered.
    loss
        Worth of the points that would not be covered without each chosen candidate.
    total
        Worth covered, cost spent and demand covered, shape (3,).
    met
        Which part of its need each group has, shape (groups,).
    """

    chosen: Flags
    spare: Integers
    seer: Integers
    gain: Floats
    loss: Floats
    total: Floats
    met: Floats


def instance_of(problem: Covering) -> Instance:
    """Lay a problem out for the compiled search; each point is worth its demand.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    instance
        The same in flat arrays.
    """
    columns, groups = csc_array(problem.cover), csc_array(problem.groups)
    return Instance(
        row_start=problem.cover.indptr.astype(np.int64),
        row=problem.cover.indices.astype(np.int32),
        column_start=columns.indptr.astype(np.int64),
        column=columns.indices.astype(np.int32),
        demand=problem.demand,
        worth=problem.demand,
        folds=problem.folds,
        folded=bool((problem.folds > 1).any()),
        cost=problem.cost,
        budget=problem.budget,
        group_start=groups.indptr.astype(np.int64),
        group=groups.indices.astype(np.int32),
        part=groups.data / problem.least[groups.indices],
        groups=len(problem.least),
        price=np.zeros(len(problem.least)),
    )


def empty_state(instance: Instance) -> State:
    """Return the state in which nothing is chosen.

    Parameters
    ----------
    instance
        The problem.

    Returns
    -------
    state
        Sums of the empty choice.
    """
    candidates, points = len(instance.cost), len(instance.demand)
    seer = np.repeat(np.arange(candidates), np.diff(instance.row_start))
    gain = np.zeros(candidates)
    np.add.at(gain, seer, np.where(instance.folds == 1, instance.worth, 0.0)[instance.row])
    return State(
        chosen=np.zeros(candidates, dtype=np.bool_),
        spare=-instance.folds,
        seer=np.zeros(points, dtype=np.int64),
        gain=gain,
        loss=np.zeros(candidates),
        total=np.zeros(3),
        met=np.zeros(instance.groups),
    )


def state_of(instance: Instance, chosen: Flags) -> State:
    """Return the state of a choice.

    Parameters
    ----------
    instance
        The problem.
    chosen
        Whether each candidate is chosen.

    Returns
    -------
    state
        Sums of the choice.
    """
    state = empty_state(instance)
    for site in np.flatnonzero(chosen).tolist():
        open_site(instance, state, site)
    return state


@njit(cache=True)
def open_site(instance: Instance, state: State, site: int) -> None:
    """Choose a candidate and bring the sums up to date.

    Parameters
    ----------
    instance
        The problem.
    state
        The choice, changed in place.
    site
        A candidate that is not chosen.
    """
    state.loss[site] = _switch(instance, state, site, 1)
    state.chosen[site] = True


@njit(cache=True)
def close_site(instance: Instance, state: State, site: int) -> None:
    """Give up a chosen candidate and bring the sums up to date.

    Parameters
    ----------
    instance
        The problem.
    state
        The choice, changed in place.
    site
        A candidate that is chosen.
    """
    state.chosen[site] = False
    _switch(instance, state, site, -1)
    state.loss[site] = 0.0


@njit(cache=True)
def _switch(instance: Instance, state: State, site: int, step: int) -> float:
    """Let a site see its points, or with -1 no longer; return the worth that this covers.

    Meanwhile it is not among the chosen, so that only the others' losses change. Arrays are taken
    out of their tuples first: within the loops numba would count references again and again.
    """
    row, worths, demands, folds = instance.row, instance.worth, instance.demand, instance.folds
    column_start, column = instance.column_start, instance.column
    chosen, spares, seer = state.chosen, state.spare, state.seer
    gain, loss, total, folded = state.gain, state.loss, state.total, instance.folded
    covered, grouped = 0.0, instance.groups > 0
    total[1] += step * instance.cost[site]
    # Where the site is not counted, `seer` is that of the others.
    seen, hidden = (site, 0) if step > 0 else (0, -site)
    for k in range(instance.row_start[site], instance.row_start[site + 1]):
        point = row[k]
        lower = spares[point] if step > 0 else spares[point] - 1
        spares[point] += step
        seer[point] += hidden
        if lower == _LACKS_ONE:
            worth = step * worths[point]
            covered += worth
            total[2] += step * demands[point]
            for at in range(column_start[point], column_start[point + 1]):
                gain[column[at]] -= worth
            if grouped:
                _add_parts(instance, state, point, step)
        elif lower == 0 and not (folded and folds[point] > 1):
            loss[seer[point]] -= step * worths[point]
        if folded and folds[point] > 1 and _LACKS_TWO <= lower <= 0:
            worth = step * worths[point]
            for at in range(column_start[point], column_start[point + 1]):
                if lower == _LACKS_TWO:
                    gain[column[at]] += worth
                elif chosen[column[at]]:
                    loss[column[at]] += worth if lower == _LACKS_ONE else -worth
        seer[point] += seen
    total[0] += covered
    return covered


@njit(cache=True)
def _add_parts(instance: Instance, state: State, point: int, step: int) -> None:
    for at in range(instance.group_start[point], instance.group_start[point + 1]):
        state.met[instance.group[at]] += step * instance.part[at]


@njit(cache=True)
def shortfall(state: State) -> float:
    """Return by how much the groups miss their needs, as a sum of shares of the needs.

    Parameters
    ----------
    state
        The choice.

    Returns
    -------
    shortfall
        0 where every group has what it needs.
    """
    missing = 0.0
    for met in state.met:
        missing += max(0.0, 1.0 - ROUNDING - met)
    return missing
