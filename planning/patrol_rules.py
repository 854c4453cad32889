"""Rules of a zone's patrols as data: who may move with whom, by how many, and who rests when.

What a rule asks holds for a night as a whole; `planning._patrol_teams` joins units so that they
keep it, and names the rules in conflict where no plan can.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import Fault, LayerError, ParameterError
from planning._rule_entries import (
    Company,
    Rest,
    Rule,
    SkillNear,
    Strength,
    faults_of_night,
    faults_of_rule,
    rule_of,
)
from planning._toml_values import read_document, shown

_DUSK, _DAWN = time(18, 30), time(6, 0)


@dataclass(frozen=True)
class PatrolRules:
    """What binds the patrols of a zone; by default nothing does.

    Attributes
    ----------
    night_from
        Time of day at which the night begins, by the zone's clock.
    night_to
        Time of day at which it ends; another than `night_from`.
    timezone
        Timezone of the zone.
    rules
        The rules, each with an id of its own.
    synthetic
        Whether the rules are made up.
    """

    night_from: time = _DUSK
    night_to: time = _DAWN
    timezone: str = "UTC"
    rules: tuple[Rule, ...] = ()
    synthetic: bool = False

    def __post_init__(self) -> None:
        names = [rule.id for rule in self.rules]
        faults = [
            f"Expected rules with ids of their own, got {name!r} twice."
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        if self.night_from == self.night_to:
            faults.append(f"Expected `night_from` other than `night_to`, got {self.night_to}.")
        if faults:
            raise ParameterError("\n".join(faults))

    @property
    def companies(self) -> tuple[Company, ...]:
        """List the rules of who moves only in company.

        Returns
        -------
        companies
            In their order.
        """
        return tuple(rule for rule in self.rules if isinstance(rule, Company))

    @property
    def strengths(self) -> tuple[Strength, ...]:
        """List the rules of how many officers move together at night.

        Returns
        -------
        strengths
            In their order.
        """
        return tuple(rule for rule in self.rules if isinstance(rule, Strength))

    @property
    def skills(self) -> tuple[SkillNear, ...]:
        """List the rules of what skill is needed where.

        Returns
        -------
        skills
            In their order.
        """
        return tuple(rule for rule in self.rules if isinstance(rule, SkillNear))

    @property
    def rests(self) -> tuple[Rest, ...]:
        """List the rules of how long units walk without a break.

        Returns
        -------
        rests
            In their order.
        """
        return tuple(rule for rule in self.rules if isinstance(rule, Rest))

    def only(self, ids: Collection[str]) -> Self:
        """Return these rules without all others.

        Parameters
        ----------
        ids
            Ids of the rules to keep.

        Returns
        -------
        rules
            The same night with fewer rules.
        """
        return replace(self, rules=tuple(rule for rule in self.rules if rule.id in ids))

    def nights(self, starts_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give the parts of a span of time that are night.

        Parameters
        ----------
        starts_at
            Beginning of the span, timezone-aware.
        ends_at
            Its end.

        Yields
        ------
        night
            Beginning and end, UTC, ascending.
        """
        zone, utc = ZoneInfo(self.timezone), ZoneInfo("UTC")
        day = starts_at.astimezone(zone).date() - timedelta(days=1)
        while day <= ends_at.astimezone(zone).date():
            dusk = datetime.combine(day, self.night_from, zone).astimezone(utc)
            day += timedelta(days=1)
            last_day = day if self.night_to <= self.night_from else day - timedelta(days=1)
            dawn = datetime.combine(last_day, self.night_to, zone).astimezone(utc)
            if max(dusk, starts_at) < min(dawn, ends_at):
                yield max(dusk, starts_at), min(dawn, ends_at)


def skills_near(
    rules: PatrolRules, points: gpd.GeoSeries, places: gpd.GeoDataFrame
) -> "pd.Series[str]":
    """Tell which skill the rules ask for at each point.

    Parameters
    ----------
    rules
        Rules of the zone.
    points
        Points, such as those of demand.
    places
        Places of the zone in the same CRS, with their `kind`.

    Returns
    -------
    skill
        Labelled as the points are; empty where no rule asks for any. Where several rules meet the
        first counts.
    """
    skill = pd.Series("", index=points.index, dtype=object, name="skill")
    for rule in reversed(rules.skills):
        near = np.asarray(places.geometry[places["kind"].isin(rule.places)].array)
        if len(near):
            reached = shapely.dwithin(points.array, shapely.union_all(near), rule.within_m)
            skill[reached] = rule.skill
    return skill


def read_rules(path: str | Path, *, timezone: str) -> PatrolRules:
    """Read the rules of a zone.

    Parameters
    ----------
    path
        A TOML file: `synthetic`, a table `[night]` of from and to ("18:30"), and `[[rule]]` tables
        of id, name_th, name_en and kind. A rule of kind "company" tells who (kinds of units) moves
        only with which others, when ("night" or "always"); "strength" how many officers move
        together at night, perhaps of whom; "skill" which skill visits need near which kinds of
        places, within_m, and whether it is binding that somebody on patrol has it; "rest" how many
        hours a unit walks without a break, perhaps who. Where there is no file there are no rules.
    timezone
        Timezone of the zone.

    Returns
    -------
    rules
        Rules in the order of the file.

    Raises
    ------
    SourceError
        The file cannot be read.
    LayerError
        The file is no TOML or breaks the rules above; every fault is named.
    """
    path = Path(path)
    if not path.exists():
        return PatrolRules(timezone=timezone)
    values = read_document(path)
    night, entries = values.get("night", {}), values.get("rule", [])
    # A table misspelt would leave the patrols without the rules that the file gives them.
    if others := [name for name in values if name not in ("synthetic", "night", "rule")]:
        expected = "synthetic, [night] and tables [[rule]] alone"
        raise LayerError([Fault(path.name, expected, ", ".join(others)[:60])])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise LayerError([Fault(path.name, "tables [[rule]]", repr(entries)[:60])])
    faults = faults_of_night(night, source=path.name)
    if not isinstance(values.get("synthetic"), bool):
        found = shown(values, "synthetic")
        faults.append(Fault(path.name, "true or false", found, field="synthetic"))
    names = [entry.get("id") for entry in entries]
    for row, entry in enumerate(entries, 1):
        faults += faults_of_rule(entry, row=row, source=path.name)
        if entry.get("id") in names[: row - 1]:
            faults.append(Fault(path.name, "a unique id", repr(entry.get("id")), row, "id"))
    if faults:
        raise LayerError(faults)
    return PatrolRules(
        night_from=time.fromisoformat(night["from"]) if night else _DUSK,
        night_to=time.fromisoformat(night["to"]) if night else _DAWN,
        timezone=timezone,
        rules=tuple(rule_of(entry) for entry in entries),
        synthetic=values["synthetic"],
    )
