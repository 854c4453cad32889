"""Did it help: incidents before and after in a treated area, against a control area.

The weighted displacement difference of Wheeler, A. P. and Ratcliffe, J. H. (2018), "A simple
weighted displacement difference test to evaluate place based crime interventions", Crime Science 7,
11: the change of the treated area less that of the control, and the same of the buffers around
both, into which incidents may have been displaced. Counts are taken as Poisson; where the
periods differ in length, those before are scaled to the length of the period after.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from analytics._arguments import faults_of_confidence
from geo.errors import ParameterError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AREAS: Final = ("treated", "control", "treated_buffer", "control_buffer")
"""Names of the areas of a comparison."""

_LARGEST: Final = 1e15  # up to there a float tells whole numbers apart
_SIGNS: Final = np.array([1.0, -1.0, 1.0, -1.0])  # of the change of each area in the sum


class Difference(NamedTuple):
    """A difference of changes, in incidents of the period after.

    Attributes
    ----------
    estimate
        Incidents more (> 0) or fewer (< 0) than had all gone as in the control.
    standard_error
        Its standard error.
    z
        Estimate by standard error.
    p_value
        Chance of a z at least so far from 0 where nothing has changed but as in the control.
    low
        Lower end of the interval.
    high
        Its upper end.
    """

    estimate: float
    standard_error: float
    z: float
    p_value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Impact:
    """What an intervention did, as far as counts tell.

    Attributes
    ----------
    counts
        Incidents of each area of `AREAS` (the index), `before` and `after`.
    local
        The treated area against the control.
    displacement
        The buffer of the treated area against that of the control.
    total
        Both together: the weighted displacement difference.
    confidence
        Of all intervals, 0 to 1.
    """

    counts: pd.DataFrame
    local: Difference
    displacement: Difference
    total: Difference
    confidence: float


def displacement_difference(
    treated: tuple[float, float],
    control: tuple[float, float],
    *,
    treated_buffer: tuple[float, float] = (0, 0),
    control_buffer: tuple[float, float] = (0, 0),
    period_days: tuple[float, float] = (1, 1),
    confidence: float = 0.95,
) -> Impact:
    """Estimate the weighted displacement difference from counts before and after.

    The test holds as far as the control would have changed as the treated area did, by as many
    incidents: choose one of like numbers. Sums are taken as normal, which needs some five
    incidents in each area and period.

    Parameters
    ----------
    treated
        Incidents of the treated area before and after, whole, >= 0.
    control
        Incidents of the control area.
    treated_buffer
        Incidents around the treated area; zeros where displacement is not looked at.
    control_buffer
        Incidents around the control area.
    period_days
        Lengths of the period before and of the period after, in days or any one unit, > 0.
    confidence
        Of the intervals, > 0 and < 1.

    Returns
    -------
    impact
        Differences in incidents of the period after, with intervals. Where neither buffer has an
        incident its difference is 0 for certain and its z is not a number.

    Raises
    ------
    ParameterError
        If an argument is out of its range, or treated area and control have no incident at all;
        names all faults.

    Examples
    --------
    >>> impact = displacement_difference(
    ...     (207, 110), (308, 318), treated_buffer=(178, 157), control_buffer=(150, 140)
    ... )
    >>> impact.total.estimate, round(impact.total.z, 2)
    (-118.0, -2.98)
    """
    given = dict(zip(AREAS, (treated, control, treated_buffer, control_buffer), strict=True))
    faults = _faults(given, period_days, confidence)
    if faults:
        raise ParameterError("\n".join(faults))
    numbers = np.array(list(given.values()), dtype=np.int64)
    scale = period_days[1] / period_days[0]
    local, displacement, total = (
        _difference(numbers[side], _SIGNS[side], scale, confidence)
        for side in (slice(0, 2), slice(2, 4), slice(0, 4))
    )
    counts = pd.DataFrame(numbers, pd.Index(AREAS, name="area"), ["before", "after"])
    return Impact(counts, local, displacement, total, confidence)


def _difference(numbers: Ints, sign: Floats, scale: float, confidence: float) -> Difference:
    """Compare the changes of some areas; counts before, the first column, are scaled."""
    before, after = numbers.T
    estimate = float((sign * (after - scale * before)).sum())
    error = math.sqrt((after + scale**2 * before).sum())
    z = estimate / error if error > 0 else math.nan
    half = float(ndtri((1 + confidence) / 2)) * error
    p_value = float(2 * ndtr(-abs(z)))
    return Difference(estimate, error, z, p_value, estimate - half, estimate + half)


def _faults(
    given: Mapping[str, tuple[float, float]], period_days: tuple[float, float], confidence: object
) -> list[str]:
    faults = [
        f"Expected `{area}` as two whole counts >= 0 and <= {_LARGEST:.0e}, before and after, "
        f"got {counts!r}."
        for area, counts in given.items()
        if not (
            _is_pair(counts) and all(0 <= count <= _LARGEST and not count % 1 for count in counts)
        )
    ]
    if not faults and not any((*given["treated"], *given["control"])):
        faults.append("Expected at least one incident in `treated` and `control`, got none.")
    if not (_is_pair(period_days) and min(period_days) > 0):
        faults.append(f"Expected two `period_days` > 0, got {period_days!r}.")
    return faults + faults_of_confidence(confidence)


def _is_pair(numbers: object) -> bool:
    return (
        isinstance(numbers, tuple | list)
        and len(numbers) == len(("before", "after"))
        and all(isinstance(number, Real) and math.isfinite(number) for number in numbers)
    )
