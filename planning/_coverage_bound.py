"""Upper bounds on what any affordable choice of sites can cover.

Relaxing "a point is seen only where a chosen site sees it" with multipliers between 0 and the
point's demand leaves a continuous knapsack that sorting solves, and its value is a bound whatever
the multipliers are (Galvão and ReVelle 1996, "A Lagrangean heuristic for the maximal covering
location problem", European Journal of Operational Research 88, 114-123). The multipliers are the
duals of the linear relaxation, solved by HiGHS's interior point method without crossover (Huangfu
and Hall 2018, Mathematical Programming Computation 10, 119-142), so that no tolerance of the
solver enters the bound; where it finds no duals in time, a subgradient search stands in.
"""

import time
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, eye_array, hstack, vstack

Floats = NDArray[np.float64]

_SUBGRADIENT_STEPS = 300


class Covering(NamedTuple):
    """A maximal covering problem without fixed sites.

    Attributes
    ----------
    cover
        Which candidate sees which demand point, shape (candidates, points), ones.
    demand
        Weight of each demand point, > 0.
    cost
        Cost of each candidate, > 0 and at most the budget.
    budget
        Most that the chosen candidates may cost together.
    folds
        How many chosen candidates must see each demand point before it counts, >= 1.
    groups
        What each demand point counts for in each group, shape (groups, points), >= 0.
    least
        Demand that must be covered in each group.
    """

    cover: csr_array
    demand: Floats
    cost: Floats
    budget: float
    folds: NDArray[np.int64]
    groups: csr_array
    least: Floats


def lagrangian_bound(problem: Covering, multipliers: Floats) -> tuple[float, Floats]:
    """Return the bound of the given multipliers and the sites' shares that attain it.

    Parameters
    ----------
    problem
        The problem.
    multipliers
        What each demand point pays for being seen, from 0 to its demand.

    Returns
    -------
    bound
        Demand that no affordable choice exceeds.
    share
        Share of each candidate in the relaxed choice.
    """
    worth = problem.cover @ multipliers
    order = np.argsort(-worth / problem.cost, kind="stable")
    spent_before = np.cumsum(problem.cost[order]) - problem.cost[order]
    share = np.zeros(len(worth))
    share[order] = np.clip((problem.budget - spent_before) / problem.cost[order], 0.0, 1.0)
    return float((problem.demand - multipliers).sum() + worth @ share), share


def upper_bound(problem: Covering, *, covered: float, deadline_s: float) -> float:
    """Return the best bound found until the deadline, on the clock of `time.perf_counter`.

    Parameters
    ----------
    problem
        The problem.
    covered
        Demand that the best known choice covers.
    deadline_s
        Reading of `time.perf_counter` at which the search for a bound stops.

    Returns
    -------
    bound
        Demand that no affordable choice exceeds.
    """
    duals = _relaxation_duals(problem, deadline_s - time.perf_counter())
    if duals is not None:
        return lagrangian_bound(problem, duals)[0]
    return _subgradient_bound(problem, covered=covered, deadline_s=deadline_s)


def prove(
    problem: Covering, chosen: NDArray[np.bool_], *, time_limit_s: float
) -> tuple[NDArray[np.bool_], float, bool]:
    """Run HiGHS's branch and bound from a choice; return the best choice, bound and proof.

    Parameters
    ----------
    problem
        The problem.
    chosen
        Whether each candidate is chosen at first.
    time_limit_s
        Seconds after which the solver stops with what it has.

    Returns
    -------
    found
        Whether each candidate is chosen at last.
    bound
        Demand that no affordable choice exceeds.
    proven
        Whether the solver ended by itself.
    """
    solver = _solver(_model(problem, integral=True), time_limit_s)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-9 * float(problem.demand.sum()))
    seen = problem.cover.T @ chosen > 0
    start = np.concatenate([chosen, seen]).astype(np.float64)
    solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    solver.run()
    values = np.asarray(solver.getSolution().col_value)
    found = np.rint(values[: len(chosen)]).astype(bool) if len(values) else chosen
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return found, -float(solver.getInfo().mip_dual_bound), proven


def _relaxation_duals(problem: Covering, time_limit_s: float) -> Floats | None:
    if time_limit_s <= 0:
        return None
    solver = _solver(_model(problem, integral=False), time_limit_s)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.run()
    duals = np.asarray(solver.getSolution().row_dual)
    if len(duals) <= len(problem.demand) or not np.isfinite(duals).all():
        return None
    multipliers: Floats = np.clip(-duals[:-1], 0.0, problem.demand)
    return multipliers


def _subgradient_bound(problem: Covering, *, covered: float, deadline_s: float) -> float:
    multipliers = problem.demand / 2
    best, pace = np.inf, 1.0
    for step in range(_SUBGRADIENT_STEPS):
        bound, share = lagrangian_bound(problem, multipliers)
        best = min(best, bound)
        slope = problem.cover.T @ share - 1.0
        # A multiplier at its limit stays there; only the others have a say in the step's length.
        slope[(slope > 0) & (multipliers <= 0)] = 0.0
        slope[(slope < 0) & (multipliers >= problem.demand)] = 0.0
        square = float(slope @ slope)
        if not square or (step and time.perf_counter() > deadline_s):
            break
        pace *= 0.99
        stride = pace * max(bound - covered, 0.0) / square
        multipliers = np.clip(multipliers - stride * slope, 0.0, problem.demand)
    return best


def _model(problem: Covering, *, integral: bool) -> highspy.HighsLp:
    candidates, points = problem.cover.shape
    needs = hstack([-problem.cover.T, eye_array(points)])
    budget = csr_array(np.concatenate([problem.cost, np.zeros(points)])[None])
    matrix = csc_array(vstack([needs, budget]))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = candidates + points, points + 1
    model.col_cost_ = np.concatenate([np.zeros(candidates), -problem.demand])
    model.col_lower_, model.col_upper_ = np.zeros(candidates + points), np.ones(candidates + points)
    model.row_lower_ = np.full(points + 1, -np.inf)
    model.row_upper_ = np.append(np.zeros(points), problem.budget)
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    if integral:
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger] * candidates + [kinds.kContinuous] * points
    return model


def _solver(model: highspy.HighsLp, time_limit_s: float) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy annotates no constructor
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.setOptionValue("time_limit", max(time_limit_s, 0.0))
    solver.passModel(model)
    return solver
