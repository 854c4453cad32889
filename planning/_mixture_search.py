"""The search for the plans of a mixture: first as any night, then holding back where it must.

Where units come every night, hours rest in turns: in a quarter of the plans where the cap is three
quarters. The turns come round, so that plans of the same turn may stand in for one another. From
the second round on the prices of the master program say which first visits of an hour cost more
than they are worth, and which streets are worth going through.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from planning._mixture_columns import Solve, Task
from planning._mixture_hours import NightHours, presence
from planning._mixture_master import Caps, Column, Shares, share_out
from planning._mixture_quiet import Quiet, Turns
from planning._patrol_problem import Night
from planning.patrol_plan import PatrolPlan

Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Floats = NDArray[np.float64]

# How near to their caps hours begin to rest, and streets to be passed: plans are few, chance plays
# its part, and where some hours rest units come more often in others.
_SPARE_HOURS, _SPARE_STREETS = 0.3, 0.05
# What gains may be off by, as a share of a plan's value.
_NO_GAIN = 1e-6
_SEEDS = 2**32


class Effort(NamedTuple):
    """How many plans are computed.

    Attributes
    ----------
    open_plans
        Plans computed first, without anything held back.
    rounds
        Rounds of further plans.
    plans
        Plans of each round.
    time_limit_s
        Seconds after which no further round begins.
    """

    open_plans: int
    rounds: int
    plans: int
    time_limit_s: float


@dataclass(frozen=True)
class Ground:
    """What the plans of a mixture share.

    Attributes
    ----------
    night
        The night; its demand ends with a point for each street.
    streets
        The streets.
    hours
        Its clock hours.
    place
        Number of the place of each point of demand.
    capped
        Whether presence at each place within each hour is capped, shape (places, hours).
    passable
        Whether some unit can pass each street.
    """

    night: Night
    streets: gpd.GeoDataFrame
    hours: NightHours
    place: Numbers
    capped: Flags
    passable: Flags

    @property
    def wanted(self) -> int:
        """Number of points that are no streets' middles.

        Returns
        -------
        wanted
            The first so many of the night's demand.
        """
        return len(self.night.demand) - len(self.streets)

    def look_at(self, plan: PatrolPlan, closed: Flags) -> "Found":
        """Return what can be seen of a plan.

        Parameters
        ----------
        plan
            A plan of the night.
        closed
            What it was kept clear of, shape (places, hours).

        Returns
        -------
        found
            The plan, without the middles of streets among what it left unserved.
        """
        labels = self.night.demand.index
        place_of = dict(zip(labels, self.place.tolist(), strict=True))
        present = presence(plan, place_of, self.hours)
        missed = ~plan.streets_covered(self.streets).to_numpy(dtype=np.bool_)
        unserved = plan.unserved[plan.unserved.index.isin(labels[: self.wanted])]
        return Found(
            plan=replace(plan, unserved=unserved),
            present=present,
            missed=missed,
            closed=closed,
            column=Column(plan.value, present[self.capped], missed[self.passable]),
        )


class Found(NamedTuple):
    """A plan, and what can be seen of it.

    Attributes
    ----------
    plan
        The plan.
    present
        Whether some unit is at a place within an hour, shape (places, hours).
    missed
        Whether no tour passes a street, shape (streets,).
    closed
        Whether the plan was kept clear of a place within an hour, shape (places, hours).
    column
        The same as a column of the master program, of what is capped.
    """

    plan: PatrolPlan
    present: Flags
    missed: Flags
    closed: Flags
    column: Column


def generate(
    ground: Ground,
    caps: Caps,
    solve: Solve,
    *,
    effort: Effort,
    seed: int,
    keep_going: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> list[Found]:
    """Compute plans for a mixture.

    Parameters
    ----------
    ground
        What they share.
    caps
        What the mixture must keep.
    solve
        Turns tasks into plans.
    effort
        How many plans are computed.
    seed
        Seed of all of them.
    keep_going
        Asked before each round; once it says no, the search ends.
    progress
        Told how many plans of how many are done.

    Returns
    -------
    found
        The plans, at least one.
    """
    end_s = time.perf_counter() + effort.time_limit_s
    rng = np.random.default_rng(seed)
    nothing = np.zeros_like(ground.capped)
    total = effort.open_plans + effort.rounds * effort.plans
    progress(0, total)
    found = _computed(ground, solve, [(nothing, _quiet(ground, nothing))] * effort.open_plans, rng)
    rests = Turns(nothing.shape, _share(caps.present, effort.plans), rng)
    sent = Turns((len(ground.streets), 1), _share(caps.missed, effort.plans), rng)
    for number in range(effort.rounds):
        progress(len(found), total)
        if not keep_going() or time.perf_counter() > end_s:
            break
        shares = share_out([one.column for one in found], caps) if number else None
        often, seldom = _foreseen(ground, found, caps)
        held = []
        for turn in range(number * effort.plans, (number + 1) * effort.plans):
            closed = rests.take(turn) & often
            passed = sent.take(turn)[:, 0] & seldom
            held.append((closed, _quiet(ground, closed, passed=passed, shares=shares)))
        more = _computed(ground, solve, held, rng)
        found += more
        if shares is not None and not shares.excess and not _any_helps(more, shares):
            break
    progress(total, total)
    return found


def _computed(
    ground: Ground, solve: Solve, held: Sequence[tuple[Flags, Quiet]], rng: np.random.Generator
) -> list[Found]:
    tasks = [Task(quiet, ground.place, int(rng.integers(_SEEDS))) for _, quiet in held]
    return [
        ground.look_at(plan, closed) for plan, (closed, _) in zip(solve(tasks), held, strict=True)
    ]


def _any_helps(more: Sequence[Found], shares: Shares) -> bool:
    """Tell whether some plan is worth more than the prices say that it must be."""
    best = max(one.column.value for one in more)
    return any(shares.gain(one.column) > _NO_GAIN * best for one in more)


def _foreseen(ground: Ground, found: Sequence[Found], caps: Caps) -> tuple[Flags, Flags]:
    """Tell the hours in which units come too often where nothing is closed, and streets missed."""
    present = np.array([one.present for one in found])
    free = np.array([~one.closed for one in found])
    often = (present & free).sum(axis=0) / np.maximum(free.sum(axis=0), 1)
    missed = np.mean([one.missed for one in found], axis=0)
    return (
        ground.capped & (often > caps.present - _SPARE_HOURS),
        ground.passable & (missed > caps.missed - _SPARE_STREETS),
    )


def _share(cap: float, plans: int) -> float:
    """Return the share of plans that keep clear of what the others may do on every night.

    As many whole plans of a round as the cap asks for: what they leave free is made up for by plans
    without anything held back.
    """
    whole = np.ceil((1.0 - cap) * plans - _NO_GAIN) / plans
    return float(whole) if whole < 1.0 else 1.0 - cap


def _quiet(
    ground: Ground, closed: Flags, *, passed: Flags | None = None, shares: Shares | None = None
) -> Quiet:
    """Say what a plan keeps clear of, and what it is to pass, at the prices of the shares."""
    weight = ground.night.demand["weight"].to_numpy(np.float64)
    price, prize = np.zeros(closed.shape), np.zeros(len(weight))
    streets = prize[ground.wanted :]
    if passed is not None:
        # As much as an average visit, so that it is made like one.
        streets[passed] = weight[weight > 0].mean() if (weight > 0).any() else 1.0
    if shares is not None:
        price[ground.capped] = shares.price_present
        streets[ground.passable] += shares.price_missed
    return Quiet(closed[ground.place], price[ground.place], ground.hours.edges_s, prize)
