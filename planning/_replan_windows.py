"""When stops of the rest of a night may begin, at their distance from all others of their point."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from planning._patrol_points import ANYBODY
from planning._patrol_windows import Window, windows_left
from planning._replan_board import Visit
from planning._replan_draft import Draft

Made = Mapping[int, Sequence[float]]


def widen(draft: Draft, numbers: Sequence[int], made: Made, *, now_s: float) -> list[int]:
    """Let visits without a place begin whenever those before and after them let them.

    Parameters
    ----------
    draft
        Tours and visits; the windows of the given ones are changed.
    numbers
        Visits without a place, by their numbers.
    made
        When the visits made of each point began.
    now_s
        When the rest of the night begins.

    Returns
    -------
    open
        Those that may still begin some time.
    """
    still = []
    gap_s = draft.board.night.params.least_gap_s
    points, last_s = draft.board.night.points, draft.board.night.span_s
    for number in numbers:
        visit = draft.visits[number]
        if visit.must or points["needs_units"].iloc[visit.point] > 1:
            continue
        others = [*_held(draft, visit.point), *((at, at) for at in made.get(visit.point, ()))]
        before = [closes_s for opens_s, closes_s in others if opens_s < visit.planned_s]
        after = [opens_s for opens_s, _ in others if opens_s >= visit.planned_s]
        for other in numbers:
            rival = draft.visits[other]
            if other != number and rival.point == visit.point:
                middle_s = (rival.planned_s + visit.planned_s) / 2
                earlier = (rival.planned_s, other) < (visit.planned_s, number)
                (before if earlier else after).append(middle_s + (-gap_s if earlier else gap_s) / 2)
        opens_s, closes_s = points.iloc[visit.point][["opens_s", "closes_s"]]
        earliest_s = max([now_s, float(opens_s), *(at + gap_s for at in before)])
        latest_s = min([last_s, float(closes_s), *(at - gap_s for at in after)])
        if earliest_s <= latest_s:
            draft.visits[number] = visit._replace(earliest_s=earliest_s, latest_s=latest_s)
            still.append(number)
    return still


def further(draft: Draft, made: Made, *, now_s: float) -> Iterator[Visit]:
    """Offer more visits wherever those of the rest of the night leave room.

    Parameters
    ----------
    draft
        Tours and visits.
    made
        When the visits made of each point began.
    now_s
        When the rest of the night begins.

    Yields
    ------
    visit
        A visit, of the less weight the more there are of its point.
    """
    night = draft.board.night
    columns = ["opens_s", "closes_s", "revisit_s", "weight", "segment", "needs_units"]
    rows = night.points[columns].itertuples(index=False)
    for point, (opens_s, closes_s, revisit_s, weight, segment, needs) in enumerate(rows):
        held = sorted([*_held(draft, point), *((at, at) for at in made.get(point, ()))])
        if segment != ANYBODY or needs > 1 or weight <= 0 or (held and np.isinf(revisit_s)):
            continue
        windows = windows_left(
            held,
            (max(opens_s, now_s), min(closes_s, night.span_s)),
            revisit_s=revisit_s,
            least_gap_s=night.params.least_gap_s,
        )
        for window in windows:
            yield Visit(point, *window, weight / (1 + len(held)))


def _held(draft: Draft, point: int) -> Iterator[Window]:
    """Give the windows of the visits of a point that are in a tour."""
    for tour in draft.tours:
        for number in tour:
            visit = draft.visits[number]
            if visit.point == point:
                yield visit.earliest_s, visit.latest_s
