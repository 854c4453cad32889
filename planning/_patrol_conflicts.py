"""Why no plan is possible: the smallest sets of rules and units that cannot hold together.

A set is found by divide and conquer (Junker 2004, "QuickXplain: preferred explanations and
relaxations for over-constrained problems", AAAI 2004, 167-172): without any one of its clauses the
others can hold together. Then every smaller set is tried while there are not too many.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import combinations
from math import comb
from typing import NamedTuple
from zoneinfo import ZoneInfo

from planning._patrol_rests import begins_of_breaks, breaks_in_order, longest_on_foot
from planning.patrol_rules import PatrolRules
from planning.units import Unit

_MOST_TRIALS = 2000
_MOST_TOLD = 20


class Clause(NamedTuple):
    """Something a night asks for.

    Attributes
    ----------
    kind
        "rule", "shift", "break" or "end post".
    name
        Id of the rule or of the unit.
    number
        Which break of the unit, from 0 in the order of the night; 0 for everything else.
    """

    kind: str
    name: str
    number: int = 0


Feasible = Callable[[Sequence[Clause]], bool]


def smallest_conflict(clauses: Sequence[Clause], feasible: Feasible) -> list[Clause]:
    """Find a smallest set of clauses that cannot hold together.

    Parameters
    ----------
    clauses
        Clauses that cannot all hold together.
    feasible
        Whether some clauses can; if they can, then so can fewer of them, and none at all.

    Returns
    -------
    conflict
        In the order of the clauses. Without any one of them the others can hold together, and
        there is no smaller such set unless trying all would take more than 2,000 trials.
    """
    found = set(_explain([], list(clauses), feasible, changed=False))
    for size in range(1, len(found)):
        if comb(len(clauses), size) > _MOST_TRIALS:
            break
        for some in combinations(clauses, size):
            if not feasible(some):
                return list(some)
    return [clause for clause in clauses if clause in found]


def _explain(
    held: list[Clause], clauses: list[Clause], feasible: Feasible, *, changed: bool
) -> list[Clause]:
    if changed and not feasible(held):
        return []
    if len(clauses) == 1:
        return clauses
    half = len(clauses) // 2
    first, second = clauses[:half], clauses[half:]
    of_second = _explain(held + first, second, feasible, changed=True)
    of_first = _explain(held + of_second, first, feasible, changed=bool(of_second))
    return of_first + of_second


def conflicts_of_time(
    units: Sequence[Unit], rules: PatrolRules, ways_home_s: Sequence[float]
) -> list[list[Clause]]:
    """Find the units whose breaks and way home cannot be fitted into their shifts.

    Parameters
    ----------
    units
        Units of the night.
    rules
        Rules of the zone, of which those of rest matter here.
    ways_home_s
        Time it takes each from its post to its end post.

    Returns
    -------
    conflicts
        One a unit in trouble, in their order.
    """
    return list(_conflicts_of_time(units, rules, ways_home_s))


def _conflicts_of_time(
    units: Sequence[Unit], rules: PatrolRules, ways_home_s: Sequence[float]
) -> Iterator[list[Clause]]:
    for unit, way_home_s in zip(units, ways_home_s, strict=True):
        clauses = [Clause("shift", unit.id)]
        clauses += [Clause("break", unit.id, number) for number in range(len(unit.breaks))]
        clauses += [Clause("end post", unit.id)] if way_home_s > 0 else []
        clauses += [Clause("rule", rule.id) for rule in rules.rests]

        def feasible(
            some: Sequence[Clause], unit: Unit = unit, way_home_s: float = way_home_s
        ) -> bool:
            return fits(unit, rules, some, way_home_s=way_home_s)

        if not feasible(clauses):
            yield smallest_conflict(clauses, feasible)


def fits(unit: Unit, rules: PatrolRules, some: Sequence[Clause], *, way_home_s: float) -> bool:
    """Tell whether some of what a unit is asked for fits into its shift.

    Parameters
    ----------
    unit
        The unit.
    rules
        Rules of the zone.
    some
        Clauses of the unit and of rests.
    way_home_s
        Time from its post to its end post.

    Returns
    -------
    fits
        Whether there are moments for all of it.
    """
    asked = set(some)
    breaks = [
        pause
        for number, pause in enumerate(breaks_in_order(unit))
        if Clause("break", unit.id, number) in asked
    ]
    kept = rules.only({clause.name for clause in some if clause.kind == "rule"})
    shift = Clause("shift", unit.id) in asked
    windows = begins_of_breaks(
        unit,
        breaks,
        longest_s=longest_on_foot(unit, kept),
        shift_s=(unit.ends_at - unit.starts_at).total_seconds() if shift else None,
        way_home_s=way_home_s if Clause("end post", unit.id) in asked else 0.0,
    )
    return windows is not None


def in_words(
    conflicts: Sequence[Sequence[Clause]], units: Sequence[Unit], rules: PatrolRules
) -> str:
    """Say which clauses cannot hold together.

    Parameters
    ----------
    conflicts
        Sets of clauses.
    units
        Units of the night.
    rules
        Rules of the zone, with its timezone.

    Returns
    -------
    text
        A line a set; beyond twenty their number.
    """
    by_name = {unit.id: unit for unit in units}
    lines = [
        "Expected a plan that keeps all of the following together, got none: "
        + "; ".join(_clause_in_words(clause, by_name, rules) for clause in conflict)
        + "."
        for conflict in conflicts[:_MOST_TOLD]
    ]
    if len(conflicts) > _MOST_TOLD:
        lines.append(f"{len(conflicts) - _MOST_TOLD} more of the kind.")
    return "\n".join(lines)


def _clause_in_words(clause: Clause, units: dict[str, Unit], rules: PatrolRules) -> str:
    if clause.kind == "rule":
        (name,) = [rule.name_en for rule in rules.rules if rule.id == clause.name]
        return f"rule {clause.name} ({name})"
    unit = units[clause.name]
    if clause.kind == "shift":
        return f"shift of {unit.id} {_span(unit.starts_at, unit.ends_at, rules.timezone)}"
    if clause.kind == "break":
        pause = breaks_in_order(unit)[clause.number]
        begins = _span(pause.earliest_at, pause.latest_at, rules.timezone)
        return f"break of {pause.duration_s / 60:g} min of {unit.id} to begin {begins}"
    return f"end post of {unit.id}"


def _span(starts_at: datetime, ends_at: datetime, timezone: str) -> str:
    """Say from when to when, on the clocks of the zone; the day again only where it is another."""
    first, last = (instant.astimezone(ZoneInfo(timezone)) for instant in (starts_at, ends_at))
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"from {first:%Y-%m-%d %H:%M} to {end} ({timezone})"
