"""When each unit may move by itself, and which rules forbid it at other times."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planning._rule_entries import Company, Rule, Strength
from planning.patrol_rules import PatrolRules
from planning.units import Unit


class Span(NamedTuple):
    """Some time of a shift, the same rules throughout.

    Attributes
    ----------
    earliest_s
        When it begins, in seconds from the night's beginning.
    latest_s
        When it ends.
    forbidding
        Rules that forbid the unit to move by itself; none where it may.
    """

    earliest_s: float
    latest_s: float
    forbidding: tuple[Rule, ...]


def spans_of(unit: Unit, rules: PatrolRules, origin: datetime) -> list[Span]:
    """Divide a shift by whether the unit may move by itself.

    Parameters
    ----------
    unit
        The unit.
    rules
        Rules of the zone.
    origin
        The night's beginning.

    Returns
    -------
    spans
        In their order, each ending where the next begins.
    """
    nights = list(rules.nights(unit.starts_at, unit.ends_at))
    edges = sorted({unit.starts_at, unit.ends_at}.union(*nights))
    spans: list[Span] = []
    for start, end in pairwise(edges):
        at_night = any(dusk <= start < dawn for dusk, dawn in nights)
        forbidding = _forbidding(unit, rules, at_night=at_night)
        earliest_s, latest_s = ((edge - origin).total_seconds() for edge in (start, end))
        if spans and bool(spans[-1].forbidding) == bool(forbidding):
            before = spans.pop()
            forbidding = tuple(dict.fromkeys(before.forbidding + forbidding))
            earliest_s = before.earliest_s
        spans.append(Span(earliest_s, latest_s, forbidding))
    return spans


def _forbidding(unit: Unit, rules: PatrolRules, *, at_night: bool) -> tuple[Rule, ...]:
    company = [
        rule for rule in rules.companies if (at_night or rule.always) and needs_company(unit, rule)
    ]
    strength = [
        rule
        for rule in rules.strengths
        if at_night and _counts(unit, rule) and unit.officers < rule.least
    ]
    return (*company, *strength)


def needs_company(unit: Unit, rule: Company) -> bool:
    """Tell whether a rule lets a unit move only with others.

    Parameters
    ----------
    unit
        The unit.
    rule
        The rule.

    Returns
    -------
    needs
        False for the kinds that may accompany others by the same rule.
    """
    return unit.kind in rule.who and unit.kind not in rule.company


def _counts(unit: Unit, rule: Strength) -> bool:
    return not rule.who or unit.kind in rule.who


def may_pair(one: Unit, others: Sequence[Unit], rules: PatrolRules) -> NDArray[np.bool_]:
    """Tell with which others a unit keeps every rule, whatever the hour.

    Parameters
    ----------
    one
        The unit.
    others
        Whom it might move with.
    rules
        Rules of the zone.

    Returns
    -------
    may
        One a unit.
    """
    return np.array([all(_keeps(one, other, rule) for rule in rules.rules) for other in others])


def _keeps(one: Unit, other: Unit, rule: Rule) -> bool:
    if isinstance(rule, Company):
        return not (
            (needs_company(one, rule) and other.kind not in rule.company)
            or (needs_company(other, rule) and one.kind not in rule.company)
        )
    if isinstance(rule, Strength):
        bound = _counts(one, rule) or _counts(other, rule)
        return not bound or one.officers + other.officers >= rule.least
    return True
