"""Who moves with whom, and when.

A unit that a rule forbids to move by itself at night stays at its post until another meets it
there; the two move together until the other has to go. Which units meet is a matching in a graph
whose edges weigh the seconds they gain together less the way there and back: the heaviest matching
is found exactly (Edmonds 1965, "Maximum matching and a polyhedron with 0,1-vertices", Journal of
Research of the National Bureau of Standards 69B, 125-130; Galil 1986, ACM Computing Surveys 18,
23-38). Where more than 150 need company, each takes the best that is left, in their order.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from geo.errors import InfeasiblePlanError
from planning._patrol_conflicts import Clause, conflicts_of_time, in_words, smallest_conflict
from planning._patrol_pairs import Pairing, Ways
from planning._patrol_rests import with_rests
from planning._patrol_shifts import Segment, Stay
from planning.patrol_rules import PatrolRules
from planning.units import Unit

__all__ = ["Segment", "Stay", "Teams", "form_segments"]


class Teams(NamedTuple):
    """How the units of a night move.

    Attributes
    ----------
    segments
        Times in which units move, by unit and time; a unit has one or more, unless it stays all
        night.
    stays
        Times that units spend at their posts because of a rule.
    units
        The units, the windows of their breaks narrowed where a rule of rest binds them.
    """

    segments: list[Segment]
    stays: list[Stay]
    units: list[Unit]


def form_segments(
    units: Sequence[Unit],
    rules: PatrolRules,
    ways: Ways,
    origin: datetime,
    *,
    ends: Sequence[int] | None = None,
) -> Teams:
    """Join units so that the rules of a zone are kept.

    A unit that may move by itself does so from the beginning of its shift to the end. One that may
    not is met at its own post by a unit in the same mode or on foot, and the two keep every rule
    together; each unit meets another at most once. Whoever nobody can meet stays at its post.

    Parameters
    ----------
    units
        Units of the night, each with an id of its own; their posts are the first places of the
        ways, in their order.
    rules
        Rules of the zone.
    ways
        Ways between the places.
    origin
        The night's beginning.
    ends
        Row of the place where each unit ends; its post where none are given.

    Returns
    -------
    teams
        Who moves with whom and when, and who stays.

    Raises
    ------
    InfeasiblePlanError
        There is no unit; breaks or the way home do not fit a shift; nobody may move; an end post
        cannot be reached; nobody who may move has a skill that is binding. The smallest sets of
        what cannot hold together are named.
    """
    if not units:
        raise InfeasiblePlanError("Expected at least one unit to patrol, got none.")
    ends = range(len(units)) if ends is None else ends
    night = Pairing(units, rules, ways, origin, ends)
    conflicts = conflicts_of_time(
        units, rules, [night.travel(number)(number, end) for number, end in enumerate(ends)]
    )
    if not conflicts:
        teams, complete = _join(night)
        if complete:
            return teams
        conflicts = [_conflict_of_night(night)]
    raise InfeasiblePlanError(in_words(conflicts, units, rules))


def _conflict_of_night(night: Pairing) -> list[Clause]:
    """Return the smallest set of rules and end posts that nobody's company can reconcile."""
    units, rules, ends = night.units, night.rules, night.ends
    clauses = [
        Clause("rule", rule.id) for rule in (*rules.companies, *rules.strengths, *rules.skills)
    ]
    own = [unit.id for number, unit in enumerate(units) if ends[number] != number]
    clauses += [Clause("end post", name) for name in own]

    def feasible(some: Sequence[Clause]) -> bool:
        asked = set(some)
        kept = rules.only(
            {rule.id for rule in rules.rests}
            | {clause.name for clause in asked if clause.kind == "rule"}
        )
        goals = [
            end if Clause("end post", unit.id) in asked else number
            for number, (unit, end) in enumerate(zip(units, ends, strict=True))
        ]
        return _join(replace(night, rules=kept, ends=goals))[1]

    return smallest_conflict(clauses, feasible)


def _join(night: Pairing) -> tuple[Teams, bool]:
    """Return the teams of a night, and whether they are all that it asks for."""
    rules = night.rules
    units = [with_rests(unit, rules) for unit in night.units]
    pairing = replace(night, units=units)
    joint: dict[int, Segment] = {}
    for meeting in pairing.pairs():
        joint |= dict.fromkeys((meeting.host, meeting.guest), meeting.joint)
    shifts = [pairing.shift(number, joint.get(number)) for number in range(len(units))]
    segments = list(dict.fromkeys(segment for shift in shifts for segment in shift.segments))
    stays = [stay for shift in shifts for stay in shift.stays]
    skills = {skill for segment in segments for one in segment.units for skill in units[one].skills}
    complete = bool(segments) and all(shift.holds for shift in shifts)
    complete &= all(rule.skill in skills for rule in rules.skills if rule.binding)
    return Teams(segments, stays, units), complete
