"""Whether a rule that sends patrols feeds on its own patrols.

A simulation after Ensign, D., Friedler, S. A., Neville, S., Scheidegger, C. and Venkatasubramanian,
S. (2018), "Runaway feedback loops in predictive policing", Proceedings of Machine Learning Research
81, 160-171. Every day one patrol goes to one region, drawn by the shares of the rule under
test; incidents happen everywhere by their true rates; people report some of them wherever the
patrol is, and it discovers some where it is. Reports and discoveries are two streams of records: an
incident that is both is on record twice. The rule then learns what is on record.

A rule that counts what patrols discover is an urn that is given balls of the colour it draws: it
drifts to wherever it began or to one region alone. `recorded_shares` is that rule, kept to be
caught.
"""

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.patrol_shares import (
    Floats,
    Ints,
    PatrolHistory,
    exposure_corrected_shares,
    reported_shares,
)
from geo.errors import ParameterError

_LARGEST_SEED = 2**32 - 1
_LEAST_REGIONS = 2
# NumPy draws Poisson counts up to some 9e18; no region has so many incidents a day.
_LARGEST_RATE = 1e6
# A century: rules that add up all days before take a time that grows with the square of the days.
_LONGEST_DAYS = 36_525


class Estimator(Protocol):
    """A rule that shares tomorrow's patrols among regions."""

    def __call__(self, history: PatrolHistory, /) -> ArrayLike:
        """Share the patrols.

        Parameters
        ----------
        history
            What is known by now; its arrays must not be changed.

        Returns
        -------
        risk
            One number >= 0 a region: patrols go there by its part of the sum, everywhere alike
            where all are 0.
        """
        ...


def recorded_shares(history: PatrolHistory) -> Floats:
    """Share the patrols by all incidents on record, discovered ones too: the naive rule.

    The urn of Ensign et al., kept to show what goes wrong; nothing else may use it.

    Parameters
    ----------
    history
        What is known.

    Returns
    -------
    shares
        Share of the patrols of each region, 0 to 1; all alike where nothing is on record.
    """
    counts = history.start_counts + history.reported.sum(axis=0) + history.discovered.sum(axis=0)
    return _as_shares(counts, history.regions)


ESTIMATORS: Final[Mapping[str, Estimator]] = MappingProxyType(
    {
        "shipped": reported_shares,
        "exposure_corrected": exposure_corrected_shares,
        "naive": recorded_shares,
    }
)
"""The rules that have a name."""


def simulate_feedback(
    estimator: Estimator | str,
    *,
    true_rates: Sequence[float],
    start_counts: Sequence[float],
    days: int,
    discovery_rate: float,
    report_rate: float,
    seed: int,
) -> pd.DataFrame:
    """Let a rule send patrols for some days and record where it sends them.

    What happens, what is reported and what a patrol would discover depend on the arguments alone
    and not on the rule: two rules with one seed meet the same days.

    Parameters
    ----------
    estimator
        The rule: a name among `ESTIMATORS` ("shipped", "exposure_corrected", "naive"), or a
        callable that takes a `PatrolHistory` and returns a number >= 0 a region.
    true_rates
        Incidents that happen in each region on a day, on average (their counts are Poisson); from
        0 to 1,000,000, not all 0; at least two regions. Shares such as (.6, .4) will do.
    start_counts
        Incidents of unknown origin on record before the first day, one number >= 0 a region.
    days
        How many days, from 1 to 36,525.
    discovery_rate
        Chance that a patrol discovers an incident of its region, reported or not, 0 to 1.
    report_rate
        Chance that an incident is reported, wherever the patrol is, 0 to 1.
    seed
        Seed of the random numbers, 0 to 2**32 - 1.

    Returns
    -------
    shares
        A row a day from 1 on, index "day"; a column a region in the order of `true_rates`, from 0
        on: the share of the patrols that the rule gave to the region that day, before anything
        of that day was known. Rows sum to 1.

    Raises
    ------
    ParameterError
        If an argument is out of its range; names all that are. Or if the rule does not return a
        finite number >= 0 a region.

    Examples
    --------
    >>> shares = simulate_feedback(
    ...     "shipped",
    ...     true_rates=(0.6, 0.4),
    ...     start_counts=(60, 20),
    ...     days=1000,
    ...     discovery_rate=1.0,
    ...     report_rate=0.5,
    ...     seed=1,
    ... )
    >>> shares.shape, bool(abs(shares.iloc[-1, 0] - 0.6) < 0.05)
    ((1000, 2), True)
    """
    faults = _faults_of_regions(true_rates, start_counts)
    faults += _faults_of_numbers(days, discovery_rate, report_rate, seed)
    faults += _faults_of_estimator(estimator)
    if faults:
        raise ParameterError("\n".join(faults))
    rule = ESTIMATORS[estimator] if isinstance(estimator, str) else estimator
    rates = np.asarray(true_rates, dtype=np.float64)
    rng = np.random.default_rng(seed)
    happened = rng.poisson(rates, (int(days), rates.size))
    reported = rng.binomial(happened, report_rate)
    discoverable = rng.binomial(happened, discovery_rate)
    start = np.array(start_counts, dtype=np.float64)
    shares = _patrol(rule, start, reported, discoverable, rng.random(int(days)))
    index = pd.RangeIndex(1, int(days) + 1, name="day")
    return pd.DataFrame(shares, index=index, columns=pd.RangeIndex(rates.size, name="region"))


def _patrol(
    rule: Callable[[PatrolHistory], ArrayLike],
    start: Floats,
    reported: Ints,
    discoverable: Ints,
    draws: Floats,
) -> Floats:
    """Return the shares of each day, every one made from the days before it alone."""
    days, regions = reported.shape
    # Each region's days lie side by side, which is what rules add up.
    reported = np.asfortranarray(reported)
    discovered = np.zeros_like(reported)
    patrolled = np.zeros((days, regions), dtype=np.bool_, order="F")
    shares = np.zeros((days, regions), order="F")
    by_day = [_read_only(array) for array in (reported, discovered, patrolled, shares)]
    for day in range(days):
        history = PatrolHistory(_read_only(start), *(array[:day] for array in by_day))
        shares[day] = _as_shares(rule(history), regions)
        region = int((shares[day].cumsum()[:-1] <= draws[day]).sum())
        patrolled[day, region] = True
        discovered[day, region] = discoverable[day, region]
    return shares


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.setflags(write=False)
    return view


def _as_shares(risk: ArrayLike, regions: int) -> Floats:
    numbers = _numbers(risk)
    if numbers.shape != (regions,) or not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise ParameterError(
            f"Expected {regions} finite numbers >= 0 from the `estimator`, got {risk!r}."
        )
    largest = numbers.max()
    if largest == 0:
        return np.full(regions, 1 / regions)
    numbers = numbers / largest  # so that no sum overflows
    return np.asarray(numbers / numbers.sum())


def _faults_of_regions(true_rates: Sequence[float], start_counts: Sequence[float]) -> list[str]:
    rates, start = _numbers(true_rates), _numbers(start_counts)
    faults = []
    enough = rates.ndim == 1 and rates.size >= _LEAST_REGIONS
    if not (enough and ((rates >= 0) & (rates <= _LARGEST_RATE)).all()):
        faults.append(
            f"Expected `true_rates` from 0 to {_LARGEST_RATE:g} of at least {_LEAST_REGIONS} "
            f"regions, got {true_rates}."
        )
    elif not rates.any():
        faults.append(f"Expected one of `true_rates` > 0, got {true_rates}.")
    if start.shape != rates.shape or not (np.isfinite(start) & (start >= 0)).all():
        faults.append(
            f"Expected finite `start_counts` >= 0, one for each of `true_rates`, "
            f"got {start_counts}."
        )
    return faults


def _faults_of_estimator(estimator: object) -> list[str]:
    if callable(estimator) or (isinstance(estimator, str) and estimator in ESTIMATORS):
        return []
    return [f"Expected an `estimator` among {', '.join(ESTIMATORS)}, got {estimator!r}."]


def _numbers(given: ArrayLike) -> Floats:
    """Return numbers as an array, of no number where there are others or none."""
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return np.full(1, np.nan)


def _faults_of_numbers(
    days: object, discovery_rate: object, report_rate: object, seed: object
) -> list[str]:
    faults = []
    if not (isinstance(days, Integral) and 1 <= int(days) <= _LONGEST_DAYS):
        faults.append(f"Expected whole `days` from 1 to {_LONGEST_DAYS}, got {days!r}.")
    for name, chance in (("discovery_rate", discovery_rate), ("report_rate", report_rate)):
        if not (isinstance(chance, Real) and 0 <= float(chance) <= 1):
            faults.append(f"Expected `{name}` from 0 to 1, got {chance!r}.")
    if not (isinstance(seed, Integral) and 0 <= int(seed) <= _LARGEST_SEED):
        faults.append(f"Expected `seed` from 0 to 2**32 - 1, got {seed!r}.")
    return faults
