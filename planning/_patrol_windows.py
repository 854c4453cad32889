"""When visits to a point may begin: those due, and further ones between those made.

A point is due once in every `revisit_s` (Koper 1995: at least every two hours), from a moment of
its own drawn by the seed. Windows of one point lie at least `least_gap_s` apart, so that any two
visits in different windows keep their distance.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Window = tuple[float, float]


def offer_visits(
    points: pd.DataFrame, *, span_s: float, least_gap_s: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Offer each point once in every `revisit_s`, from a moment of its own.

    Parameters
    ----------
    points
        Points with opens_s, closes_s, revisit_s and weight.
    span_s
        Length of the night.
    least_gap_s
        How long each span stays closed at its end, so that visits keep their distance.
    rng
        Source of the moments.

    Returns
    -------
    visits
        A row a visit: `point`, `earliest_s` and `latest_s` of its beginning, from the night's
        beginning, and `weight`. What is cut short by the ends of the night or of the point's hours
        to less than half its length is left out, unless it is the point's only one. A point whose
        hours lie outside the night has none.
    """
    draws = rng.random(len(points))
    rows = [
        (point, *window, weight)
        for point, (opens_s, closes_s, revisit_s, weight) in enumerate(
            points[["opens_s", "closes_s", "revisit_s", "weight"]].itertuples(index=False)
        )
        for window in due_windows(
            (max(opens_s, 0.0), min(closes_s, span_s)),
            revisit_s=revisit_s,
            least_gap_s=least_gap_s,
            draw=draws[point],
        )
    ]
    return visits_of(rows)


def visits_of(rows: Sequence[tuple[int, float, float, float]]) -> pd.DataFrame:
    """Return visits as a frame.

    Parameters
    ----------
    rows
        Point, first and last moment of the beginning, and weight of each.

    Returns
    -------
    visits
        point, earliest_s, latest_s and weight.
    """
    columns = ["point", "earliest_s", "latest_s", "weight"]
    kinds = dict.fromkeys(columns[1:], np.float64)
    return pd.DataFrame(rows, columns=columns).astype({"point": np.intp, **kinds})


def due_windows(
    hours: Window, *, revisit_s: float, least_gap_s: float, draw: float
) -> list[Window]:
    """Return when each visit that is due at a point may begin.

    Parameters
    ----------
    hours
        First and last moment of the night at which a visit may begin.
    revisit_s
        Span in which it is due once; infinite for once a night.
    least_gap_s
        How long each span stays closed at its end.
    draw
        Number from 0 to 1 that says when the spans begin.

    Returns
    -------
    windows
        First and last moment of each, ascending.
    """
    first_s, last_s = hours
    if last_s < first_s:
        return []
    if np.isinf(revisit_s):
        return [hours]
    open_s = revisit_s - least_gap_s
    # The first span is open from the beginning, so that a short shift finds something to do.
    begin_s = first_s - draw * open_s / 2
    count = int(np.ceil((last_s - first_s) / revisit_s)) + 1
    starts = begin_s + revisit_s * np.arange(count)
    early, late = np.clip(starts, *hours), np.clip(starts + open_s, *hours)
    kept = late - early >= min(open_s, last_s - first_s) / 2
    kept[np.argmax(late - early)] = True
    return list(zip(early[kept].tolist(), late[kept].tolist(), strict=True))


def times_due(points: pd.DataFrame, *, span_s: float) -> NDArray[np.intp]:
    """Return how often each point is due in a night, whatever the seed.

    Parameters
    ----------
    points
        Points with opens_s, closes_s and revisit_s.
    span_s
        Length of the night.

    Returns
    -------
    times
        At least one for each.
    """
    hours = points["closes_s"].clip(0.0, span_s) - points["opens_s"].clip(0.0, span_s)
    times = np.rint(hours.to_numpy() / points["revisit_s"].to_numpy())
    whole: NDArray[np.intp] = np.maximum(times, 1).astype(np.intp)
    return whole


def worth_of_visits(
    weight: NDArray[np.float64], due: NDArray[np.intp], made: NDArray[np.intp]
) -> float:
    """Return what visits are worth: beyond those due, the k-th of a point counts a k-th.

    Parameters
    ----------
    weight
        Weight of each point.
    due
        How often each is due.
    made
        How often each is visited.

    Returns
    -------
    worth
        Sum over all points.
    """
    harmonic = np.cumsum(np.append(0.0, 1 / np.arange(1, max(made.max(initial=0), 1) + 1)))
    beyond = np.where(made > due, harmonic[made] - harmonic[np.minimum(made, due)], 0.0)
    return float(weight @ (np.minimum(made, due) + beyond))


def windows_overdue(
    made: Sequence[Window], hours: Window, *, revisit_s: float, least_gap_s: float
) -> Iterator[Window]:
    """Give when further visits may begin that end waits of more than `revisit_s`.

    Parameters
    ----------
    made
        First and last moment at which each visit made may begin, ascending.
    hours
        First and last moment of the night at which a visit may begin.
    revisit_s
        Longest that a point shall wait.
    least_gap_s
        Shortest time between the beginnings of two visits.

    Yields
    ------
    window
        First and last moment of each, ascending.
    """
    since = [hours[0], *(opens_s for opens_s, _ in made)]
    until = [*(closes_s for _, closes_s in made), hours[1]]
    frees = _free(made, hours, least_gap_s=least_gap_s)
    for from_s, to_s, free in zip(since, until, frees, strict=True):
        missing = max(int(np.ceil((to_s - from_s) / revisit_s)) - 1, 0 if made else 1)
        if missing == 1:
            tight = max(free[0], to_s - revisit_s), min(free[1], from_s + revisit_s)
            yield from [tight] if tight[0] <= tight[1] else _shared(free, 1, least_gap_s)
        elif missing > 1:
            yield from _shared(free, missing, least_gap_s)


def windows_left(
    made: Sequence[Window], hours: Window, *, revisit_s: float, least_gap_s: float
) -> Iterator[Window]:
    """Give when further visits may begin, wherever the visits made leave room.

    Parameters
    ----------
    made
        First and last moment at which each visit made may begin, ascending.
    hours
        First and last moment of the night at which a visit may begin.
    revisit_s
        Span in which a point is due once: longer times without a visit get several windows.
    least_gap_s
        Shortest time between the beginnings of two visits.

    Yields
    ------
    window
        First and last moment of each, ascending.
    """
    for free in _free(made, hours, least_gap_s=least_gap_s):
        count = max(1, int((free[1] - free[0] + least_gap_s) // revisit_s))
        yield from _shared(free, count, least_gap_s)


def _free(made: Sequence[Window], hours: Window, *, least_gap_s: float) -> Iterator[Window]:
    """Give the times before, between and after visits, at their distance; some are none."""
    # In the rest of a night visits may have been made before the hours are on.
    opens = [hours[0], *(max(hours[0], closes_s + least_gap_s) for _, closes_s in made)]
    closes = [*(min(hours[1], opens_s - least_gap_s) for opens_s, _ in made), hours[1]]
    yield from zip(opens, closes, strict=True)


def _shared(free: Window, count: int, least_gap_s: float) -> Iterator[Window]:
    """Give as many equal windows of some time as there is room for, up to a count."""
    first_s, last_s = free
    if last_s < first_s:
        return
    room = int((last_s - first_s) // least_gap_s) + 1 if least_gap_s > 0 else count
    count = min(count, room)
    open_s = (last_s - first_s - (count - 1) * least_gap_s) / count
    for number in range(count):
        begin_s = first_s + number * (open_s + least_gap_s)
        yield begin_s, begin_s + open_s
