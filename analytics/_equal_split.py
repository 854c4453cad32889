"""Densities by equal split: events and streets laid out for `_walks`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics._kernels import Shape, reach_of
from analytics._shortest_ways import spread_by_nearness
from analytics._street_mesh import ROUNDING, Floats, Ints, StreetMesh
from analytics._walks import MAX_ABREAST, Darts, Field, Kernel, Marks, Sources, spread
from geo.errors import ParameterError
from geo.street_graph import StreetGraph

# So many take about two minutes.
MAX_WALKS = 1_000_000_000


@dataclass(frozen=True)
class PlacedEvents:
    """Events on a network.

    Attributes
    ----------
    street
        Street of each event, by position.
    fraction
        How far along its street each event is, 0 to 1.
    weight
        What each event counts, >= 0.
    """

    street: Ints
    fraction: Floats
    weight: Floats


@dataclass(frozen=True)
class Rule:
    """How an event spreads.

    Attributes
    ----------
    shape
        Which kernel.
    bandwidth_m
        Its half-width; of the Gaussian, its standard deviation.
    method
        "continuous", "discontinuous" or "simple".
    """

    shape: Shape
    bandwidth_m: float
    method: str


def lixel_density(lixels: StreetMesh, events: PlacedEvents, rule: Rule) -> Floats:
    """Average the density over lixels, exactly.

    Parameters
    ----------
    lixels
        Streets cut into lixels.
    events
        The events.
    rule
        How they spread.

    Returns
    -------
    density
        Events per unit length of each lixel.
    """
    count = lixels.segments + 1
    first = np.append(0, np.cumsum(count))
    part = np.arange(first[-1]) - np.repeat(first[:-1], count)
    offset_m = part * np.repeat(lixels.graph.length_m / lixels.segments, count)
    marks = Marks(first, offset_m, ends=True)
    total = _totals(lixels.graph, events, marks, rule)
    begin = np.arange(len(lixels.street)) + lixels.street
    return np.asarray((total[begin] - total[begin + 1]) / lixels.length_m)


def place_density(
    graph: StreetGraph,
    places: tuple[Ints, Floats],
    events: PlacedEvents,
    rule: Rule,
) -> Floats:
    """Find the density at places.

    Parameters
    ----------
    graph
        The streets.
    places
        Street of each place, by position, and how far along it the place is, 0 to 1.
    events
        The events.
    rule
        How they spread.

    Returns
    -------
    density
        Events per unit length at each place.
    """
    street, fraction = places
    order = np.lexsort((fraction, street))
    first = np.searchsorted(street[order], np.arange(len(graph.length_m) + 1))
    offset_m = (fraction * graph.length_m[street])[order]
    marks = Marks(first.astype(np.int64), offset_m, ends=False)
    density = np.empty(len(street))
    density[order] = _totals(graph, events, marks, rule)
    return density


def _totals(graph: StreetGraph, events: PlacedEvents, marks: Marks, rule: Rule) -> Floats:
    darts = darts_of(graph)
    reach_m = reach_of(rule.shape, rule.bandwidth_m)
    kernel = Kernel(int(rule.shape), reach_m, rule.method == "continuous")
    total = np.zeros(len(marks.offset_m))
    field = Field(darts, marks, kernel, total)
    offset_m = events.fraction * graph.length_m[events.street]
    junction = np.where(
        events.fraction < 1 / 2, graph.tail[events.street], graph.head[events.street]
    ).astype(np.int64)
    # At a dead end an event is on its one street, as it is a step before: half of it goes astray.
    inner = np.minimum(events.fraction, 1 - events.fraction) > ROUNDING
    inner |= np.diff(darts.first)[junction] == 1
    between = _sources(events.street, offset_m, events.weight, inner, junctions=False)
    if rule.method == "simple":
        every = _sources(events.street, offset_m, events.weight, inner | True, junctions=False)
        spread_by_nearness(every, field)
        return total
    at_junctions = _sources(junction, np.zeros(len(inner)), events.weight, ~inner, junctions=True)
    left = MAX_WALKS
    for sources in (between, at_junctions):
        # A reach of so many streets is known beforehand to need more walks than that.
        beyond = _go_beyond(sources, darts, kernel, left)
        left = -1 if beyond else spread(sources, field, left)
        if left < 0:
            raise ParameterError(
                f"Expected `bandwidth_m` within which at most {MAX_WALKS} walks begin at events,"
                f" and at most {MAX_ABREAST} need following side by side, got"
                f' {rule.bandwidth_m}; method "heat" knows no such limit.'
            )
    return total


def darts_of(graph: StreetGraph) -> Darts:
    """Take each street of a graph in both directions.

    Parameters
    ----------
    graph
        The streets.

    Returns
    -------
    darts
        Its darts.
    """
    ends = np.stack([graph.tail, graph.head], axis=1).astype(np.int64)
    start, goal = ends.ravel(), ends[:, ::-1].ravel()
    leaving = np.argsort(start, kind="stable").astype(np.int64)
    first = np.searchsorted(start[leaving], np.arange(len(graph.xy) + 1)).astype(np.int64)
    return Darts(graph.length_m.astype(np.float64), goal.copy(), first, leaving)


def _go_beyond(sources: Sources, darts: Darts, kernel: Kernel, most: int) -> bool:
    """Tell whether events that never come to the end of all their ways go over too many streets."""
    events = np.diff(sources.first)
    streets = kernel.reach_m / darts.length_m.max()
    if kernel.continuous or events.sum() * streets <= most:
        return bool(events.sum() * streets > most)
    endless = _endless(darts)
    if sources.junctions:
        junctions = len(darts.first) - 1
        begins = np.repeat(np.arange(junctions), np.diff(darts.first))
        goes_on = np.bincount(begins, endless[darts.leaving], minlength=junctions) > 0
    else:
        goes_on = endless[::2] | endless[1::2]
    return bool(events[goes_on[sources.street]].sum() * streets > most)


def _endless(darts: Darts) -> NDArray[np.bool_]:
    """Tell from which darts a way without a turn goes on for ever: those that lead to a circle."""
    endless = np.ones(len(darts.goal), dtype=np.bool_)
    back = np.arange(len(endless)) ^ 1
    # The start of a dart is the goal of the one against it.
    start = darts.goal[back]
    while True:
        onward = np.bincount(start, endless, minlength=len(darts.first) - 1)
        still = endless & (onward[darts.goal] - endless[back] > 0)
        if still.sum() == endless.sum():
            return endless
        endless = still


def _sources(
    place: Ints, offset_m: Floats, weight: Floats, kept: NDArray[np.bool_], *, junctions: bool
) -> Sources:
    """Return events by place, those at the same spot as one; those that count nothing are none."""
    kept = kept & (weight > 0)
    place, offset_m, weight = place[kept], offset_m[kept], weight[kept]
    order = np.lexsort((offset_m, place))
    place, offset_m, weight = place[order], offset_m[order], weight[order]
    new = np.append(True, (np.diff(place) != 0) | (np.diff(offset_m) != 0))[: len(place)]
    spot = np.flatnonzero(new)
    weight = np.add.reduceat(weight, spot) if len(spot) else weight
    street, first = np.unique(place[spot], return_index=True)
    return Sources(
        street.astype(np.int64),
        junctions,
        np.append(first, len(spot)).astype(np.int64),
        offset_m[spot],
        weight,
    )
