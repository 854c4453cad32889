"""Plans for a mixture, each computed as a night of its own, in several processes if asked to.

A plan depends on its task alone, so that the same tasks give the same plans with any number of
workers.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning._mixture_quiet import Quiet, hold_back, offer_slots
from planning._patrol_night import plan_of, visits_due
from planning._patrol_problem import Night
from planning._patrol_rounds import plan_outings
from planning._patrol_windows import times_due
from planning.patrol_plan import PatrolPlan

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

# What a plan draws for its slots is drawn apart from the rest.
_SLOTS = 2


class Task(NamedTuple):
    """What a plan is computed from, besides the night.

    Attributes
    ----------
    quiet
        What it keeps clear of.
    place
        Number of the place of each point of demand.
    seed
        Its seed.
    """

    quiet: Quiet
    place: Numbers
    seed: int


Solve = Callable[[Sequence[Task]], list[PatrolPlan]]


def plan_quietly(night: Night, task: Task) -> PatrolPlan:
    """Plan a night that keeps clear of what its task names, and is valued as any other.

    Parameters
    ----------
    night
        Who is out, what there is to stop for, and the ways between.
    task
        What to keep clear of, and the seed.

    Returns
    -------
    plan
        The plan.
    """
    quiet, gap_s = task.quiet, night.params.least_gap_s
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)

    def offered(visits: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
        taken = _taken(made, quiet, task.place, dwell_s)
        return hold_back(visits, quiet, dwell_s=dwell_s, taken=taken, least_gap_s=gap_s)

    slots = offer_slots(
        night.points.iloc[: len(task.place)],
        quiet,
        times_due(night.points, span_s=night.span_s),
        span_s=night.span_s,
        least_gap_s=gap_s,
        rng=np.random.default_rng([task.seed, _SLOTS]),
    )
    outings = plan_outings(night, slots, seed=task.seed, offered=offered)
    return plan_of(night, visits_due(night, seed=task.seed), outings, seed=task.seed)


def _taken(made: pd.DataFrame, quiet: Quiet, place: Numbers, dwell_s: Floats) -> Flags:
    """Tell the points at whose places units are within an hour by the visits made so far."""
    point = made["point"].to_numpy(np.intp)
    # Breaks come after all points of demand.
    visits = made[point < len(place)]
    point = point[point < len(place)]
    # About then: a later round may still move it a little.
    begins_s = (visits["earliest_s"] + visits["latest_s"]).to_numpy(np.float64) / 2
    taken = np.zeros_like(quiet.closed)
    for moment_s in (begins_s, begins_s + dwell_s[point]):
        hour = np.searchsorted(quiet.edges_s, moment_s, side="right") - 1
        taken[place[point], np.clip(hour, 0, taken.shape[1] - 1)] = True
    return np.asarray(taken[place])


@contextmanager
def solving(night: Night, *, workers: int) -> Iterator[Solve]:
    """Open what computes plans of a night; on leaving, its processes end.

    Parameters
    ----------
    night
        The night.
    workers
        Number of processes; with 1 this one computes.

    Yields
    ------
    solve
        Turns tasks into plans, in their order.
    """
    if workers == 1:
        yield lambda tasks: [plan_quietly(night, task) for task in tasks]
        return
    # A forked process needs no main module that can be imported, and begins at once.
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_begin,
        initargs=(night,),
    )
    try:
        yield lambda tasks: list(pool.map(_solve, tasks))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_NIGHT: list[Night] = []


def _begin(night: Night) -> None:
    """Keep the night of this process; the one that asked decides what an interrupt means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _NIGHT[:] = [night]


def _solve(task: Task) -> PatrolPlan:
    return plan_quietly(_NIGHT[0], task)
