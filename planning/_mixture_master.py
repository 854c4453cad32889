"""The shares of the plans in a mixture: a linear program whose columns are whole nights.

Its dual values are what the caps cost: the price of being at a stop within an hour, the price of
passing a street by, and what a plan must be worth after both to enter the mixture (Dantzig and
Wolfe 1960, "Decomposition principle for linear programs", Operations Research 8, 101-111).
"""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# What a unit of probability beyond a cap costs, in values of the best plan: caps come first.
_EXCESS = 100.0
# Shares below the first are the solver's rounding, and so are excesses below the second.
_NO_SHARE, _ROUNDING = 1e-9, 1e-7


class Column(NamedTuple):
    """What the mixture has to know of a plan.

    Attributes
    ----------
    value
        Its value.
    present
        Whether some unit is at a stop within an hour, a flag for each pair that is capped.
    missed
        Whether no unit passes a street, a flag for each street that is capped.
    """

    value: float
    present: Flags
    missed: Flags


class Caps(NamedTuple):
    """The most that the mixture may let be foreseen.

    Attributes
    ----------
    present
        Largest probability that some unit is at a stop within an hour.
    missed
        Largest probability that no unit passes a street.
    """

    present: float
    missed: float


class Shares(NamedTuple):
    """How often each plan is drawn, and what the caps cost.

    Attributes
    ----------
    probability
        Of each column; they sum to 1.
    value
        Expected value.
    excess
        By how much caps are exceeded, the sum of the largest excess of either kind: 0 where they
        are kept.
    price_present
        Value that would be gained if the probability of being at a stop within an hour could be
        higher by 1, for each pair that is capped, >= 0.
    price_missed
        The same of passing by a street, >= 0.
    worth
        Value, after both prices, above which a further plan makes the mixture better.
    """

    probability: Floats
    value: float
    excess: float
    price_present: Floats
    price_missed: Floats
    worth: float

    def gain(self, column: Column) -> float:
        """Return by how much a column is worth more than it must be to enter the mixture.

        Parameters
        ----------
        column
            A plan.

        Returns
        -------
        gain
            Its reduced value; the mixture can only become better by columns where it is > 0.
        """
        paid = self.price_present @ column.present + self.price_missed @ column.missed
        return column.value - float(paid) - self.worth


def share_out(columns: Sequence[Column], caps: Caps) -> Shares:
    """Choose the shares of the columns for the highest expected value within the caps.

    Where no shares keep the caps, these exceed them by as little as they can, and their prices
    tell what would help most.

    Parameters
    ----------
    columns
        Plans to mix, at least one.
    caps
        What may be foreseen.

    Returns
    -------
    shares
        Probabilities and prices.
    """
    value = np.array([column.value for column in columns])
    present = np.array([column.present for column in columns], dtype=np.float64).T
    missed = np.array([column.missed for column in columns], dtype=np.float64).T
    unit = max(float(value.max()), 1e-300)
    count = len(columns)
    rows = np.zeros((len(present) + len(missed), count + 2))
    rows[: len(present), :count], rows[len(present) :, :count] = present, missed
    rows[: len(present), count], rows[len(present) :, count + 1] = -1.0, -1.0
    solved = linprog(
        np.concatenate([-value / unit, [_EXCESS, _EXCESS]]),
        A_ub=rows,
        b_ub=np.repeat([caps.present, caps.missed], [len(present), len(missed)]),
        A_eq=np.append(np.ones(count), [0.0, 0.0])[None],
        b_eq=[1.0],
        method="highs-ds",
    )
    # The program has a solution whatever the columns are, which SciPy's stubs cannot know.
    shares, marginals = cast("Floats", solved.x), cast("Floats", solved.ineqlin.marginals)
    probability = np.where(shares[:count] > _NO_SHARE, shares[:count], 0.0)
    probability /= probability.sum()
    prices = np.maximum(-unit * marginals, 0.0)
    price_present, price_missed = np.split(prices, [len(present)])
    return Shares(
        probability=probability,
        value=float(value @ probability),
        excess=_excess(present @ probability, caps.present)
        + _excess(missed @ probability, caps.missed),
        price_present=price_present,
        price_missed=price_missed,
        # The plans that are mixed are worth this, the others less.
        worth=float((value - price_present @ present - price_missed @ missed).max()),
    )


def _excess(probability: Floats, cap: float) -> float:
    """Return by how much the largest probability exceeds its cap, beyond rounding."""
    above = float(probability.max(initial=0.0)) - cap
    return above if above > _ROUNDING else 0.0
