"""From the places of a track to who was on which street when, and the time that counts nowhere."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._junction_ways import JunctionWays, Stretch
from geo._track_spans import Spans

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Place(NamedTuple):
    """A place on a street.

    Attributes
    ----------
    street
        Number of the street.
    offset_m
        Metres from its start.
    """

    street: int
    offset_m: float


class Row(NamedTuple):
    """A stretch of street passed at an even pace, or a place stood at.

    Attributes
    ----------
    street
        Number of the street.
    from_m, to_m
        Where on it, in metres from its start.
    starts_s, ends_s
        When, in seconds from the first position.
    """

    street: int
    from_m: float
    to_m: float
    starts_s: float
    ends_s: float


class Passages(NamedTuple):
    """A track as passages.

    Attributes
    ----------
    rows
        The passages in order.
    away_s
        Time off the streets.
    gap_s
        Time of silences and of jumps.
    """

    rows: list[Row]
    away_s: float
    gap_s: float


def passages(
    spans: Spans,
    places: Sequence[Place | None],
    starts: NDArray[np.bool_],
    ways: JunctionWays,
) -> Passages:
    """Tell who was where when: along the shortest way between places, standing at the ends.

    Parameters
    ----------
    spans
        Averaged positions.
    places
        Place of each; none off the streets.
    starts
        Whether a sequence of its own begins at it.
    ways
        Ways between places.

    Returns
    -------
    passages
        Passages, and the time that counts nowhere.
    """
    rows: list[Row] = []
    away_s = gap_s = 0.0

    def stand(place: Place | None, begin_s: float, end_s: float) -> float:
        """Count time at a place; return what is spent off the streets."""
        if place is None:
            return end_s - begin_s
        if end_s > begin_s:
            rows.append(Row(*place, place.offset_m, begin_s, end_s))
        return 0.0

    last = len(places) - 1
    for number, here in enumerate(places):
        first_s, from_s, to_s, last_s = (
            float(times[number])
            for times in (spans.first_s, spans.from_s, spans.to_s, spans.last_s)
        )
        begins = number == 0 or spans.piece[number] != spans.piece[number - 1]
        away_s += stand(here, first_s if begins else from_s, to_s)
        if number == last or spans.piece[number] != spans.piece[number + 1]:
            away_s += stand(here, to_s, last_s)
            gap_s += float(spans.first_s[number + 1]) - last_s if number < last else 0.0
            continue
        there, next_s = places[number + 1], float(spans.from_s[number + 1])
        if here is None or there is None:
            # Nobody knows when between two positions an officer left the streets: half and half.
            middle_s = (to_s + next_s) / 2
            away_s += stand(here, to_s, middle_s) + stand(there, middle_s, next_s)
        elif starts[number + 1]:
            gap_s += next_s - to_s
        else:
            rows += _timed(ways.stretches(here, there), to_s, next_s)
    return Passages(rows, away_s, gap_s)


def _timed(stretches: Sequence[Stretch], begin_s: float, end_s: float) -> list[Row]:
    """Share a time out among stretches by their lengths; alike where they have none."""
    length_m = np.array([abs(to_m - from_m) for _, from_m, to_m in stretches])
    if not length_m.any():
        length_m[:] = 1.0
    share = np.append(0.0, length_m.cumsum() / length_m.sum())
    times_s = (begin_s + (end_s - begin_s) * share).tolist()
    return [
        Row(*stretch, *times)
        for stretch, times in zip(stretches, pairwise(times_s), strict=True)
        if times[1] > times[0]
    ]
