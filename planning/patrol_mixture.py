"""Plans that nobody can learn: a mixture of whole nights, of which one is drawn.

Whoever watches a town for long enough knows its best plan. Tonight's plan is therefore drawn from
several, at probabilities that keep the expected value near the best and limit how surely anybody
can be foreseen: to be at a stop within an hour, or to stay away from a street all night. Random
patrols as commitments that withstand an observer: Tambe (2011), "Security and Game Theory",
Cambridge University Press; Basilico, Gatti and Amigoni (2012), "Patrolling security games",
Artificial Intelligence 184-185, 78-123; that one fixed cycle is best against nobody who watches:
Chevaleyre (2004), "Theoretical analysis of the multi-agent patrolling problem", IAT, 302-308; that
presence at unknown hours deters beyond its time: Sherman (1990), "Police crackdowns: initial and
residual deterrence", Crime and Justice 12, 1-48, and Koper (1995).

The plans are columns of a linear program (`_mixture_master`). Plans that could help are computed as
the night itself is, at the prices of the program (Jain, Kardes, Kiekintveld, Ordonez and Tambe
2010, "Security games with arbitrary schedules: a branch and price approach", AAAI, 792-797), and
hold back in turns (`_mixture_quiet`) where units would come every night. All plans are valued
alike, by `PatrolPlan.value`, never by the prices.

What counts as foreseen: some unit is at a place of demand for any part of a clock hour. Breaks and
meetings at posts do not count, nor does who only walks past; nor do hours in which a point has to
be visited for all to see, such as a school's way home. A mixture hides tonight's plan among its
plans: who knows them could tell them apart by their first stops. It is as secret as the seed it is
made from, and every night needs another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InfeasiblePlanError, ParameterError
from geo.zone import Zone
from planning._arguments import faults_of_seed, is_whole
from planning._mixture_bound import value_bound
from planning._mixture_columns import solving
from planning._mixture_hours import NightHours, announced, places_of
from planning._mixture_master import Caps, Column, share_out
from planning._mixture_search import Effort, Found, Ground, generate
from planning._mixture_streets import passable, with_streets
from planning._patrol_input import check_input
from planning._patrol_night import make_ready
from planning.mixture_params import MixtureParams
from planning.patrol_params import PatrolParams
from planning.patrol_plan import PatrolPlan
from planning.patrol_rules import PatrolRules
from planning.units import Unit

Floats = NDArray[np.float64]

# Caps of the frontier, beside the mixture's own.
_CAPS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0)
# What probabilities may be off by.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class PatrolMixture:
    """Plans of one night, and how often each is drawn.

    Attributes
    ----------
    plans
        The plans.
    probabilities
        Of each plan, > 0; they sum to 1.
    demand
        What the plans stop for: the points of demand, and the middles of streets.
    expected_value
        Expected `PatrolPlan.value`.
    best_value
        That of the best plan found, alone.
    value_bound
        What the expected value of no mixture within these caps can exceed.
    predictability
        Largest probability that some unit is at a stop within a clock hour of the night.
    uncovered
        Largest probability that no tour passes a street.
    stop_hours
        A row a place and clock hour: point (label of the first point there), name_th, name_en, hour
        (its beginning, UTC), probability, and announced (whether a point's own hours give the visit
        away, so that it is not capped).
    streets
        A row a street, labelled as they are: name_th, name_en, uncovered (the probability that no
        tour passes it), passable (whether any unit could).
    frontier
        A row a cap on predictability: cap, value (the expected value that the plans found allow, as
        a share of the best plan's; NaN where they cannot keep the cap), at_most (the share that no
        mixture within the cap exceeds, whatever its plans).
    params
        What it was to keep.
    """

    plans: tuple[PatrolPlan, ...]
    probabilities: tuple[float, ...]
    demand: gpd.GeoDataFrame
    expected_value: float
    best_value: float
    value_bound: float
    predictability: float
    uncovered: float
    stop_hours: pd.DataFrame
    streets: pd.DataFrame
    frontier: pd.DataFrame
    params: MixtureParams

    @property
    def value_share(self) -> float:
        """Expected value as a share of the best plan's.

        Returns
        -------
        share
            In [0, 1]; 1 where nothing is worth anything.
        """
        return self.expected_value / self.best_value if self.best_value > 0 else 1.0

    @property
    def keeps_all(self) -> bool:
        """Whether it keeps its value and both caps at once.

        Returns
        -------
        keeps
            Beyond rounding.
        """
        return (
            self.value_share >= self.params.least_value - _ROUNDING
            and self.predictability <= self.params.most_predictable + _ROUNDING
            and self.uncovered <= self.params.most_uncovered + _ROUNDING
        )

    def draw(self, seed: int) -> PatrolPlan:
        """Draw the plan of the night.

        Parameters
        ----------
        seed
            Seed of the draw, from 0 to 2**32 - 1: not the one that the mixture was made from.

        Returns
        -------
        plan
            One of the plans.

        Raises
        ------
        ParameterError
            The seed is out of range.
        """
        if faults := faults_of_seed(seed):
            raise ParameterError(faults[0])
        return self.plans[np.random.default_rng(seed).choice(len(self.plans), p=self.probabilities)]


def plan_mixture(
    zone: Zone,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    params: PatrolParams | None = None,
    rules: PatrolRules | None = None,
    mixture: MixtureParams | None = None,
    seed: int,
    workers: int = 1,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> PatrolMixture:
    """Plan a night several times over, so that nobody can foresee which plan is carried out.

    The caps come before the value: where the plans found keep no cap, it is exceeded by as little
    as they can, and where they keep the caps at less than the value wanted, the mixture says so.

    Parameters
    ----------
    zone
        Zone whose streets the patrols use.
    units
        Units of the night, each with an id of its own.
    demand
        Points worth a visit, as for `plan_patrol`.
    params
        Limits of each plan, but for its iterations.
    rules
        Rules of the zone; none where none are given.
    mixture
        What the mixture is to keep.
    seed
        Seed that the plans are made from, from 0 to 2**32 - 1. The same seed gives the same mixture
        with any number of workers, unless a time limit ends the search.
    workers
        Number of processes that plans are computed in, >= 1.
    keep_going
        Asked before each round; once it says no, the mixture is made of the plans there are.
    progress
        Told how many plans of how many are done, before each round and at the end.

    Returns
    -------
    mixture
        Plans, their probabilities, and what can be foreseen of them.

    Raises
    ------
    InfeasiblePlanError
        There is no unit, there are too many, or breaks or rules cannot be kept; who and which are
        named.
    LayerError
        Points of demand or posts break the rules above, or units share an id; every fault is
        named.
    ParameterError
        The seed or the number of workers is out of range.
    """
    mixture = mixture or MixtureParams()
    params = replace(params or PatrolParams(), iterations=mixture.iterations)
    _check_run(units, seed, workers)
    check_input(zone, units, demand, least_gap_s=params.least_gap_s)
    wanted = with_streets(demand, zone.streets)
    night = make_ready(zone, units, wanted, params=params, rules=rules or PatrolRules())
    hours, place = NightHours.of_units(units, timezone=zone.timezone), places_of(wanted.geometry)
    ground = Ground(
        night=night,
        streets=zone.streets,
        hours=hours,
        place=place,
        capped=~announced(wanted, place, hours, within_s=mixture.announced_s),
        passable=passable(night, len(zone.streets)),
    )
    with solving(night, workers=workers) as solve:
        found = generate(
            ground,
            Caps(mixture.most_predictable, mixture.most_uncovered),
            solve,
            effort=Effort(
                mixture.open_plans, mixture.rounds, mixture.plans_a_round, mixture.time_limit_s
            ),
            seed=seed,
            keep_going=keep_going,
            progress=progress,
        )
    return _mixed(ground, found, mixture)


def _check_run(units: Sequence[Unit], seed: int, workers: int) -> None:
    faults = faults_of_seed(seed)
    if not is_whole(workers, least=1):
        faults.append(f"Expected whole `workers` >= 1, got {workers}.")
    if faults:
        raise ParameterError("\n".join(faults))
    if not units:
        raise InfeasiblePlanError("Expected at least one unit to patrol, got none.")


def _mixed(ground: Ground, found: Sequence[Found], mixture: MixtureParams) -> PatrolMixture:
    """Choose the shares of the plans, and say what can be foreseen."""
    columns = [one.column for one in found]
    shares = share_out(columns, Caps(mixture.most_predictable, mixture.most_uncovered))
    drawn = [one for one, share in zip(found, shares.probability, strict=True) if share > 0]
    probability = shares.probability[shares.probability > 0]
    present = np.tensordot(probability, np.array([one.present for one in drawn]), axes=1)
    missed = probability @ np.array([one.missed for one in drawn])
    return PatrolMixture(
        plans=tuple(one.plan for one in drawn),
        probabilities=tuple(probability.tolist()),
        demand=ground.night.demand,
        expected_value=shares.value,
        best_value=max(column.value for column in columns),
        value_bound=_bound(ground, mixture.most_predictable),
        predictability=float(present[ground.capped].max(initial=0.0)),
        uncovered=float(missed[ground.passable].max(initial=0.0)),
        stop_hours=_stop_hours(ground, present),
        streets=_streets(ground, missed),
        frontier=_frontier(ground, columns, mixture),
        params=mixture,
    )


def _stop_hours(ground: Ground, present: Floats) -> pd.DataFrame:
    count = ground.hours.count
    first = ground.night.demand[~pd.Series(ground.place).duplicated().to_numpy()]
    begins = pd.to_timedelta(ground.hours.edges_s[:-1], unit="s") + pd.Timestamp(
        ground.hours.origin
    )
    return pd.DataFrame(
        {
            "point": first.index.repeat(count),
            "name_th": first["name_th"].repeat(count).to_numpy(),
            "name_en": first["name_en"].repeat(count).to_numpy(),
            "hour": np.tile(begins, len(first)),
            "probability": present.ravel(),
            "announced": ~ground.capped.ravel(),
        }
    )


def _streets(ground: Ground, missed: Floats) -> pd.DataFrame:
    middles = ground.night.demand.iloc[-len(ground.streets) :]
    return pd.DataFrame(
        {
            "name_th": middles["name_th"].to_numpy(),
            "name_en": middles["name_en"].to_numpy(),
            "uncovered": missed,
            "passable": ground.passable,
        },
        index=ground.streets.index,
    )


def _bound(ground: Ground, cap: float) -> float:
    """Return what no mixture is worth that is nowhere more predictable than a cap."""
    most_present = np.where(ground.capped, cap, 1.0)[ground.place]
    return value_bound(ground.night, most_present, edges_s=ground.hours.edges_s)


def _frontier(ground: Ground, columns: Sequence[Column], mixture: MixtureParams) -> pd.DataFrame:
    """Return what the plans found allow at each cap on predictability, and what any could."""
    best = max(column.value for column in columns)
    rows = []
    for cap in sorted({*_CAPS, mixture.most_predictable}):
        shares = share_out(columns, Caps(cap, mixture.most_uncovered))
        value, bound = np.array([shares.value, _bound(ground, cap)]) / best if best > 0 else (1, 1)
        rows.append((cap, np.nan if shares.excess else value, bound))
    return pd.DataFrame(rows, columns=["cap", "value", "at_most"], dtype=np.float64)
