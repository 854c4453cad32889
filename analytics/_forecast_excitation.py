"""The self-exciting forecast: a standing background, and incidents that bring on others.

The intensity is mu(x) + sum over earlier incidents of theta omega exp(-omega t) N(x; sigma), its
background a kernel density with the bandwidth of each incident from its neighbours; who was
background and who was brought on is told apart by expectation and maximisation (Mohler, G. O. et
al. (2011). Self-exciting point process modeling of crime. Journal of the American Statistical
Association 106(493), 100-108), with their smoothed trigger replaced by the parametric one.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from analytics._forecast_input import Cells, Floats, Ints, Past
from analytics._forecast_kernels import kernel_sum

# Bandwidth of an incident in the background: the distance to so many neighbours.
NEIGHBOURS: Final = 15
# One incident may bring on another within so many widths of a cell and so many days.
REACH_WIDTHS: Final = 8.0
REACH_DAYS: Final = 90.0
ROUNDS: Final = 2
STEPS: Final = 30


@dataclass(frozen=True)
class _Trigger:
    """How incidents bring on others: how many each, how fast (a day), how near."""

    theta: float
    omega: float
    sigma: float


@dataclass(frozen=True)
class _Pairs:
    """Earlier and later incident of each pair, days and squared distance between them."""

    earlier: Ints
    later: Ints
    days: Floats
    squared: Floats


def self_exciting(past: Past, cells: Cells, horizon_days: float) -> Floats:
    """Return the expected incidents in each cell by a self-exciting point process.

    Parameters
    ----------
    past
        What had happened by the origin.
    cells
        Where risk is wanted.
    horizon_days
        Days that the forecast is for, > 0.

    Returns
    -------
    expected
        Incidents, one value a cell.
    """
    if not (len(past) and len(cells)):
        return np.zeros(len(cells))
    bandwidth = _bandwidths(past.xy, cells.width)
    trigger, standing = _declustered(past, cells.width, bandwidth)
    density = horizon_days / past.span_days * _background(cells.looks, past.xy, standing, bandwidth)
    brought_on = trigger.theta * (
        np.exp(-trigger.omega * past.age_days)
        - np.exp(-trigger.omega * (past.age_days + horizon_days))
    )
    density += kernel_sum(cells.looks, past.xy, brought_on, sd=(trigger.sigma, trigger.sigma))
    return cells.mean(density) * cells.area


def _bandwidths(xy: Floats, width: float) -> Floats:
    """Return a bandwidth for each incident, on a ladder of few steps, at least half a cell."""
    away = np.asarray(cKDTree(xy).query(xy, k=[min(NEIGHBOURS + 1, len(xy))])[0])[:, 0]
    steps = np.round(2 * np.log2(np.maximum(away / width, 0.5)))
    return np.asarray(width * 2.0 ** (steps / 2))


def _background(places: Floats, xy: Floats, mass: Floats, bandwidth: Floats) -> Floats:
    density = np.zeros(len(places))
    for sd in np.unique(bandwidth):
        density += kernel_sum(places, xy, np.where(bandwidth == sd, mass, 0.0), sd=(sd, sd))
    return density


def _declustered(past: Past, width: float, bandwidth: Floats) -> tuple[_Trigger, Floats]:
    """Return the trigger, and the chance of each incident to be of the background."""
    pairs = _near_pairs(past, width)
    trigger = _Trigger(theta=0.1, omega=0.1, sigma=width)
    standing = np.full(len(past), 0.9)
    for _ in range(ROUNDS):
        own = standing / (2 * math.pi * bandwidth**2)
        standing_rate = _background(past.xy, past.xy, standing, bandwidth) - own
        # Not below the rate of one incident spread over its own bandwidth in the whole time.
        standing_rate = np.maximum(standing_rate, 0.01 * own) / past.span_days
        for _ in range(STEPS):
            trigger, standing = _step(trigger, pairs, standing_rate, width)
    return trigger, standing


def _near_pairs(past: Past, width: float) -> _Pairs:
    pair = cKDTree(past.xy).query_pairs(REACH_WIDTHS * width, output_type="ndarray")
    earlier, later = pair.min(axis=1), pair.max(axis=1)  # incidents stand in the order of time
    days = past.age_days[earlier] - past.age_days[later]
    # On one day nobody knows which came first.
    keep = (days > 0) & (days <= REACH_DAYS)
    earlier, later, days = earlier[keep], later[keep], days[keep]
    squared = ((past.xy[earlier] - past.xy[later]) ** 2).sum(axis=1)
    return _Pairs(earlier.astype(np.int64), later.astype(np.int64), days, squared)


def _step(
    trigger: _Trigger, pairs: _Pairs, standing_rate: Floats, width: float
) -> tuple[_Trigger, Floats]:
    """Return the trigger after one more step, and the chances that it follows from."""
    variance = trigger.sigma**2
    rate = trigger.theta * trigger.omega * np.exp(-trigger.omega * pairs.days)
    rate *= np.exp(-pairs.squared / (2 * variance)) / (2 * math.pi * variance)
    total = standing_rate + np.bincount(pairs.later, rate, minlength=len(standing_rate))
    chance = rate / total[pairs.later]
    standing = standing_rate / total
    brought_on = float(chance.sum())
    if brought_on <= 0:
        return _Trigger(0.0, trigger.omega, trigger.sigma), standing
    sigma = math.sqrt(float((chance * pairs.squared).sum()) / (2 * brought_on))
    omega = brought_on / float((chance * pairs.days).sum())
    step = _Trigger(brought_on / len(standing_rate), omega, max(sigma, 0.25 * width))
    return step, standing
