"""An independent checker of patrol plans: it walks every tour again with its own arithmetic.

Ways are measured on a graph of networkx between the places at which legs begin and end, so that
nothing of the planner's travel times is taken on trust. Turn costs and slow streets make the
planner's ways longer than these, never shorter.
"""

from collections import defaultdict
from datetime import timedelta
from functools import cache
from itertools import pairwise
from math import inf, isnan

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from planning.patrol import PatrolParams

# What instants in microseconds and lines in millimetres may be off by.
SLACK = timedelta(seconds=0.01)
SLACK_M = 0.01


def faults_of_plan(zone, units, demand, params, rules, plan):  # noqa: PLR0917  the plan comes last
    """Return everything that is wrong with a plan, in words; none where it keeps every rule."""
    params = params or PatrolParams()
    streets = Streets(zone.streets)
    faults = []
    if [tour.unit for tour in plan.tours] != list(units):
        faults.append("the tours are not those of the units in their order")
    for tour in plan.tours:
        walks = walked_legs(plan, tour)
        wrong = faults_of_tour(streets, tour, params, walks)
        faults += [f"{tour.unit.id}: {fault}" for fault in wrong]
        faults += [f"{tour.unit.id}: {fault}" for fault in faults_of_breaks(tour, plan)]
    visits = visits_of(plan)
    faults += faults_of_company(plan)
    if rules is not None:
        faults += [fault for tour in plan.tours for fault in faults_of_rules(tour, plan, rules)]
    for label, at_point in visits.items():
        point = demand.loc[label]
        faults += [f"{label}: {fault}" for fault in faults_of_point(point, at_point, params)]
    unseen = [label for label in demand.index if label not in visits]
    if sorted(map(str, plan.unserved.index)) != sorted(map(str, unseen)):
        faults.append("the points named as unserved are not those without a visit")
    if not np.isclose(plan.value, value_of(units, demand, visits, params)):
        faults.append("its value is not that of its visits")
    return faults


def walked_legs(plan, tour):
    """Return the legs of a tour that are made on foot, by the unit or with one that walks."""
    on_foot = {leg for other in plan.tours if other.unit.on_foot for leg in other.legs}
    return [leg in on_foot for leg in tour.legs]


def faults_of_tour(streets, tour, params, walks):
    unit = tour.unit
    if tour.starts_at < unit.starts_at - SLACK or tour.ends_at > unit.ends_at + SLACK:
        yield "breaks its shift"
    moments = [moment for leg in tour.legs for moment in (leg.leaves_at, leg.arrives_at)]
    moments += [moment for stop in tour.stops for moment in (stop.arrives_at, stop.leaves_at)]
    span = tour.starts_at, tour.ends_at
    if moments and max(map(abs, (min(moments) - span[0], max(moments) - span[1]))) > SLACK:
        yield "begins or ends at another time than its first and last movement or stop"
    for here, there in pairwise(tour.stops):
        if there.arrives_at < here.leaves_at - SLACK:
            yield f"stops at {there.name_en} before it has left {here.name_en}"
    if tour.legs:
        yield from faults_of_legs(streets, tour, walks)
        yield from faults_of_places(streets, tour, params)
    elif any(beside(stop, unit.post) > 2 * params.snap_limit_m for stop in tour.stops):
        yield "stops away from its post without moving"


def faults_of_legs(streets, tour, walks):
    unit = tour.unit
    for here, there in pairwise(tour.legs):
        if there.leaves_at < here.arrives_at - SLACK:
            yield "moves on before it is there"
        if shapely.distance(last(here), first(there)) > SLACK_M:
            yield "jumps between two legs"
    for leg, walked in zip(tour.legs, walks, strict=True):
        if leg.leaves_at < unit.starts_at - SLACK or leg.arrives_at > unit.ends_at + SLACK:
            yield "moves outside its shift"
        if not streets.carry(leg.line):
            yield "leaves the streets"
        least_m = streets.distance_m(first(leg), last(leg), on_wheels=not walked)
        took = leg.arrives_at - leg.leaves_at + SLACK
        if not max(least_m, leg.line.length) / unit.speed_mps <= took.total_seconds():
            yield f"moves too fast at {leg.leaves_at}"


def faults_of_places(streets, tour, params):
    unit, legs = tour.unit, tour.legs
    if not streets.snaps(unit.post, first(legs[0]), params, exactly=unit.on_foot):
        yield "begins away from its post"
    if not streets.snaps(unit.end_post or unit.post, last(legs[-1]), params, exactly=unit.on_foot):
        yield "ends away from its post"
    for stop in tour.stops:
        where = place_at(tour, stop.arrives_at), place_at(tour, stop.leaves_at)
        if None in where or shapely.distance(*where) > SLACK_M:
            yield f"moves while it stops at {stop.name_en}"
        elif not streets.snaps(stop.geometry, where[0], params, exactly=unit.on_foot):
            yield f"is not at {stop.name_en} when it stops there"


def place_at(tour, instant):
    """Return where a unit stands at an instant, none where it moves."""
    place = first(tour.legs[0])
    for leg in tour.legs:
        if leg.leaves_at + SLACK < instant < leg.arrives_at - SLACK:
            return None
        if leg.arrives_at <= instant + SLACK:
            place = last(leg)
    return place


def faults_of_breaks(tour, plan):
    unit = tour.unit
    taken = [stop for stop in tour.stops if stop.kind == "break"]
    team = {one for stop in taken for one in stop.with_units}
    others = [other.unit for other in plan.tours if other.unit.id in team]
    for pause in unit.breaks:
        if not any(is_break(stop, pause, unit) for stop in taken):
            yield "misses a break"
    for stop in taken:
        if not any(is_break(stop, pause, one) for one in [unit, *others] for pause in one.breaks):
            yield "takes a break that nobody has"


def is_break(stop, pause, unit):
    lasts = stop.leaves_at - stop.arrives_at
    return (
        pause.earliest_at - SLACK <= stop.arrives_at <= pause.latest_at + SLACK
        and abs(lasts - timedelta(seconds=pause.duration_s)) <= SLACK
        and min(beside(stop, place) for place in places_of_break(pause, unit)) <= SLACK_M
    )


def places_of_break(pause, unit):
    """Return where a break may be taken: who stays at its end post for good rests there."""
    return [pause.at] if pause.at else [unit.post, unit.end_post or unit.post]


def visits_of(plan):
    """Return the visits of each point: instants of their beginning, each with who is there."""
    visits = defaultdict(lambda: defaultdict(list))
    for tour in plan.tours:
        for stop in tour.stops:
            if stop.kind == "visit":
                begun = visits[stop.point]
                same = (known for known in begun if abs(known - stop.arrives_at) <= SLACK)
                begun[next(same, stop.arrives_at)].append((tour.unit, stop))
    return visits


def faults_of_company(plan):
    for tour in plan.tours:
        for stop in tour.stops:
            there = {
                other.unit.id
                for other in plan.tours
                for one in other.stops
                if other.unit.id in stop.with_units
                and one.kind == stop.kind
                and one.point == stop.point
                and abs(one.arrives_at - stop.arrives_at) <= SLACK
                and tour.unit.id in one.with_units
            }
            if there != set(stop.with_units):
                yield f"{tour.unit.id}: misses company at {stop.name_en}"


def faults_of_point(point, visits, params):
    for at, there in visits.items():
        yield from faults_of_visit(point, at, there)
    instants = sorted(visits)
    gaps_s = [(after - before).total_seconds() for before, after in pairwise(instants)]
    if any(gap_s < params.least_gap_s - SLACK.total_seconds() for gap_s in gaps_s):
        yield "is visited again too soon"
    if revisit_of(point, params) == inf and len(instants) > 1:
        yield "is visited again though once was asked for"


def faults_of_visit(point, at, there):
    for _, stop in there:
        lasts = (stop.leaves_at - stop.arrives_at).total_seconds()
        if abs(lasts - float(point["dwell_s"])) > SLACK.total_seconds():
            yield "is left too early or too late"
        if beside(stop, point["geometry"]) > 0:
            yield "is not where the demand has it"
    together = {unit.id for unit, _ in there}
    if any({unit.id, *stop.with_units} != together for unit, stop in there):
        yield "is visited by several units that do not know of it"
    if len(together) < point.get("needs_units", 1):
        yield "is visited by too few units"
    skill = point.get("skill", "")
    if skill and not any(skill in unit.skills for unit, _ in there):
        yield "is visited without the skill it asks for"
    opens, closes = (point.get(name, pd.NaT) for name in ("opens_at", "closes_at"))
    if not pd.isna(opens) and at < opens - SLACK:
        yield "is visited before it opens"
    if not pd.isna(closes) and at > closes + SLACK:
        yield "is visited after it closes"


def faults_of_rules(tour, plan, rules):
    """Find movements and visits in company that the rules of a zone forbid, and long walks."""
    unit = tour.unit
    nights = list(rules.nights(unit.starts_at, unit.ends_at))
    for leg in tour.legs:
        others = [other.unit for other in plan.tours if other is not tour and leg in other.legs]
        at_night = any(
            leg.leaves_at < dawn - SLACK and leg.arrives_at > dusk + SLACK for dusk, dawn in nights
        )
        for rule in rules.companies:
            bound = unit.kind in rule.who and unit.kind not in rule.company
            escorted = any(other.kind in rule.company for other in others)
            if bound and not escorted and (at_night or rule.always):
                yield f"{unit.id}: moves without company at {leg.leaves_at}"
        for rule in rules.strengths:
            officers = unit.officers + sum(other.officers for other in others)
            bound = not rule.who or unit.kind in rule.who
            if bound and at_night and officers < rule.least:
                yield f"{unit.id}: moves with too few officers at {leg.leaves_at}"
    for rule in rules.rests:
        if unit.on_foot and (not rule.who or unit.kind in rule.who):
            pauses = [stop for stop in tour.stops if stop.kind == "break"]
            begins = [*(stop.arrives_at for stop in pauses), unit.ends_at]
            ends = [unit.starts_at, *(stop.leaves_at for stop in pauses)]
            longest = max(begin - end for end, begin in zip(ends, begins, strict=True))
            if longest > timedelta(seconds=rule.longest_s) + SLACK:
                yield f"{unit.id}: goes too long without a break"


def revisit_of(point, params):
    own = float(point.get("revisit_s", float("nan")))
    return params.revisit_s if isnan(own) else own


def value_of(units, demand, visits, params):
    """Add up the worth of visits, one by one."""
    origin = min(unit.starts_at for unit in units)
    end = max(unit.ends_at for unit in units)
    total = 0.0
    for label, at_point in visits.items():
        point = demand.loc[label]
        opens, closes = (point.get(name, pd.NaT) for name in ("opens_at", "closes_at"))
        opens = origin if pd.isna(opens) else max(opens, origin)
        closes = end if pd.isna(closes) else min(closes, end)
        due = max(1, round((closes - opens).total_seconds() / revisit_of(point, params)))
        for number in range(1, len(at_point) + 1):
            total += float(point["weight"]) * (1.0 if number <= due else 1.0 / number)
    return total


def first(leg):
    return shapely.Point(leg.line.coords[0])


def last(leg):
    return shapely.Point(leg.line.coords[-1])


def beside(stop, place):
    return shapely.distance(stop.geometry, place)


class Streets:
    """Streets as a graph of networkx, between any two places on them."""

    def __init__(self, streets):
        self.lines = list(streets.geometry)
        self.oneway = list(streets["oneway"]) if "oneway" in streets else [False] * len(streets)
        self.tree = shapely.STRtree(self.lines)
        self.ground = shapely.union_all(self.lines).buffer(SLACK_M)
        self.graphs = {wheels: self._graph(on_wheels=wheels) for wheels in (False, True)}
        self._from = cache(self._ways_from)

    def _graph(self, *, on_wheels):
        graph = nx.DiGraph()
        for line, oneway in zip(self.lines, self.oneway, strict=True):
            tail, head = line.coords[0], line.coords[-1]
            ways = [(tail, head)] if on_wheels and oneway else [(tail, head), (head, tail)]
            for start, end in ways:
                known = graph.get_edge_data(start, end, {"weight": inf})["weight"]
                graph.add_edge(start, end, weight=min(known, line.length))
        return graph

    def _ways_from(self, node, wheels):
        return nx.single_source_dijkstra_path_length(self.graphs[wheels], node)

    def carry(self, line):
        return self.ground.covers(line)

    def snaps(self, point, where, params, *, exactly):
        """Tell whether a place on the streets may stand for a point."""
        away_m = shapely.distance(point, where)
        nearest_m = shapely.distance(point, self.lines[self.tree.nearest(point)])
        return away_m <= (nearest_m + SLACK_M if exactly else params.snap_limit_m + SLACK_M)

    def distance_m(self, start, goal, *, on_wheels):
        """Return the shortest way between two places on the streets."""
        best = inf
        for origin in self._on(start):
            for target in self._on(goal):
                if origin[0] == target[0]:
                    ahead_m = target[1] - origin[1]
                    barred = on_wheels and self.oneway[origin[0]] and ahead_m < -SLACK_M
                    best = min(best, inf if barred else abs(ahead_m))
                for out_node, out_m in self._ends(origin, on_wheels, inbound=False):
                    ways = self._from(out_node, on_wheels)
                    for in_node, in_m in self._ends(target, on_wheels, inbound=True):
                        best = min(best, out_m + ways.get(in_node, inf) + in_m)
        return max(best - SLACK_M, 0.0)

    def _on(self, place):
        """Give the streets on which a place lies, and how far along each."""
        for street in self.tree.query(place, predicate="dwithin", distance=SLACK_M).tolist():
            yield street, self.lines[street].project(place)

    def _ends(self, place, on_wheels, *, inbound):
        street, offset_m = place
        line = self.lines[street]
        to_tail, to_head = offset_m, line.length - offset_m
        against = to_head if inbound else to_tail
        bound = on_wheels and self.oneway[street] and against > SLACK_M
        if inbound or not bound:
            yield line.coords[0], to_tail
        if not inbound or not bound:
            yield line.coords[-1], to_head
