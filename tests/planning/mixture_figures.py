"""Print how surely the Old Town's patrols can be foreseen, and what hiding costs.

`python -m tests.planning.mixture_figures [--units 12] [--seeds 1] [--caps 0.75] [--own] [--lost]`
plans a night of eight hours by the zone's made-up units and rules, tonight's demand and any number
of those units; `--own` takes their own shifts instead. The best plan is the best of all that were
found: those of the mixture, and three of `plan_patrol` with its usual effort. A cap of its own for
every row gives the frontier, each found by a search of its own at the usual effort; `at most` is
the share of the best plan that no mixture within the cap exceeds, however long it is searched for.
What an observer of 60 nights gets right is told of 2,000 more. `--lost` tells of each row where the
value is lost beside the best plan: for which points, how long they are open, and how much of it the
cap takes in any case, as hours and gaps leave no more room within it.
"""

import argparse
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from api.plan import job
from api.plan.inputs import PlanInputs
from geo.zone import Zone
from planning._mixture_bound import ceiling
from planning._mixture_hours import NightHours
from planning._patrol_night import make_ready
from planning._patrol_windows import times_due, worth_of_visits
from planning.mixture_params import MixtureParams
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_mixture import plan_mixture
from planning.units import Break
from tests.planning.observer import success_of_observer

FOLDER = Path(__file__).parents[2] / "data" / "old_town"
NIGHT = date(2026, 1, 3)
STARTS_AT = datetime(2026, 1, 3, 11, tzinfo=UTC)


class Demanded(Exception):  # noqa: N818  it is no error
    """Tonight's demand, on its way out of the job that computes it."""


def tonight():
    """Return zone, units, rules and demand of the night, as `smartzone plan` has them."""

    def stop(_zone, _units, demand, **_options):
        raise Demanded(demand)

    zone = Zone.load(FOLDER).on(NIGHT)
    inputs = PlanInputs.gather(zone, FOLDER, tonight=NIGHT)
    usual, job.plan_mixture = job.plan_mixture, stop
    try:
        job.run_plan(inputs, seed=1)
    except Demanded as told:
        return zone, inputs.units, inputs.rules, told.args[0]
    finally:
        job.plan_mixture = usual
    raise AssertionError


def eight_hours(units, count):
    """Return so many units on duty from 18:00 to 02:00, with half an hour's rest in the middle."""
    ends_at = STARTS_AT + timedelta(hours=8)
    rest = Break(STARTS_AT + timedelta(hours=3), STARTS_AT + timedelta(hours=4.5), 1800.0)
    return [
        replace(
            units[number % len(units)],
            id=f"unit-{number + 1}",
            starts_at=STARTS_AT,
            ends_at=ends_at,
            breaks=(rest,),
        )
        for number in range(count)
    ]


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def worth_by_point(plan, points, due):
    """Return what the visits of a plan to each point are worth; who comes together counts once."""
    stops = [stop for tour in plan.tours for stop in tour.stops if stop.kind == "visit"]
    times = pd.DataFrame([(stop.point, stop.arrives_at) for stop in stops]).drop_duplicates()
    made = times[0].value_counts().reindex(points.index, fill_value=0)
    return np.array(
        [
            worth_of_visits(*(np.array([value]) for value in one))
            for one in zip(points["weight"], due, made, strict=True)
        ]
    )


def best_plan_of(town, units, seed, others):
    """Return the best of some plans and of those that a mixture begins with, before it hides."""
    zone, _, rules, demand = town
    openly = MixtureParams(most_predictable=1.0, most_uncovered=1.0, rounds=0, time_limit_s=1e6)
    begun = plan_mixture(zone, units, demand, rules=rules, mixture=openly, seed=seed)
    return max([*others, *begun.plans], key=lambda plan: plan.value)


def tell_lost(town, units, mixture, best, *, rows=8):
    """Write for which points a mixture is worth less than a plan, and how long they are open."""
    zone, _, rules, demand = town
    night = make_ready(zone, units, demand, params=PatrolParams(), rules=rules)
    points = night.points.head(len(demand)).set_axis(demand.index)
    due = times_due(points, span_s=night.span_s)
    openly = worth_by_point(best, points, due)
    lost = openly - sum(
        share * worth_by_point(plan, points, due)
        for share, plan in zip(mixture.probabilities, mixture.plans, strict=True)
    )
    hours = NightHours.of_units(units, timezone=zone.timezone)
    caps = np.full(hours.count, mixture.params.most_predictable)
    # An hour that everybody knows of is not capped; this night has none.
    assert not mixture.stop_hours["announced"].any()
    most = points["weight"] * [
        ceiling(night, row, int(due[row]), caps, edges_s=hours.edges_s)
        for row in range(len(points))
    ]
    taken = np.maximum(openly - most.to_numpy(), 0.0)
    open_s = points["closes_s"].clip(upper=night.span_s) - points["opens_s"].clip(lower=0.0)
    first = np.argsort(-lost)[:rows]
    for row in first:
        tell(
            f"      {lost[row]:5.2f} lost ({taken[row]:.2f} by the cap alone) of weight "
            f"{points['weight'].iloc[row]:.2f}, open for {open_s.iloc[row] / 3600:.1f} h: "
            f"{demand['name_en'].iloc[row]}"
        )
    tell(
        f"      {lost.sum():5.2f} lost in all, of which {lost[first].sum():.2f} by these; the cap "
        f"alone takes {taken.sum():.2f}"
    )


def tell_row(town, units, *, cap, seed, others, where):
    """Write what a mixture keeps, and in what time."""
    zone, _, rules, demand = town
    begin_s = time.process_time()
    mixture = plan_mixture(
        zone,
        units,
        demand,
        rules=rules,
        mixture=MixtureParams(most_predictable=cap, time_limit_s=1e6),
        params=PatrolParams(time_limit_s=1e6),
        seed=seed,
    )
    used_s = time.process_time() - begin_s
    values = [plan.value for plan in others]
    best = max(mixture.best_value, *values)
    caught = np.mean(
        [success_of_observer(mixture, watched=60, nights=2000, seed=each) for each in range(5)]
    )
    tell(
        f"{len(units):5d} {cap:5.2f} {seed:4d} {mixture.expected_value / best:8.2%} "
        f"{mixture.expected_value / max(values):8.2%} {mixture.predictability:11.4f} "
        f"{mixture.uncovered:9.4f} {len(mixture.plans):5d} {mixture.expected_value:7.1f} "
        f"{best:7.1f} {mixture.value_bound:7.1f} {mixture.value_bound / best:8.2%} {caught:8.3f} "
        f"{used_s:6.1f}"
    )
    if where:
        tell_lost(town, units, mixture, best_plan_of(town, units, seed, others))


def tell_figures(counts, seeds, caps, *, own, where):
    """Write a row for every fleet, cap and seed."""
    town = tonight()
    zone, units, rules, demand = town
    usual = MixtureParams()
    tell(
        f"{usual.open_plans} plans, then {usual.rounds} rounds of {usual.plans_a_round} at most, "
        f"{usual.iterations} iterations each; no street uncovered above {usual.most_uncovered:.2f}"
    )
    tell(
        "units   cap seed  of best  of plan predictable uncovered plans   value    best   bound "
        " at most observer  CPU s"
    )
    for count in counts:
        fleet = list(units) if own else eight_hours(units, count)
        others = [plan_patrol(zone, fleet, demand, rules=rules, seed=seed) for seed in range(3)]
        for cap in caps:
            for seed in seeds:
                tell_row(town, fleet, cap=cap, seed=seed, others=others, where=where)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, nargs="+", default=[12])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--caps", type=float, nargs="+", default=[0.75, 0.85, 0.95, 1.0])
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--lost", action="store_true")
    options = parser.parse_args()
    tell_figures(
        options.units[:1] if options.own else options.units,
        options.seeds,
        options.caps,
        own=options.own,
        where=options.lost,
    )
