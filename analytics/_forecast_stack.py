"""The stacked intensity: many simple densities of the past, weighted by how well each foretold.

Each component is a probability density over the plane, made from what had happened by an instant:
the share of earlier incidents in the same cell (an address that was hit is hit again: Johnson et
al. 2007), Gaussian kernels of several widths, kernels drawn out along the rows or the columns of
the grid (most towns have streets along them), and an even spread. Some remember everything, some a
year, some weeks (Mohler et al. 2011 for why both). The weights are the maximum of the likelihood
of the latest incidents (Dempster et al. 1977), each foretold by components of what was known when
its period began: stacking of densities (Smyth and Wolpert 1999), with the order of time kept.

References
----------
Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from incomplete data via
the EM algorithm. Journal of the Royal Statistical Society B 39(1), 1-38.
Johnson, S. D. et al. (2007). Space-time patterns of risk: a cross national assessment of
residential burglary victimization. Journal of Quantitative Criminology 23(3), 201-219.
Mohler, G. O. et al. (2011). Self-exciting point process modeling of crime. Journal of the American
Statistical Association 106(493), 100-108.
Smyth, P. and Wolpert, D. (1999). Linearly combining density estimators via stacking. Machine
Learning 36, 59-83.
"""

import math
from typing import Final

import numpy as np

from analytics._forecast_components import (
    COMPONENTS,
    DRAWN_OUT,
    LEAST_KNOWN,
    MEMORIES_DAYS,
    ROUND,
    extent,
    foretold,
    remembered,
)
from analytics._forecast_input import Cells, Floats, Past
from analytics._forecast_kernels import kernel_sum

# Beside the incidents so many more are taken to speak for all components alike.
PRIOR: Final = 20.0
ROUNDS: Final = 100
# Half-lives of the total count, and the least periods to choose among them by.
RATE_MEMORIES_DAYS: Final = (365.0, math.inf, 120.0, 40.0)
LEAST_PERIODS: Final = 8
RATE_PERIODS: Final = 104


def stacked(past: Past, cells: Cells, horizon_days: float) -> Floats:
    """Return the expected incidents in each cell by the stacked intensity.

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
    weights = fitted_weights(foretold(past, cells, max(horizon_days, 1.0)))
    density = _density(past, cells, weights)
    return expected_total(past, horizon_days) * density * cells.area


def expected_total(past: Past, horizon_days: float) -> float:
    """Return the expected number of incidents anywhere.

    Parameters
    ----------
    past
        What had happened by the origin.
    horizon_days
        Days that the forecast is for, > 0.

    Returns
    -------
    expected
        Mean count by the half-life that foretold the counts of past periods best (Poisson
        likelihood), by one of a year where there are too few of them.
    """
    if not len(past):
        return 0.0
    period = max(horizon_days, 1.0)
    starts = period * (1 + np.arange(RATE_PERIODS))
    known = np.array([np.count_nonzero(past.age_days > start) for start in starts])
    starts = starts[known >= LEAST_KNOWN]
    memory = RATE_MEMORIES_DAYS[0]
    if len(starts) >= LEAST_PERIODS:
        edges = np.append(0.0, starts)
        counts = np.histogram(-past.age_days, bins=-edges[::-1])[0][::-1]
        scores = []
        for days in RATE_MEMORIES_DAYS:
            log_mean = math.log(period) + np.array([_log_rate(past, at, days) for at in starts])
            scores.append(float((counts * log_mean - np.exp(log_mean)).sum()))
        memory = RATE_MEMORIES_DAYS[int(np.argmax(scores))]
    return horizon_days * math.exp(_log_rate(past, 0.0, memory))


def _log_rate(past: Past, start: float, memory_days: float) -> float:
    """Return the log of incidents a day as known `start` days before the origin.

    Some must be known. The log is finite also where all are so old that the rate itself is below
    the least number above 0.
    """
    ages = past.age_days[past.age_days > start] - start
    lasted = past.span_days - start
    if math.isinf(memory_days):
        return math.log(len(ages) / lasted)
    decay = math.log(2) / memory_days
    youngest = float(ages.min())
    held = float(np.exp(-decay * (ages - youngest)).sum())
    return math.log(held * decay / -math.expm1(-decay * lasted)) - decay * youngest


def fitted_weights(densities: Floats) -> Floats:
    """Return the weights that make what happened likeliest, by expectation and maximisation.

    Parameters
    ----------
    densities
        What each component (column) gave to each incident (row) beforehand; there may be none.

    Returns
    -------
    weights
        One for each component, > 0; they add up to one.
    """
    weights = np.full(COMPONENTS, 1 / COMPONENTS)
    for _ in range(ROUNDS):
        parts = densities * weights
        parts /= parts.sum(axis=1, keepdims=True)
        weights = (parts.sum(axis=0) + PRIOR / COMPONENTS) / (len(densities) + PRIOR)
    return weights


def _density(past: Past, cells: Cells, weights: Floats) -> Floats:
    """Return the weighted density of all that is known, as the mean over each cell."""
    shares = remembered(past.age_days)
    memories, rounds = len(MEMORIES_DAYS), len(ROUND)
    held = shares.sum(axis=0)
    trust = np.concatenate([np.tile(held, 1 + rounds), np.repeat(held[0], len(DRAWN_OUT)), [1.0]])
    weights = weights / (weights * trust).sum()
    by_memory = weights[: memories * (1 + rounds)].reshape(-1, memories)
    masses = [shares @ row for row in by_memory[1:]]
    masses += [shares[:, 0] * weight for weight in weights[by_memory.size : -1]]
    at_looks = np.full(len(cells.looks), weights[-1] / extent(past, cells))
    for widths, mass in zip([(sd, sd) for sd in ROUND] + list(DRAWN_OUT), masses, strict=True):
        sd = (widths[0] * cells.width, widths[1] * cells.width)
        at_looks += kernel_sum(cells.looks, past.xy, mass, sd=sd)
    return cells.mean(at_looks) + in_cells(past, cells, shares @ by_memory[0]) / cells.area


def in_cells(past: Past, cells: Cells, mass: Floats) -> Floats:
    """Return the mass in each cell; cells that share a place share what happened there.

    Parameters
    ----------
    past
        Incidents.
    cells
        Cells to sum over.
    mass
        How much each incident counts.

    Returns
    -------
    held
        One sum a cell.
    """
    row, cell = cells.holding(past.xy)
    holders = np.bincount(row, minlength=len(past))
    return np.bincount(cell, mass[row] / holders[row], minlength=len(cells)).astype(np.float64)
