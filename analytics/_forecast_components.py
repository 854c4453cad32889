"""The components of the stacked intensity, and what each of them foretold in the past."""

import math
from typing import Final

import numpy as np
from numba import njit

from analytics._forecast_input import Cells, Floats, Ints, Past

# Half-lives of what a component remembers: everything, about the seasons, about a month.
MEMORIES_DAYS: Final = (math.inf, 365.0, 20.0)
# Standard deviations of the round kernels, one for each memory, in widths of a cell; each is half
# of the next, which `_add_round` relies on.
ROUND: Final = (1.5, 3.0, 6.0, 12.0, 24.0)
# Those along x and y of the kernels that are drawn out, which remember everything.
DRAWN_OUT: Final = ((6.0, 0.75), (0.75, 6.0), (12.0, 0.75), (0.75, 12.0), (12.0, 3.0), (3.0, 12.0))
COMPONENTS: Final = len(MEMORIES_DAYS) * (1 + len(ROUND)) + len(DRAWN_OUT) + 1
# A component is fitted to so many of the latest incidents; an incident counts if so many others
# were known before its period.
FITTED: Final = 2000
LEAST_KNOWN: Final = 20

# Where a kernel is below this part of its peak it is taken for nothing.
_NOTHING: Final = 1e-12
_REACH_SDS: Final = math.sqrt(-2 * math.log(_NOTHING))
_ROUND = np.array(ROUND)
_DRAWN_OUT = np.array(DRAWN_OUT)


def extent(past: Past, cells: Cells) -> float:
    """Return the area of the box around all cells and incidents.

    Parameters
    ----------
    past
        Incidents; there may be none.
    cells
        At least one cell.

    Returns
    -------
    area
        Square units, > 0.
    """
    low_x, low_y, high_x, high_y = cells.geometry.total_bounds
    low = np.minimum(past.xy.min(axis=0, initial=np.inf), [low_x, low_y])
    high = np.maximum(past.xy.max(axis=0, initial=-np.inf), [high_x, high_y])
    return float(np.prod(high - low))


def remembered(ages: Floats) -> Floats:
    """Return how much each incident counts to each memory.

    A memory that holds little is not trusted: its shares add up to s / (s + 1), where s is the
    number of incidents it holds.

    Parameters
    ----------
    ages
        Days since each incident, >= 0.

    Returns
    -------
    shares
        One row an incident, one column for each of `MEMORIES_DAYS`.
    """
    held = np.stack([0.5 ** (ages / days) for days in MEMORIES_DAYS], axis=1)
    return np.asarray(held / (held.sum(axis=0) + 1))


def foretold(past: Past, cells: Cells, period_days: float) -> Floats:
    """Return the density that each component gave to the latest incidents beforehand.

    Time is cut into periods back from the origin. What an incident is foretold by is made of the
    incidents before its period began, and read where a forecast would be: at the centre of the
    cell, or at the incident itself where that cell is far larger than the others.

    Parameters
    ----------
    past
        What had happened by the origin.
    cells
        Where risk is wanted.
    period_days
        Length of a period, > 0.

    Returns
    -------
    densities
        One row an incident, one column a component.
    """
    home = np.full(len(past), -1)
    row, cell = cells.holding(past.xy)
    home[row[::-1]] = cell[::-1]
    place = past.xy.copy()
    usual = (home >= 0) & ~cells.large[home]
    place[usual] = cells.centre[home[usual]]
    period = np.ceil(past.age_days / period_days)
    known = np.searchsorted(-past.age_days, -period * period_days, side="left")
    rows = np.flatnonzero((home >= 0) & (known >= LEAST_KNOWN))[-FITTED:]
    densities = np.zeros((len(rows), COMPONENTS))
    densities[:, -1] = 1 / extent(past, cells)
    for number in np.unique(period[rows]):
        here = np.flatnonzero(period[rows] == number)
        before = int(known[rows[here[0]]])
        shares = remembered(past.age_days[:before] - number * period_days)
        asked = rows[here]
        densities[here, :-1] = _read_components(
            place[asked] / cells.width,
            home[asked],
            past.xy[:before] / cells.width,
            home[:before],
            shares,
        )
    densities[:, : len(MEMORIES_DAYS)] /= cells.area[home[rows], None]
    densities[:, len(MEMORIES_DAYS) : -1] /= cells.width**2
    return densities


@njit(cache=True, error_model="numpy")
def _read_components(place: Floats, home: Ints, xy: Floats, homes: Ints, shares: Floats) -> Floats:
    """Return at each place the share in its cell and the kernels, without the even spread.

    Lengths are in widths of a cell.
    """
    memories = shares.shape[1]
    found = np.zeros((len(place), memories * (1 + len(_ROUND)) + len(_DRAWN_OUT)))
    for i in range(len(place)):
        for j in range(len(xy)):
            if homes[j] == home[i]:
                for memory in range(memories):
                    found[i, memory] += shares[j, memory]
            gap_x = place[i, 0] - xy[j, 0]
            gap_y = place[i, 1] - xy[j, 1]
            _add_round(found[i], gap_x * gap_x + gap_y * gap_y, shares[j])
            _add_drawn_out(found[i], abs(gap_x), abs(gap_y), shares[j, 0])
    column = memories
    for sd in _ROUND:
        found[:, column : column + memories] /= 2 * math.pi * sd**2
        column += memories
    for sd_x, sd_y in _DRAWN_OUT:
        found[:, column] /= 2 * math.pi * sd_x * sd_y
        column += 1
    return found


@njit(cache=True, error_model="numpy")
def _add_round(found: Floats, squared: float, shares: Floats) -> None:
    """Add what an incident gives to each round kernel, the widest first."""
    bell = math.exp(-0.5 * squared / _ROUND[-1] ** 2)
    for number in range(len(_ROUND), 0, -1):
        if bell < _NOTHING:
            return
        for memory in range(len(shares)):
            found[number * len(shares) + memory] += bell * shares[memory]
        bell *= bell
        bell *= bell  # half the deviation: the fourth power


@njit(cache=True, error_model="numpy")
def _add_drawn_out(found: Floats, gap_x: float, gap_y: float, share: float) -> None:
    """Add what an incident gives to each kernel that is drawn out."""
    for number in range(len(_DRAWN_OUT)):
        scaled_x = gap_x / _DRAWN_OUT[number, 0]
        scaled_y = gap_y / _DRAWN_OUT[number, 1]
        if scaled_x < _REACH_SDS and scaled_y < _REACH_SDS:
            bell = math.exp(-0.5 * (scaled_x * scaled_x + scaled_y * scaled_y))
            found[len(found) - len(_DRAWN_OUT) + number] += bell * share
