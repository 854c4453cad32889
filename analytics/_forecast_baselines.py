"""The simple forecasts that the default has to beat: counts, kernels and prospective maps."""

from typing import Final

import numpy as np
from pyproj import CRS
from scipy.spatial import cKDTree

from analytics._forecast_input import Cells, Floats, Past
from analytics._forecast_kernels import kernel_sum
from analytics._forecast_stack import in_cells

# An incident raises the risk within so far and so long (Bowers et al. 2004: 400 m, two months).
PROSPECTIVE_REACH_M: Final = 400.0
PROSPECTIVE_WEEKS: Final = 8


def recent_count(past: Past, cells: Cells, horizon_days: float, *, weeks: float) -> Floats:
    """Expect in each cell what happened there in the last weeks.

    Parameters
    ----------
    past
        What had happened by the origin.
    cells
        Where risk is wanted.
    horizon_days
        Days that the forecast is for, > 0.
    weeks
        How many weeks count, or infinity for all.

    Returns
    -------
    expected
        Incidents, one value a cell.
    """
    recent = past.within(7 * weeks)
    if not len(recent):
        return np.zeros(len(cells))
    days = min(7 * weeks, past.span_days)
    return in_cells(recent, cells, np.ones(len(recent))) * horizon_days / days


def kernel_density(past: Past, cells: Cells, horizon_days: float, *, widths: float) -> Floats:
    """Expect in each cell the Gaussian kernel density of all that happened.

    Parameters
    ----------
    past
        What had happened by the origin.
    cells
        Where risk is wanted.
    horizon_days
        Days that the forecast is for, > 0.
    widths
        Standard deviation of the kernel in widths of a cell, > 0.

    Returns
    -------
    expected
        Incidents, one value a cell.
    """
    if not (len(past) and len(cells)):
        return np.zeros(len(cells))
    sd = widths * cells.width
    density = kernel_sum(cells.looks, past.xy, np.ones(len(past)), sd=(sd, sd))
    return cells.mean(density) * cells.area * horizon_days / past.span_days


def prospective(past: Past, cells: Cells, horizon_days: float) -> Floats:
    """Expect incidents near recent ones, the less the farther and the longer ago (Bowers 2004).

    Each incident weighs 1 / (1 + cells between) / (1 + whole weeks since).

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
        Incidents, one value a cell; they add up to as many as there were in as long a part of
        the last eight weeks.
    """
    recent = past.within(7 * PROSPECTIVE_WEEKS)
    if not (len(recent) and len(cells)):
        return np.zeros(len(cells))
    reach = max(PROSPECTIVE_REACH_M / _metres_per_unit(cells.geometry.crs), cells.width)
    near = cKDTree(recent.xy).sparse_distance_matrix(
        cKDTree(cells.centre), reach, output_type="ndarray"
    )
    between = np.floor(near["v"] / cells.width)
    weeks = np.floor(recent.age_days[near["i"]] / 7)
    weight = 1 / ((1 + between) * (1 + weeks))
    risk = np.bincount(near["j"], weight, minlength=len(cells)) * cells.area
    if not len(near):
        return np.asarray(risk)
    days = min(7.0 * PROSPECTIVE_WEEKS, past.span_days)
    return np.asarray(risk / risk.sum() * (len(recent) * horizon_days / days))


def _metres_per_unit(crs: CRS | None) -> float:
    return 1.0 if crs is None else float(crs.axis_info[0].unit_conversion_factor)
