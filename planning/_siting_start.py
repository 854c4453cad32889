"""Where the search for sites starts: greedy choices, and prices that let every group be met.

A group that must be covered to some share bids for its points: its price is added to their demand
and raised until the choice meets the group, as multipliers of its constraint would be (Fisher 1981,
"The Lagrangian relaxation method for solving integer programming problems", Management Science 27,
1-18). Choices are compared by what they truly cover, never by prices.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from planning._swap_search import Best, best_of, fill, fill_by_folds, improve, keep_best
from planning._swap_state import Instance, State, empty_state, state_of

Floats = NDArray[np.float64]

# Rounds of raising the prices of groups that are not met, and of lowering all of them again.
_RAISES, _LOWERINGS = 40, 8
# A first price, as a share of what the greedy choice covers; prices that fail grow by the factor.
_FIRST_PRICE, _GROWTH = 0.05, 1.3
# How prices follow the groups during annealing.
_UP, _DOWN = 1.2, 0.97


def first_choice(instance: Instance, keep_going: Callable[[], bool]) -> tuple[Instance, Best]:
    """Choose sites greedily and improve the choice by swaps.

    Parameters
    ----------
    instance
        The problem.
    keep_going
        Asked between steps; once it says no, the best so far is returned.

    Returns
    -------
    priced
        The problem at prices at which the search meets the groups, if it found any.
    best
        The best choice found.
    """
    best = best_of(empty_state(instance))
    for power in (1.0, 0.0):
        for folded in {False, instance.folded}:
            keep_best(_greedy(instance, power=power, by_folds=folded), best)
    if not best.rank[0]:
        return instance, best
    return _met(instance, best, keep_going)


def repriced(instance: Instance, state: State) -> tuple[Instance, State]:
    """Raise the prices of groups that a choice does not meet and lower those of the others.

    Parameters
    ----------
    instance
        The problem.
    state
        A choice.

    Returns
    -------
    repriced
        The problem at the new prices.
    state
        The choice at the new prices.
    """
    if not instance.groups:
        return instance, state
    lowest = _FIRST_PRICE * state.total[2] * (state.met < 1)
    price = np.maximum(instance.price * np.where(state.met < 1, _UP, _DOWN), lowest)
    instance = _at(instance, price)
    return instance, state_of(instance, state.chosen)


def _greedy(instance: Instance, *, power: float, by_folds: bool) -> State:
    state = empty_state(instance)
    if by_folds:
        fill_by_folds(instance, state, power)
    fill(instance, state, power)
    improve(instance, state)
    return state


def _met(instance: Instance, best: Best, keep_going: Callable[[], bool]) -> tuple[Instance, Best]:
    """Raise prices until every group is met, then look for the lowest that will do."""
    step = np.full(instance.groups, _FIRST_PRICE * max(best.rank[1], instance.demand.max()))
    price, failed = np.zeros(instance.groups), np.zeros(instance.groups)
    unmet = state_of(instance, best.chosen).met < 1
    for turn in range(_RAISES):
        if not unmet.any() or not keep_going():
            break
        failed = price
        price, step = price + step * unmet, np.where(unmet, step * _GROWTH, step)
        unmet = _tried(instance, price, turn, best).met < 1
    for turn in range(_LOWERINGS):
        if best.rank[0] or not keep_going():
            break
        middle = (price + failed) / 2
        if (_tried(instance, middle, turn, best).met < 1).any():
            failed = middle
        else:
            price = middle
    return _at(instance, price), best


def _tried(instance: Instance, price: Floats, turn: int, best: Best) -> State:
    """Choose at some prices, by cost and by folds in turns, and keep what is best."""
    by_folds = instance.folded and turn % 2 == 0
    state = _greedy(_at(instance, price), power=float(turn // 2 % 2 == 0), by_folds=by_folds)
    keep_best(state, best)
    return state


def _at(instance: Instance, price: Floats) -> Instance:
    """Set the prices of the groups: what meeting the whole need of each would be worth."""
    point = np.repeat(np.arange(len(instance.demand)), np.diff(instance.group_start))
    worth = instance.demand.copy()
    np.add.at(worth, point, price[instance.group] * instance.part)
    return instance._replace(price=price, worth=worth)
