"""The search for the plans of a mixture: first as any night, then holding back where it must.

Where units come every night, hours rest in turns: in a quarter of the plans where the cap is three
quarters. From the second round on the prices of the master program say which first visits of
an hour cost more than they are worth, and which streets are worth going through.
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

# By how much hours rest more than the cap asks for: plans are few, and chance plays its part.
_SPARE = 0.05
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
    places, hours = nothing.shape
    turns = Turns((places, hours), rng), Turns((len(ground.streets), 1), rng)
    for number in range(effort.rounds):
        progress(len(found), total)
        if not keep_going() or time.perf_counter() > end_s:
            break
        shares = share_out([one.column for one in found], caps) if number else None
        rest, sent = _rest(ground, found, caps)
        closed = [turns[0].take(rest) for _ in range(effort.plans)]
        passed = [turns[1].take(sent[:, None])[:, 0] for _ in range(effort.plans)]
        quiets = [
            _quiet(ground, flags, passed=streets, shares=shares)
            for flags, streets in zip(closed, passed, strict=True)
        ]
        more = _computed(ground, solve, list(zip(closed, quiets, strict=True)), rng)
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


def _rest(ground: Ground, found: Sequence[Found], caps: Caps) -> tuple[Floats, Floats]:
    """Return the shares of plans in which hours must be closed, and streets must be passed.

    By how often units come where nothing is closed; streets by the plans without prices.
    """
    present = np.array([one.present for one in found])
    free = np.array([~one.closed for one in found])
    often = (present & free).sum(axis=0) / np.maximum(free.sum(axis=0), 1)
    rest = np.where(ground.capped, _share(often, caps.present - _SPARE), 0.0)
    missed = np.mean([one.missed for one in found], axis=0)
    return rest, np.where(ground.passable, _share(missed, caps.missed - _SPARE), 0.0)


def _share(often: Floats, cap: float) -> Floats:
    return np.maximum(0.0, 1.0 - cap / np.maximum(often, cap))


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
