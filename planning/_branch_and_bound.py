"""Covering solved to proof by HiGHS's branch and bound, where that is small enough.

HiGHS: Huangfu and Hall (2018), "Parallelizing the dual revised simplex method", Mathematical
Programming Computation 10, 119-142.

It works in a process of its own: at the root of its tree it asks nobody whether to go on, for as
long as the relaxation takes, and only a process can be ended from outside.
"""

import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, diags_array, hstack, vstack

from planning._coverage_bound import Covering

Flags = NDArray[np.bool_]

# How far a constraint may be missed: what counts as nothing in sums of costs and demands too.
_TOLERANCE = 1e-9
# By how much the solver's arithmetic may fall short of a bound, as a share of all demand.
_SLACK = 1e-8
# How often it is asked whether to go on, and how long the solver may take to hand over what it has.
_BETWEEN_ASKS_S, _GRACE_S = 0.05, 1.0


@dataclass(frozen=True)
class Proof:
    """What branch and bound has found out.

    Attributes
    ----------
    chosen
        Whether each candidate is chosen; none where no choice was found.
    bound
        Demand that no choice exceeds that obeys the rules; minus infinity where there is none.
    status
        "optimal" where the choice is proven best, "infeasible" where it is proven that none obeys
        the rules, "open" where the search stopped before a proof.
    """

    chosen: Flags | None
    bound: float
    status: Literal["optimal", "infeasible", "open"]


@dataclass(frozen=True)
class _Task:
    """What the solver is to do.

    Attributes
    ----------
    problem
        The problem.
    start
        Whether each candidate is chosen at first; none where no such choice is known.
    time_limit_s
        Seconds after which the solver stops.
    most_nodes
        Nodes after which the solver stops; none for no limit.
    """

    problem: Covering
    start: Flags | None
    time_limit_s: float
    most_nodes: int | None


def prove(
    problem: Covering,
    start: Flags | None,
    *,
    time_limit_s: float,
    keep_going: Callable[[], bool],
    most_nodes: int | None = None,
) -> Proof:
    """Look for the best choice and a proof.

    Parameters
    ----------
    problem
        The problem.
    start
        Whether each candidate is chosen at first, by a choice that obeys the rules; none where no
        such choice is known.
    time_limit_s
        Seconds after which the solver stops with what it has.
    keep_going
        Asked while the solver works; once it says no, the solver stops with what it has. What it
        does not hand over within a second is lost.
    most_nodes
        Nodes after which the solver stops with what it has.

    Returns
    -------
    proof
        What was found.
    """
    task = _Task(problem, start, max(time_limit_s, 0.0), most_nodes)
    # A forked process needs no main module that can be imported, and begins at once.
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    told = context.Event()
    worker = context.Process(target=_work, args=(task, told, sender), daemon=True)
    worker.start()
    sender.close()
    try:
        return _awaited(receiver, told, task, keep_going)
    finally:
        worker.kill()
        worker.join()
        worker.close()
        receiver.close()


def _awaited(
    receiver: Connection, told: Event, task: _Task, keep_going: Callable[[], bool]
) -> Proof:
    """Wait for the worker; what it has not found out when it must stop is open."""
    last_s = time.perf_counter() + task.time_limit_s + _GRACE_S
    while not receiver.poll(_BETWEEN_ASKS_S):
        if not told.is_set() and not keep_going():
            told.set()
            last_s = min(last_s, time.perf_counter() + _GRACE_S)
        if time.perf_counter() > last_s:
            return Proof(None, float(task.problem.demand.sum()), "open")
    try:
        proof: Proof = receiver.recv()
    except EOFError:
        # The system has ended the worker, as where memory is short.
        return Proof(None, float(task.problem.demand.sum()), "open")
    return proof


def _work(task: _Task, told: Event, sender: Connection) -> None:
    """Solve, away from the process that asked; that one decides what an interrupt means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    problem, start = task.problem, task.start
    unit = float(problem.demand.mean()) or 1.0
    solver = _solver(problem, unit)
    solver.setOptionValue("time_limit", task.time_limit_s)
    if task.most_nodes is not None:
        solver.setOptionValue("mip_max_nodes", task.most_nodes)
    if start is not None:
        counted = problem.cover.T @ start >= problem.folds
        values = np.concatenate([start, counted]).astype(np.float64)
        solver.setSolution(len(values), np.arange(len(values), dtype=np.int32), values)

    def stop_if_told(event: highspy.HighsCallbackEvent) -> None:
        if told.is_set():
            event.interrupt()

    solver.cbMipInterrupt.subscribe(stop_if_told)
    solver.run()
    sender.send(_proof(solver, problem, unit))


def _proof(solver: highspy.Highs, problem: Covering, unit: float) -> Proof:
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return Proof(None, -np.inf, "infeasible")
    info, kinds = solver.getInfo(), highspy.SolutionStatus
    chosen = None
    if info.primal_solution_status == kinds.kSolutionStatusFeasible:
        values = np.asarray(solver.getSolution().col_value)[: len(problem.cost)]
        chosen = np.rint(values).astype(bool)
    total = float(problem.demand.sum())
    bound = min(-float(info.mip_dual_bound) * unit + _SLACK * total, total)
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Proof(chosen, bound, "optimal" if optimal else "open")


def _solver(problem: Covering, unit: float) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy annotates no constructor
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    for kind in ("primal", "dual", "mip"):
        solver.setOptionValue(f"{kind}_feasibility_tolerance", _TOLERANCE)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", _TOLERANCE * float(problem.demand.sum()) / unit)
    solver.passModel(_model(problem, unit))
    return solver


def _model(problem: Covering, unit: float) -> highspy.HighsLp:
    """Write the problem down: shares of the sites, then of the points, in units of demand."""
    sites, points = problem.cover.shape
    groups = len(problem.least)
    matrix = csc_array(
        vstack(
            [
                hstack([-problem.cover.T, diags_array(problem.folds.astype(np.float64))]),
                csr_array(np.concatenate([problem.cost, np.zeros(points)])[None]),
                hstack([csr_array((groups, sites)), problem.groups / unit]),
            ]
        )
    )
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = sites + points, points + 1 + groups
    model.col_cost_ = np.concatenate([np.zeros(sites), -problem.demand / unit])
    model.col_lower_, model.col_upper_ = np.zeros(sites + points), np.ones(sites + points)
    model.row_lower_ = np.append(np.full(points + 1, -np.inf), problem.least / unit)
    model.row_upper_ = np.concatenate([np.zeros(points), [problem.budget], np.full(groups, np.inf)])
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    kinds = highspy.HighsVarType
    # A point that one site is enough for counts as a whole wherever the sites are whole.
    model.integrality_ = [kinds.kInteger] * sites + [
        kinds.kInteger if folds > 1 else kinds.kContinuous for folds in problem.folds.tolist()
    ]
    return model
