"""Random nights and random events, and a checker of a night planned again."""

from dataclasses import replace
from datetime import time, timedelta

import numpy as np
import pandas as pd

from planning._rule_entries import Company
from planning.patrol import PatrolParams
from planning.patrol_rules import PatrolRules
from planning.replan import CameraDown, DemandChanged, Incident, Sos, UnitIn, UnitOut
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, demand, unit
from tests.planning.patrol_cases import faults_of_plan

QUICK = PatrolParams(iterations=20, time_limit_s=5.0)
HOUR = timedelta(hours=1)
HOURS = 4.0
RULES = PatrolRules(
    night_from=time(11),
    night_to=time(23),
    timezone="UTC",
    rules=(
        Company(
            "with-police", "กับตำรวจ", "With police", frozenset({"volunteer"}), frozenset({"police"})
        ),
    ),
)
"""All of these nights is dark: no volunteer moves without police."""


def random_place(rng, blocks=4):
    """Return a place in a street or beside one, on a grid of streets 100 m apart."""
    along, across = int(rng.integers(0, 100 * blocks + 1)), 100 * int(rng.integers(0, blocks + 1))
    return at(*((along, across) if rng.random() < 0.5 else (across, along)))


def random_units(rng, count, *, volunteers=False):
    """Return walkers, riders and cars; some with a break, another end post or a skill."""
    units = []
    for number in range(count):
        mode, speed = [("foot", 1.2), ("bicycle", 3.5), ("motorcycle", 6.0), ("car", 7.0)][
            int(rng.choice(4, p=[0.55, 0.15, 0.15, 0.15]))
        ]
        starts_h = float(rng.choice([0.0, 0.0, 0.5, 1.5]))
        one = unit(f"u{number}", speed_mps=speed, hours=HOURS - starts_h, starts_h=starts_h)
        one = replace(one, mode=mode, post=random_place(rng))
        if volunteers and number % 2 and mode == "foot":
            one = replace(one, kind="volunteer")
        if rng.random() < 0.3:
            one = replace(one, end_post=random_place(rng))
        if rng.random() < 0.4:
            first = NIGHT + float(rng.uniform(starts_h + 0.8, 2.5)) * HOUR
            one = replace(one, breaks=(Break(first, first + HOUR, 900.0),))
        if rng.random() < 0.5:
            one = replace(one, skills=frozenset({"english"}))
        units.append(one)
    return units


def random_demand(rng, count):
    """Return points; some with hours, a wish for two units or for a skill, or wanted once."""
    places = [random_place(rng) for _ in range(count)]
    points = demand(*[(0, 0)] * count, weight=rng.choice([1.0, 2.0, 5.0], count), dwell_s=700.0)
    points = points.set_geometry(places, crs=points.crs)
    points["needs_units"] = np.where(rng.random(count) < 0.15, 2, 1)
    points["skill"] = np.where(rng.random(count) < 0.15, "english", "")
    points["revisit_s"] = np.where(rng.random(count) < 0.2, np.inf, np.nan)
    opens = [NIGHT + float(rng.uniform(0, 2)) * HOUR for _ in range(count)]
    some = rng.random(count) < 0.2
    hours = pd.Series(pd.to_datetime(opens, utc=True), index=points.index).where(some)
    points["opens_at"], points["closes_at"] = hours, hours + HOUR
    return points


def random_event(rng, streets, units, points, now):
    """Return an event that can happen at an instant."""
    kind = int(rng.integers(0, 6))
    place = spot_on(streets, rng)
    if kind == 0:
        return CameraDown(place, "กล้อง", "Camera", float(rng.choice([1.0, 6.0])), 600.0)
    if kind == 1:
        skill = "english" if rng.random() < 0.3 else ""
        return Incident(place, "เหตุ", "Incident", 900.0, int(rng.integers(1, 3)), skill)
    if kind == 2:
        return Sos(place, "ช่วยด้วย", "Help", 900.0)
    if kind == 3:
        free = [one for one in units if one.ends_at > now]
        one = free[int(rng.integers(0, len(free)))]
        return UnitOut(one.id, now + float(rng.choice([0.0, 0.1, 0.5])) * (one.ends_at - now))
    if kind == 4:
        (one,) = random_units(rng, 1)
        name, starts_at = (
            f"new-{int(rng.integers(10**6))}",
            now + float(rng.choice([0, 0.2])) * HOUR,
        )
        return UnitIn(
            replace(
                one,
                id=name,
                breaks=(),
                post=place,
                end_post=None,
                starts_at=starts_at,
                ends_at=starts_at + 2 * HOUR,
            )
        )
    weight = points["weight"] * rng.choice([0.0, 1.0, 3.0], len(points))
    return DemandChanged(points.assign(weight=weight)[rng.random(len(points)) < 0.8])


def spot_on(streets, rng):
    """Return a place in some street."""
    line = streets.geometry.iloc[int(rng.integers(len(streets)))]
    return line.interpolate(float(rng.random()), normalized=True)


def faults_of_replan(zone, before, result, *, now, params, rules=None):
    """Return what a night planned again breaks, but for what it says itself is broken."""
    said = set(result.broken["unit"])
    faults = [
        fault
        for fault in faults_of_plan(zone, result.units, result.demand, params, rules, result.plan)
        if fault.split(":")[0] not in said
    ]
    faults += faults_of_past(before, result, now)
    if rules is not None:
        faults += faults_of_company(result.plan)
    for tour in result.plan.tours:
        if tour.unit.id not in said and tour.ends_at > tour.unit.ends_at + timedelta(seconds=0.01):
            faults.append(f"{tour.unit.id} ends late")
    return faults


def faults_of_company(plan):
    """Return volunteers that move where no police moves with them."""
    legs = {
        (leg.leaves_at, leg.arrives_at, leg.line.wkb)
        for tour in plan.tours
        if tour.unit.kind == "police"
        for leg in tour.legs
    }
    for tour in plan.tours:
        for leg in tour.legs:
            known = (leg.leaves_at, leg.arrives_at, leg.line.wkb) in legs
            if tour.unit.kind == "volunteer" and not known:
                yield f"{tour.unit.id} moves alone at {leg.leaves_at}"


def was_begun(stop, done):
    """Tell whether a stop is one of some, even if it has been left since."""
    return stop.kind == "interrupted" or stop in done


def faults_of_past(before, result, now):
    """Return what has been done before an instant and is no longer so."""
    after = {tour.unit.id: tour for tour in result.plan.tours}
    helps = set(result.answered["unit"])
    for tour in before.tours:
        done = [stop for stop in tour.stops if stop.arrives_at <= now and stop.kind != "meeting"]
        if not done and tour.unit.id not in after:
            # It goes off duty before it has begun.
            continue
        # A stop that begins at this very instant may be a new one.
        kept = [
            stop
            for stop in after[tour.unit.id].stops
            if (stop.arrives_at < now or (stop.arrives_at == now and was_begun(stop, done)))
            and stop.kind != "meeting"
        ]
        for one, other in zip(done, kept, strict=False):
            broken = other.kind == "interrupted" and one.leaves_at > now
            left = helps & {tour.unit.id, *one.with_units}
            if one != other and not (broken and left):
                yield f"{tour.unit.id}: {one.name_en} at {one.arrives_at} is undone"
        if len(done) != len(kept):
            yield f"{tour.unit.id}: has done {len(kept)} stops and not {len(done)}"
        for moment in np.linspace(0, 1, 7):
            instant = tour.unit.starts_at + moment * (now - tour.unit.starts_at)
            if tour.position_at(instant).distance(after[tour.unit.id].position_at(instant)) > 0.01:
                yield f"{tour.unit.id}: was elsewhere at {instant}"
