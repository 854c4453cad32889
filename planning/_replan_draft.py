"""The rest of a night as it is mended: who makes which stops, and what is without a place."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from planning._patrol_rounds import Outing
from planning._patrol_teams import Segment
from planning._replan_board import Board, Visit
from planning._replan_repair import Insertion, insert, keep_most
from planning.tours import Schedule


class Mended(NamedTuple):
    """What a crew does with a tour that is broken.

    Attributes
    ----------
    segment
        From where and when on.
    tour
        Visits, by their numbers.
    """

    segment: Segment
    tour: list[int]


@dataclass
class Draft:
    """Visits and tours of the rest of a night.

    Attributes
    ----------
    board
        Crews, points and ways.
    visits
        Every visit that was planned or is offered.
    tours
        Visits of each crew by their numbers, in order.
    segments
        The time that each crew has.
    touched
        Crews that have another tour than planned.
    twins
        For each break the visit that stands for it at any time within its window.
    """

    board: Board
    visits: list[Visit]
    tours: list[list[int]]
    segments: list[Segment]
    touched: set[int] = field(default_factory=set)
    twins: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = self.board.first_break
        points = self.board.night.points
        for number in [*range(len(self.visits))]:
            visit = self.visits[number]
            if visit.point >= first:
                opens_s, closes_s = points.loc[visit.point, ["opens_s", "closes_s"]]
                self.twins[number] = self.add(
                    visit._replace(earliest_s=float(opens_s), latest_s=float(closes_s))
                )

    def add(self, visit: Visit) -> int:
        """Offer a visit.

        Parameters
        ----------
        visit
            The visit.

        Returns
        -------
        number
            Its number.
        """
        self.visits.append(visit)
        return len(self.visits) - 1

    def musts(self) -> set[int]:
        """Return the visits that give way to none.

        Returns
        -------
        numbers
            Breaks, calls, and appointments of several crews.
        """
        shared = {number for group in self.appointments() for number in group}
        return shared | {number for number, visit in enumerate(self.visits) if visit.must}

    def appointments(self) -> list[list[int]]:
        """Group the visits of several crews to one point at one time.

        Returns
        -------
        groups
            Visits by their numbers, each group of at least two.
        """
        at: dict[tuple[int, float], list[int]] = defaultdict(list)
        needs = self.board.night.points["needs_units"].to_numpy()
        for number, visit in enumerate(self.visits):
            if needs[visit.point] > 1 and visit.latest_s == visit.earliest_s:
                at[visit.point, round(visit.earliest_s, 3)].append(number)
        return [group for group in at.values() if len(group) > 1]

    def turned(self, crew: int) -> Segment:
        """Return the time that a crew has left if it leaves its way under way at once.

        Parameters
        ----------
        crew
            The crew.

        Returns
        -------
        segment
            As it is where the crew has turned off already.
        """
        segment = self.segments[crew]
        if segment.start == self.board.spot(crew):
            return segment
        if self.board.crews[crew].leg is None:
            return segment._replace(start=self.board.spot(crew))
        return self.board.segment(crew, turns_off=True)._replace(latest_s=segment.latest_s)

    def mend(
        self,
        crew: int,
        order: Sequence[int],
        must: Collection[int],
        starts: Sequence[Segment],
    ) -> Mended | None:
        """Find the most of a tour that still runs, with its breaks at other times if need be.

        Parameters
        ----------
        crew
            Whose tour.
        order
            The visits in the order in which they were to be made.
        must
            Visits that must not be left out.
        starts
            From where and when the crew could go on, the one to be preferred first.

        Returns
        -------
        mended
            None where no part with all that must be runs.
        """
        best: tuple[int, float] = (-1, 0.0)
        found = None
        for segment in starts:
            segments = [*self.segments[:crew], segment, *self.segments[crew + 1 :]]
            problem, first = self.board.problem(segments, self.visits)
            binding = {first + number for number in must}
            binding |= {first + self.twins[number] for number in must if number in self.twins}
            for tour in self._orders(order):
                kept = keep_most(problem, crew, [first + one for one in tour], must=binding)
                if kept is None:
                    continue
                merit = len(kept), float(problem.prize[kept].sum())
                if merit > best:
                    best, found = merit, Mended(segment, [stop - first for stop in kept])
                if len(kept) == len(order):
                    return found
        return found

    def _orders(self, order: Sequence[int]) -> Iterator[list[int]]:
        """Give the order, and those with one of the breaks at every other place."""
        yield list(order)
        for rest in order:
            if rest in self.twins:
                others = [number for number in order if number != rest]
                for at in range(len(others) + 1):
                    yield [*others[:at], self.twins[rest], *others[at:]]

    def take(self, crew: int, mended: Mended) -> list[int]:
        """Let a crew do what it can of a broken tour.

        Parameters
        ----------
        crew
            The crew.
        mended
            What it does.

        Returns
        -------
        homeless
            Visits of its tour that it no longer makes.
        """
        self.touched.add(crew)
        before = self.tours[crew]
        self.segments[crew], self.tours[crew] = mended
        made = set(mended.tour)
        return [
            number for number in before if number not in made and self.twins.get(number) not in made
        ]

    def fix(self, crew: int, number: int) -> None:
        """Hold a visit to the moment at which it begins as things stand.

        Parameters
        ----------
        crew
            Whose visit.
        number
            Its number.
        """
        outing = self.outing(crew)
        begins_s = outing.times.begins_s[self.tours[crew].index(number)]
        self.visits[number] = self.visits[number]._replace(earliest_s=begins_s, latest_s=begins_s)

    def place(self, numbers: Sequence[int]) -> list[int]:
        """Find places for visits, those that count most first; others may give way to them.

        Parameters
        ----------
        numbers
            The visits, by their numbers.

        Returns
        -------
        left
            Visits for which there is no place, with those that gave way and found no other.
        """
        if not self.tours:
            return list(numbers)
        waiting, left = list(numbers), []
        must = self.musts()
        while waiting:
            waiting.sort(key=lambda number: (-self.visits[number].weight, number))
            number = waiting.pop(0)
            found = self._insert(number, must)
            if found is None:
                left.append(number)
            elif found.ejected is not None:
                waiting.append(found.ejected)
        return left

    def _insert(
        self, number: int, must: Collection[int], *, besides: Collection[int] = ()
    ) -> Insertion | None:
        """Put a visit where it fits best, into the tour of none of some crews."""
        problem, first = self.board.problem(self.segments, self.visits)
        if besides:
            allowed = problem.may_visit.copy()
            allowed[list(besides), first + number] = False
            problem = replace(problem, allowed=allowed)
        found = insert(
            problem,
            [[first + one for one in tour] for tour in self.tours],
            first + number,
            must={first + one for one in must},
        )
        if found is None:
            return None
        self.tours[found.vehicle] = [stop - first for stop in found.tour]
        self.touched.add(found.vehicle)
        ejected = None if found.ejected is None else found.ejected - first
        return found._replace(tour=self.tours[found.vehicle], ejected=ejected)

    def settle(self) -> list[int]:
        """Find others for appointments that a crew can no longer keep, or give them up.

        Returns
        -------
        left
            Visits of appointments that are given up.
        """
        left = []
        needs = self.board.night.points["needs_units"].to_numpy()
        for group in self.appointments():
            coming = {
                number: crew
                for crew, tour in enumerate(self.tours)
                for number in tour
                if number in group
            }
            if not coming:
                left += group
                continue
            missing = [number for number in group if number not in coming]
            if missing:
                # Whoever comes as planned now meets somebody else, or fewer.
                self.touched |= set(coming.values())
            everything = range(len(self.visits))
            while missing and self._units(coming.values()) < needs[self.visits[group[0]].point]:
                number = missing.pop()
                found = self._insert(number, everything, besides=coming.values())
                if found is not None:
                    coming[number] = found.vehicle
            if coming and self._units(coming.values()) < needs[self.visits[group[0]].point]:
                for number, crew in coming.items():
                    self.tours[crew] = [one for one in self.tours[crew] if one != number]
                    self.touched.add(crew)
                left += group
        return left

    def _units(self, crews: Iterable[int]) -> int:
        return sum(len(self.segments[crew].units) for crew in crews)

    def outings(self) -> list[Outing]:
        """Return when each crew makes its stops.

        Returns
        -------
        outings
            One a crew, every stop as early as its window lets it.
        """
        return [self.outing(crew) for crew in range(len(self.tours))]

    def outing(self, crew: int) -> Outing:
        """Return when a crew makes its stops.

        Parameters
        ----------
        crew
            The crew.

        Returns
        -------
        outing
            Every stop as early as its window lets it.
        """
        segment, tour = self.segments[crew], [self.visits[one] for one in self.tours[crew]]
        travel = self.board.night.travel_s[self.board.night.pace(segment)]
        dwell_s = self.board.night.points["dwell_s"].to_numpy(np.float64)
        place = segment.start
        free_s, begins = segment.earliest_s, []
        for visit in tour:
            there = self.board.place(visit.point)
            begins.append(max(free_s + float(travel[place, there]), visit.earliest_s))
            place, free_s = there, begins[-1] + float(dwell_s[visit.point])
        home_s = float(travel[place, segment.end])
        leaves_s = segment.earliest_s
        if not self.board.crews[crew].left:
            # Whoever waits at a post leaves it no sooner than needed.
            out_s = float(travel[segment.start, self.board.place(tour[0].point)]) if tour else 0.0
            leaves_s = begins[0] - out_s if tour else max(segment.latest_s - home_s, leaves_s)
            free_s = free_s if tour else leaves_s
        if not tour and home_s == 0:
            leaves_s = free_s = segment.earliest_s
        points = tuple(visit.point for visit in tour)
        return Outing(points, Schedule(leaves_s, tuple(begins), free_s + home_s))
