"""Who is out for the rest of a night, and with whom, once units have come and gone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from geo.errors import InfeasiblePlanError
from planning._patrol_spans import spans_of
from planning._replan_crews import Crew, find_crews
from planning._replan_events import Event, UnitIn, UnitOut
from planning.patrol_plan import PatrolPlan, PatrolStop, Team
from planning.patrol_rules import PatrolRules
from planning.units import Unit


@dataclass(frozen=True, eq=False)
class Staff:
    """Who is out for the rest of the night.

    Attributes
    ----------
    units
        The units, those that come on duty last.
    crews
        Crews whose time is not over, without whoever is gone when they would form.
    orphans
        Stops of crews that never form.
    past
        Teams whose time is over.
    lonely
        Ids of units that were to move with somebody who is gone by then.
    """

    units: list[Unit]
    crews: list[Crew]
    orphans: list[PatrolStop]
    past: list[Team]
    lonely: frozenset[str]

    @property
    def numbers(self) -> dict[str, int]:
        """Number the units.

        Returns
        -------
        numbers
            Row of each unit by its id.
        """
        return {unit.id: row for row, unit in enumerate(self.units)}


def find_staff(
    plan: PatrolPlan,
    units: Sequence[Unit],
    events: Sequence[Event],
    *,
    now: datetime,
    rules: PatrolRules,
) -> Staff:
    """Tell who is out from an instant on.

    Whoever was to move with a unit that is gone by then moves alone, if the rules let it; or else
    stays where it is.

    Parameters
    ----------
    plan
        The plan before.
    units
        Its units.
    events
        What has happened.
    now
        The instant.
    rules
        Rules of the zone.

    Returns
    -------
    staff
        Units and crews.

    Raises
    ------
    InfeasiblePlanError
        Nobody comes on duty any more.
    """
    outs = {event.unit: event.from_at for event in events if isinstance(event, UnitOut)}
    unit = {one.id: one for one in units}
    never = {name for name, from_at in outs.items() if unit[name].starts_at >= from_at}
    every = find_crews(plan, now)
    crews: list[Crew] = []
    orphans: list[PatrolStop] = []
    lonely: set[str] = set()
    for crew in every:
        team = crew.team
        left = tuple(
            name for name in team.units if not (name in outs and outs[name] <= team.starts_at)
        )
        if len(left) < len(team.units):
            lonely |= set(left)
        if left and (left == team.units or _may_be_alone(unit[left[0]], crew, rules)):
            crews.append(replace(crew, team=replace(team, units=left)))
        else:
            orphans += crew.stops
    staff = [one for one in units if one.id not in never]
    staff += [event.unit for event in events if isinstance(event, UnitIn)]
    if not staff:
        raise InfeasiblePlanError("Expected at least one unit to come on duty, got none.")
    return Staff(
        staff,
        crews,
        orphans,
        [team for team in plan.teams if not any(team is crew.team for crew in every)],
        frozenset(lonely),
    )


def _may_be_alone(unit: Unit, crew: Crew, rules: PatrolRules) -> bool:
    """Tell whether the one that is left of a crew may do without the other."""
    origin = unit.starts_at
    begins_s, ends_s = (
        (at - origin).total_seconds() for at in (crew.team.starts_at, crew.team.ends_at)
    )
    return not any(
        span.forbidding and span.earliest_s < ends_s and begins_s < span.latest_s
        for span in spans_of(unit, rules, origin)
    )
