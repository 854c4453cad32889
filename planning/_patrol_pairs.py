"""Which units move together at night, so that the time they gain is longest."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from planning._patrol_shifts import Segment, Shift, Stay, TravelTime, lay_out
from planning._patrol_spans import Span, may_pair, spans_of
from planning.patrol_rules import PatrolRules
from planning.units import Break, Unit

Floats = NDArray[np.float64]
# Units in need of company up to which the heaviest matching is found exactly: it takes seconds.
_MOST_EXACT = 150
_MINUTE_S = 60.0
# A unit that cannot end its shift otherwise is worth more than any time gained.
_NECESSARY = 10**8


class Ways(Protocol):
    """Travel times between places, the posts of the units first."""

    def travel_s(self, unit: Unit) -> Floats:
        """Return travel times between all places for a unit, worked out once for each pace."""


class Meeting(NamedTuple):
    """Two units that could move together.

    Attributes
    ----------
    host
        Number of the unit that is met at its post.
    guest
        Number of the unit that comes there.
    joint
        When they move together.
    gain
        Seconds together less the guest's way there and back; far more where the host could not
        end its shift otherwise.
    """

    host: int
    guest: int
    joint: Segment
    gain: int


@dataclass(frozen=True)
class Pairing:
    """Units of a night, and who could move with whom.

    Attributes
    ----------
    units
        Units of the night.
    rules
        Rules of the zone.
    ways
        Travel times between places.
    origin
        The night's beginning.
    ends
        Row of the place where each unit ends.
    """

    units: Sequence[Unit]
    rules: PatrolRules
    ways: Ways
    origin: datetime
    ends: Sequence[int]

    @cached_property
    def spans(self) -> list[list[Span]]:
        """When each unit may move by itself."""
        return [spans_of(unit, self.rules, self.origin) for unit in self.units]

    @cached_property
    def bound(self) -> NDArray[np.bool_]:
        """Whether each unit may not move by itself at some time."""
        return np.array([any(span.forbidding for span in spans) for spans in self.spans])

    def travel(self, unit: int) -> TravelTime:
        """Return the travel times of a unit, place by place.

        Parameters
        ----------
        unit
            Number of the unit.

        Returns
        -------
        travel
            0 between a place and itself, without a look at the ways.
        """
        return lambda here, there: (
            0.0 if here == there else float(self.ways.travel_s(self.units[unit])[here, there])
        )

    def shift(self, unit: int, joint: Segment | None = None) -> Shift:
        """Lay out the shift of a unit.

        Parameters
        ----------
        unit
            Number of the unit.
        joint
            When it moves with another, if it does.

        Returns
        -------
        shift
            Its pieces.
        """
        return lay_out(
            unit, self.spans[unit], end=self.ends[unit], travel=self.travel(unit), joint=joint
        )

    def pairs(self) -> list[Meeting]:
        """Choose who moves with whom.

        Returns
        -------
        meetings
            No unit in two of them.
        """
        hosts = np.flatnonzero(self.bound).tolist()
        if not hosts:
            return []
        if len(hosts) > _MOST_EXACT:
            return list(self._one_after_another(hosts))
        # It takes a third of a second to import, which a night without such rules can do without.
        import networkx as nx  # noqa: PLC0415

        graph: nx.Graph[int] = nx.Graph()
        for host in hosts:
            # The others take fewer than these, so that one of the best is always left.
            for meeting in self._best(host, most=2 * len(hosts)):
                pair = host, meeting.guest
                if not graph.has_edge(*pair) or graph.edges[pair]["weight"] < meeting.gain:
                    graph.add_edge(*pair, weight=meeting.gain, meeting=meeting)
        chosen = nx.max_weight_matching(graph)
        meetings: list[Meeting] = [graph.edges[pair]["meeting"] for pair in chosen]
        return sorted(meetings)

    def _one_after_another(self, hosts: Sequence[int]) -> Iterator[Meeting]:
        taken: set[int] = set()
        for host in sorted(hosts, key=lambda host: (self.shift(host).holds, host)):
            if host not in taken:
                for meeting in self._best(host, most=1, taken=taken):
                    taken |= {meeting.host, meeting.guest}
                    yield meeting

    def _best(self, host: int, *, most: int, taken: Collection[int] = ()) -> Iterator[Meeting]:
        """Give the best meetings of a unit that hold, the best first."""
        begins, ends, gain, end = self._times(host)
        gain[list(taken)] = -np.inf
        urgent = 0 if self.shift(host).holds else _NECESSARY
        found = 0
        for guest in np.argsort(-gain, kind="stable").tolist():
            if gain[guest] <= 0 or found == most:
                return
            # Who walks is the slower: a bicycle is pushed beside it.
            team = sorted(
                (guest, host),
                key=lambda one: (not self.units[one].on_foot, self.units[one].speed_mps),
            )
            joint = Segment(tuple(team), host, end, float(begins[guest]), float(ends[guest]))
            if self._holds(host, guest, joint):
                found += 1
                yield Meeting(host, guest, joint, int(gain[guest]) + urgent)

    def _times(self, host: int) -> tuple[Floats, Floats, Floats, int]:
        """Return when each other unit could join a host, what that gains, and where they part."""
        spans = self.spans[host]
        number = max(
            (number for number, span in enumerate(spans) if span.forbidding),
            key=lambda number: spans[number].latest_s - spans[number].earliest_s,
        )
        moves_again = any(not span.forbidding for span in spans[number + 1 :])
        end = host if moves_again else self.ends[host]
        there, back = np.empty(len(self.units)), np.empty(len(self.units))
        for members in self._by_pace.values():
            travel = self.ways.travel_s(self.units[members[0]])
            there[members] = travel[members, host]
            back[members] = travel[end, self._ends[members]]
        begins = np.maximum(self._shifts[:, 0] + there, spans[number].earliest_s)
        ends = np.minimum(self._shifts[:, 1] - back, spans[number].latest_s)
        # Whole minutes: nobody meets at a second.
        begins = np.ceil(begins / _MINUTE_S) * _MINUTE_S
        ends = np.floor(ends / _MINUTE_S) * _MINUTE_S
        gain = np.where(self._may_join(host), ends - begins - there - back, -np.inf)
        return begins, ends, gain, end

    def _may_join(self, host: int) -> NDArray[np.bool_]:
        """Tell who may move with a host: by the rules, and in the same mode or on foot."""
        number, keeps = self._sorts
        mode = self._modes == self.units[host].mode
        joins: NDArray[np.bool_] = keeps[number[host], number] & (mode | (self._modes == "foot"))
        joins[host] = False
        return joins

    def _holds(self, host: int, guest: int, joint: Segment) -> bool:
        """Tell whether both are in time everywhere, with time for their breaks."""
        leader = self.travel(joint.units[0])
        if leader(joint.start, joint.end) > joint.latest_s - joint.earliest_s:
            return False
        for unit in (host, guest):
            shift = self.shift(unit, joint)
            if not (shift.holds and self._rests(unit, shift)):
                return False
        return True

    def _rests(self, number: int, shift: Shift) -> bool:
        """Tell whether breaks fit: while a unit stays, or else where each has most room."""
        return all(self._fits(pause, number, shift) for pause in self.units[number].breaks)

    def _fits(self, pause: Break, number: int, shift: Shift) -> bool:
        opens_s, closes_s = (
            (instant - self.origin).total_seconds()
            for instant in (pause.earliest_at, pause.latest_at)
        )

        def room_s(piece: Segment | Stay, there_s: float = 0.0, back_s: float = 0.0) -> float:
            last_s = piece.latest_s - back_s - pause.duration_s
            return min(closes_s, last_s) - max(opens_s, piece.earliest_s + there_s)

        at_post = pause.at is None and self.units[number].end_post is None
        if at_post and any(room_s(stay) >= 0 for stay in shift.stays):
            return True
        if not shift.segments:
            return False
        piece = max(shift.segments, key=room_s)
        travel = self.travel(piece.units[0])
        return room_s(piece, travel(piece.start, number), travel(number, piece.end)) >= 0

    @cached_property
    def _by_pace(self) -> dict[tuple[float, str], list[int]]:
        groups: dict[tuple[float, str], list[int]] = {}
        for number, unit in enumerate(self.units):
            groups.setdefault((unit.speed_mps, unit.mode), []).append(number)
        return groups

    @cached_property
    def _sorts(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Sort of each unit, and which sorts keep the rules together: all that rules look at."""
        sorts = {(unit.kind, unit.officers): unit for unit in self.units}
        order = {key: number for number, key in enumerate(sorts)}
        number = np.array([order[unit.kind, unit.officers] for unit in self.units], dtype=np.intp)
        samples = list(sorts.values())
        return number, np.stack([may_pair(one, samples, self.rules) for one in samples])

    @cached_property
    def _modes(self) -> NDArray[np.str_]:
        return np.array([unit.mode for unit in self.units])

    @cached_property
    def _ends(self) -> NDArray[np.intp]:
        return np.array(self.ends, dtype=np.intp)

    @cached_property
    def _shifts(self) -> Floats:
        """First and last moment of each shift, shape (units, 2)."""
        return np.array([(spans[0].earliest_s, spans[-1].latest_s) for spans in self.spans])
