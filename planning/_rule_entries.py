"""Kinds of rules, and the tables of a file that say them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from geo.errors import Fault
from geo.layers import contract_of
from planning._arguments import is_whole
from planning._toml_values import is_number, is_text, is_time, shown
from planning.units import KINDS

_KINDS_OF_RULES: Final = ("company", "strength", "skill", "rest")
_PLACES: Final = next(
    column.choices for column in contract_of("places").columns if column.name == "kind"
)


@dataclass(frozen=True)
class Rule:
    """A rule with its names.

    Attributes
    ----------
    id
        Name of the rule in files.
    name_th
        What it says, in Thai.
    name_en
        The same in English.
    """

    id: str
    name_th: str
    name_en: str


@dataclass(frozen=True)
class Company(Rule):
    """Some move only in company.

    Attributes
    ----------
    who
        Kinds of units that it binds.
    company
        Kinds of units they may move with.
    always
        Whether it holds by day too.
    """

    who: frozenset[str]
    company: frozenset[str]
    always: bool = False


@dataclass(frozen=True)
class Strength(Rule):
    """So many officers move together at night, or more.

    Attributes
    ----------
    least
        How many, >= 1.
    who
        Kinds of units that it binds; all where empty.
    """

    least: int
    who: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SkillNear(Rule):
    """Visits near places of some kinds need a skill.

    Attributes
    ----------
    skill
        The skill.
    places
        Kinds of places.
    within_m
        How near, in metres.
    binding
        Whether no night goes without a unit that has the skill and may move.
    """

    skill: str
    places: frozenset[str]
    within_m: float
    binding: bool = False


@dataclass(frozen=True)
class Rest(Rule):
    """Who walks rests after a while.

    Attributes
    ----------
    longest_s
        Longest time on foot without a break, in seconds.
    who
        Kinds of units that it binds; all where empty.
    """

    longest_s: float
    who: frozenset[str] = frozenset()


def rule_of(entry: dict[str, Any]) -> Rule:
    """Make the rule of a table without faults.

    Parameters
    ----------
    entry
        The table.

    Returns
    -------
    rule
        The rule.
    """
    names = entry["id"], entry["name_th"], entry["name_en"]
    who = frozenset(entry.get("who", ()))
    if entry["kind"] == "company":
        return Company(*names, who, frozenset(entry["with"]), entry["when"] == "always")
    if entry["kind"] == "strength":
        return Strength(*names, entry["officers"], who)
    if entry["kind"] == "skill":
        places, binding = frozenset(entry["near"]), entry.get("binding", False)
        return SkillNear(*names, entry["skill"], places, float(entry["within_m"]), binding)
    return Rest(*names, 3600.0 * entry["hours"], who)


def faults_of_night(night: object, *, source: str) -> list[Fault]:
    """Say what is wrong with the table of the night; it may be absent.

    Parameters
    ----------
    night
        What stands there.
    source
        Name of the file.

    Returns
    -------
    faults
        Every fault.
    """
    if not isinstance(night, dict):
        return [Fault(source, "a table [night]", repr(night)[:60])]
    faults = [
        Fault(source, 'a time such as "18:30"', shown(night, name), field=name)
        for name in ("from", "to")
        if night and not is_time(night.get(name))
    ]
    faults += [
        Fault(source, "from and to alone in [night]", shown(night, name), field=name)
        for name in night
        if name not in ("from", "to")
    ]
    if night and not faults and night["from"] == night["to"]:
        faults.append(Fault(source, "another time than `from`", repr(night["to"]), field="to"))
    return faults


def faults_of_rule(entry: dict[str, Any], *, row: int, source: str) -> list[Fault]:
    """Say what is wrong with the table of a rule.

    Parameters
    ----------
    entry
        The table.
    row
        Its number in the file, from 1.
    source
        Name of the file.

    Returns
    -------
    faults
        Every fault.
    """
    kind = entry.get("kind")
    faults = [
        Fault(source, expected, shown(entry, field), row, field)
        for field, (expected, is_right) in (_COMMON | _OWN.get(str(kind), {})).items()
        if not is_right(entry.get(field))
    ]
    known = {*_COMMON, *_OWN.get(str(kind), {})}
    if kind in _KINDS_OF_RULES:
        # A field misspelt would leave a rule weaker than it reads.
        faults += [
            Fault(
                source, f"no such field in a rule of kind {kind}", shown(entry, field), row, field
            )
            for field in entry
            if field not in known
        ]
    return faults


def _is_above_zero(value: object) -> bool:
    return is_number(value) and value > 0


def _are_places(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(each in _PLACES for each in value)


def _are_kinds(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(each in KINDS for each in value)


def _or_absent(is_right: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or is_right(value)


def _is_count(value: object) -> bool:
    return is_whole(value, least=1) and not isinstance(value, bool)


_Fields = dict[str, tuple[str, Callable[[object], bool]]]
_SOME_KINDS = f"a list of some of {', '.join(KINDS)}"
_COMMON: Final[_Fields] = {
    "id": ("a text", is_text),
    "name_th": ("a text", is_text),
    "name_en": ("a text", is_text),
    "kind": (f"one of {', '.join(_KINDS_OF_RULES)}", lambda value: value in _KINDS_OF_RULES),
}
_OWN: Final[dict[str, _Fields]] = {
    "company": {
        "who": (_SOME_KINDS, _are_kinds),
        "with": (_SOME_KINDS, _are_kinds),
        "when": ("night or always", lambda value: value in ("night", "always")),
    },
    "strength": {
        "officers": ("a whole number >= 1", _is_count),
        "who": (_SOME_KINDS, _or_absent(_are_kinds)),
    },
    "skill": {
        "skill": ("a text", is_text),
        "near": (f"a list of some of {', '.join(_PLACES)}", _are_places),
        "within_m": ("a number > 0", _is_above_zero),
        "binding": ("true or false", _or_absent(lambda value: isinstance(value, bool))),
    },
    "rest": {
        "hours": ("a number > 0", _is_above_zero),
        "who": (_SOME_KINDS, _or_absent(_are_kinds)),
    },
}
