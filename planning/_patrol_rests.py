"""Breaks within a shift: whether they fit, and when they must begin so that nobody walks too long.

The moments at which breaks begin, in their order, are bound by differences alone: each to its
window, to the end of the break before and to the longest time without one. Along a chain such
constraints are solved exactly by passing intervals from the first to the last (Dechter, Meiri and
Pearl 1991, "Temporal constraint networks", Artificial Intelligence 49, 61-95).
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from planning.patrol_rules import PatrolRules
from planning.units import Break, Unit

_Windows = list[tuple[float, float]]


def longest_on_foot(unit: Unit, rules: PatrolRules) -> float:
    """Return how long a unit may walk without a break.

    Parameters
    ----------
    unit
        The unit.
    rules
        Rules of the zone.

    Returns
    -------
    longest_s
        Seconds, infinite where no rule binds it.
    """
    binding = (
        rule.longest_s
        for rule in rules.rests
        if unit.on_foot and (not rule.who or unit.kind in rule.who)
    )
    return min(binding, default=math.inf)


def breaks_in_order(unit: Unit) -> list[Break]:
    """Return the breaks of a unit in the order of the night.

    Parameters
    ----------
    unit
        The unit.

    Returns
    -------
    breaks
        By the first moment at which they may begin.
    """
    return sorted(unit.breaks, key=lambda pause: (pause.earliest_at, pause.latest_at))


def begins_of_breaks(
    unit: Unit,
    breaks: Sequence[Break],
    *,
    longest_s: float = math.inf,
    shift_s: float | None = None,
    way_home_s: float = 0.0,
) -> _Windows | None:
    """Find windows for some breaks such that whatever begins they allow keep the longest time.

    Parameters
    ----------
    unit
        The unit.
    breaks
        Some of its breaks in their order.
    longest_s
        Longest time without a break.
    shift_s
        Length of the shift; where none is given it has no ends.
    way_home_s
        Time it takes to the end post after the last break.

    Returns
    -------
    windows
        First and last moment at which each break may begin, in seconds from the beginning of the
        shift. None where there are none.
    """
    starts, ends = (-math.inf, math.inf) if shift_s is None else (0.0, shift_s)
    if way_home_s == math.inf or starts + way_home_s > ends:
        return None
    reached: _Windows = []
    earliest, latest = starts, (starts if shift_s is not None else math.inf) + longest_s
    for pause in breaks:
        opens, closes = (
            (instant - unit.starts_at).total_seconds()
            for instant in (pause.earliest_at, pause.latest_at)
        )
        window = max(opens, earliest), min(closes, latest)
        if window[0] > window[1]:
            return None
        reached.append(window)
        earliest, latest = (begin + pause.duration_s for begin in window)
        latest += longest_s
    if earliest + way_home_s > ends or (shift_s is not None and latest < ends):
        return None
    return _robust(reached, breaks, longest_s=longest_s, ends=ends, way_home_s=way_home_s)


def _robust(
    reached: _Windows,
    breaks: Sequence[Break],
    *,
    longest_s: float,
    ends: float,
    way_home_s: float,
) -> _Windows | None:
    """Go back from the last break; each window closes in time for the next to begin."""
    windows: _Windows = []
    closing, needed = ends - way_home_s, ends
    for (opens, closes), pause in zip(reversed(reached), reversed(breaks), strict=True):
        last = min(closes, closing - pause.duration_s)
        # With no end of the shift there is nothing to be late for.
        first = max(opens, needed - pause.duration_s - longest_s) if needed < math.inf else opens
        if first > last:
            return None
        windows.append((first, last))
        closing = needed = last
    return windows[::-1]


def with_rests(unit: Unit, rules: PatrolRules) -> Unit:
    """Narrow the windows of a unit's breaks so that it never walks longer than the rules let it.

    Parameters
    ----------
    unit
        A unit whose breaks fit its shift.
    rules
        Rules of the zone.

    Returns
    -------
    unit
        Its breaks in the same order; the very unit where no rule of rest binds it.
    """
    longest_s = longest_on_foot(unit, rules)
    if longest_s == math.inf:
        return unit
    in_order = breaks_in_order(unit)
    windows = begins_of_breaks(
        unit,
        in_order,
        longest_s=longest_s,
        shift_s=(unit.ends_at - unit.starts_at).total_seconds(),
    )
    if windows is None:
        return unit
    narrowed = {
        pause: replace(
            pause,
            earliest_at=unit.starts_at + timedelta(seconds=first),
            latest_at=unit.starts_at + timedelta(seconds=last),
        )
        for pause, (first, last) in zip(in_order, windows, strict=True)
    }
    return replace(unit, breaks=tuple(narrowed[pause] for pause in unit.breaks))
