"""Units, rules and a street for teams of a night."""

from dataclasses import replace
from datetime import time, timedelta

import numpy as np

from planning._rule_entries import Company, Rest, SkillNear, Strength
from planning.patrol_rules import PatrolRules
from tests.planning.grid_town import NIGHT, unit

HOUR_S = 3600.0
WITH_POLICE = Company(
    "with-police", "กับตำรวจ", "With police", frozenset({"volunteer"}), frozenset({"police"})
)
TWO = Strength("two", "สองคน", "Two", 2)
ENGLISH = SkillNear(
    "english", "อังกฤษ", "English", "english", frozenset({"museum"}), 40.0, binding=True
)
REST = Rest("rest", "พัก", "Rest", 2 * HOUR_S)


def rules_of(*rules, night_from=time(11)):
    """Return rules of a night from the beginning of the tests' night on, by default."""
    return PatrolRules(night_from=night_from, night_to=time(23), timezone="UTC", rules=rules)


class OneStreet:
    """Posts and end posts along one street, at metres from its beginning."""

    def __init__(self, *places_m):
        self.places_m = np.array(places_m, dtype=float)

    def travel_s(self, mover):
        return np.abs(self.places_m[:, None] - self.places_m) / mover.speed_mps


def police(name="police", **options):
    return replace(unit(name), **options)


def volunteer(name="volunteer", **options):
    return replace(unit(name), kind="volunteer", **options)


def later(one, *, starts_h=0.0, hours=4.0):
    starts_at = NIGHT + timedelta(hours=starts_h)
    return replace(one, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))


def night_of(entries):
    units = [
        replace(
            later(unit(f"u{number}"), starts_h=start / 4, hours=span / 4),
            kind=kind,
            officers=officers,
            speed_mps=speed,
            mode=mode,
        )
        for number, (kind, officers, (speed, mode), start, span, _) in enumerate(entries)
    ]
    return units, OneStreet(*(900 * post for *_, post in entries))
