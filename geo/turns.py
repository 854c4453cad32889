"""Turns at junctions: which are permitted and how long they take.

A dart is a street in one direction; a turn leads from the end of one dart into another. Turns
across the oncoming traffic take longer than turns beside it (Winter 2002, "Modeling costs of turns
in route planning", GeoInformatica 6, 345-361), and some are forbidden by a sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Fault, LayerError, ParameterError
from geo.street_graph import StreetGraph

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Flags = NDArray[np.bool_]

_STRAIGHT_DEG = 45.0
# The direction of a street at its end is that of its last metres: the very last may be a kink.
_BEARING_M = 10.0
# So many street ends meet where a street goes on into another and nobody else comes in.
_JUST_A_BEND = 2
_COLUMNS = ("from_street", "junction", "to_street")


@dataclass(frozen=True)
class TurnCosts:
    """Seconds that turning at a junction takes; going straight on takes none.

    Where no more than two streets meet there is nobody to give way to, and only turning back
    takes time.

    Attributes
    ----------
    left_s
        Turning left by more than 45 degrees, >= 0.
    right_s
        Turning right by more than 45 degrees, >= 0.
    u_turn_s
        Turning back into the street that one comes from, >= 0.
    u_turn_anywhere
        Whether one may turn back at every junction; otherwise only where no other turn leads on.
    """

    left_s: float = 0.0
    right_s: float = 0.0
    u_turn_s: float = 0.0
    u_turn_anywhere: bool = True

    def __post_init__(self) -> None:
        faults = [
            f"Expected finite `{name}` >= 0, got {getattr(self, name)}."
            for name in ("left_s", "right_s", "u_turn_s")
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0)
        ]
        if faults:
            raise ParameterError("\n".join(faults))


class Turns(NamedTuple):
    """Turns between darts: street k from start to end is dart k, back it is dart `streets` + k.

    Attributes
    ----------
    leave
        Dart at the end of which each turn is made, shape (turns,).
    enter
        Dart that each turn leads into, shape (turns,).
    cost_s
        Seconds that each turn takes, shape (turns,).
    """

    leave: Integers
    enter: Integers
    cost_s: Floats


def permitted_turns(
    graph: StreetGraph, back: Flags, costs: TurnCosts, forbidden: Integers
) -> Turns:
    """Return every turn that may be made.

    Parameters
    ----------
    graph
        Streets that may be used.
    back
        Whether each of them may be used from its end to its start, shape (streets,).
    costs
        What turning takes.
    forbidden
        Pairs of darts between which no turn may be made, shape (pairs, 2).

    Returns
    -------
    turns
        The turns in the order of the darts that they leave.
    """
    count = len(back)
    begins = np.concatenate([graph.tail, graph.head])
    ends = np.concatenate([graph.head, graph.tail])
    darts = np.flatnonzero(np.concatenate([np.ones(count, dtype=bool), back]))
    row, column = meeting(ends[darts], begins[darts])
    leave, enter = darts[row], darts[column]
    banned = np.isin(leave * 2 * count + enter, forbidden @ [2 * count, 1])
    back_again = (leave % count == enter % count) & (leave != enter)
    if not costs.u_turn_anywhere:
        leads_on = np.bincount(leave[~banned & ~back_again], minlength=2 * count) > 0
        banned |= back_again & leads_on[leave]
    angle_deg = _angles_deg(graph, leave, enter)
    cost_s = np.select(
        [angle_deg > _STRAIGHT_DEG, angle_deg < -_STRAIGHT_DEG], [costs.left_s, costs.right_s]
    )
    meet = np.bincount(begins, minlength=len(graph.xy))
    cost_s = np.where(meet[begins[enter]] > _JUST_A_BEND, cost_s, 0.0)
    cost_s = np.where(back_again, costs.u_turn_s, cost_s)
    return Turns(leave[~banned], enter[~banned], cost_s[~banned])


def meeting(wanted: Integers, keys: Integers) -> tuple[Integers, Integers]:
    """Pair each wanted number with every place at which it stands among some keys.

    Parameters
    ----------
    wanted
        Numbers to look for, shape (wanted,).
    keys
        Where to look for them, shape (keys,).

    Returns
    -------
    pairs
        Positions in `wanted` and in `keys`, both of shape (pairs,), in the order of `wanted`.
    """
    order = np.argsort(keys, kind="stable")
    first = np.searchsorted(keys, wanted, side="left", sorter=order)
    count = np.searchsorted(keys, wanted, side="right", sorter=order) - first
    row = np.repeat(np.arange(len(wanted)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, order[first[row] + within]


def forbidden_darts(streets: gpd.GeoDataFrame, forbidden: pd.DataFrame | None) -> Integers:
    """Find the darts between which turns are forbidden.

    Parameters
    ----------
    streets
        The streets of the graph, with `start_junction` and `end_junction`.
    forbidden
        Turns that may not be made: `from_street`, `junction` and `to_street`. A turn from or into
        a street that is not among the streets cannot be made anyway.

    Returns
    -------
    pairs
        Darts left and entered, shape (pairs, 2).
    """
    if forbidden is None or not len(forbidden):
        return np.empty((0, 2), dtype=np.intp)
    pairs = []
    count = len(streets)
    junctions = [streets[f"{end}_junction"].to_numpy() for end in ("start", "end")]
    left, entered = (
        streets.index.get_indexer(pd.Index(forbidden[name]))
        for name in ("from_street", "to_street")
    )
    for one, other, via in zip(left, entered, forbidden["junction"], strict=True):
        if one >= 0 and other >= 0:
            leave = [one + count * end for end in (0, 1) if junctions[1 - end][one] == via]
            enter = [other + count * end for end in (0, 1) if junctions[end][other] == via]
            pairs += [(a, b) for a in leave for b in enter]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def check_forbidden_turns(
    forbidden: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    *,
    source: str = "turns",
    rows: Sequence[int] | None = None,
) -> None:
    """Refuse forbidden turns that are none between streets of a zone.

    Parameters
    ----------
    forbidden
        Turns that may not be made: `from_street`, `junction` and `to_street`.
    streets
        All streets of the zone, with `start_junction` and `end_junction`.
    source
        What the turns are called in messages.
    rows
        Number of each turn in messages; from 1 on where none.

    Raises
    ------
    LayerError
        A column is missing, a street is unknown, or one does not reach the junction; every fault
        is named.
    """
    faults = [
        Fault(source, f"a column `{name}`", "none") for name in _COLUMNS if name not in forbidden
    ]
    ends = ("start_junction", "end_junction")
    faults += [
        Fault("streets", f"a column `{name}`", "none") for name in ends if name not in streets
    ]
    if faults:
        raise LayerError(faults)
    reached = {
        label: set(pair)
        for label, pair in zip(streets.index, streets[list(ends)].to_numpy(), strict=True)
    }
    numbers = range(1, len(forbidden) + 1) if rows is None else rows
    turns = forbidden[list(_COLUMNS)].itertuples(index=False)
    for row, turn in zip(numbers, turns, strict=True):
        for field, street in (("from_street", turn.from_street), ("to_street", turn.to_street)):
            if street not in reached:
                faults.append(Fault(source, "a street of the zone", repr(street), row, field))
            elif not turn.junction or turn.junction not in reached[street]:
                expected = f"a junction of {street}"
                faults.append(Fault(source, expected, repr(turn.junction), row, "junction"))
    if faults:
        raise LayerError(faults)


def _angles_deg(graph: StreetGraph, leave: Integers, enter: Integers) -> Floats:
    """Return by how much each turn turns to the left, in (-180, 180]."""
    lines = np.asarray(graph.lines.array)
    reach_m = np.minimum(_BEARING_M, graph.length_m / 2)
    first = _bearings_deg(
        shapely.get_point(lines, 0), shapely.line_interpolate_point(lines, reach_m)
    )
    last = _bearings_deg(
        shapely.line_interpolate_point(lines, graph.length_m - reach_m),
        shapely.get_point(lines, -1),
    )
    departing = np.concatenate([first, last + 180.0])
    arriving = np.concatenate([last, first + 180.0])
    return np.asarray(180.0 - (180.0 - departing[enter] + arriving[leave]) % 360.0)


def _bearings_deg(start: NDArray[np.object_], end: NDArray[np.object_]) -> Floats:
    """Return the directions from some points to others, anticlockwise from east."""
    east, north = (shapely.get_coordinates(end) - shapely.get_coordinates(start)).T
    return np.asarray(np.degrees(np.arctan2(north, east)))
