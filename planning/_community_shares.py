"""Least shares of communities, as the covering problem takes them.

A share is of metres of street, while a point may count more or less than the metres it stands for.
Where it does, each point of a community that lacks street has a twin, seen by the same candidates
and worth a sliver of its length, and the share is of the twins. What the slivers add to the
objective together is far below what is claimed of a gap, and it never makes a bound too low.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from planning.siting import Share

Floats = NDArray[np.float64]

# What all twins together are worth, as a share of all demand.
_SLIVER: Final = 1e-6
_SHARE: Final = re.compile(r"`shares\[(\d+)\]`")
# What the siting says of a share: the part of it that is asked, the budget, and the part reached.
_SHORT: Final = re.compile(
    r"at least (\S+) of .*?`shares\[(\d+)\]`.* the budget of (\S+); (.*)", re.DOTALL
)
_REACHED: Final = re.compile(r"(?<=reaches )(more than )?(\S*\d)")


class Asked(NamedTuple):
    """A covering problem with the least shares of communities.

    Attributes
    ----------
    cover
        Which candidate sees which point, the twins last.
    weight
        What each point is worth.
    folds
        How many sites must see each point.
    shares
        What has to be covered.
    twins
        Number of twins.
    """

    cover: csr_array
    weight: Floats
    folds: NDArray[np.int64]
    shares: list[Share]
    twins: int


def asked_of(
    cover: csr_array, points: pd.DataFrame, lacking: pd.DataFrame, members: csr_array
) -> Asked:
    """Return what a search is asked for, with a share for each community that lacks street.

    Parameters
    ----------
    cover
        Which candidate sees which point.
    points
        Points with weight, length_m and folds.
    lacking
        Communities that lack street, with lacks_m.
    members
        Which point of street lies in which of them.
    """
    weight = points["weight"].to_numpy(np.float64)
    length_m = points["length_m"].to_numpy(np.float64)
    folds = points["folds"].to_numpy(np.int64)
    within = [members[[row]].indices for row in range(len(lacking))]
    lacks_m = lacking["lacks_m"].to_numpy(np.float64)
    least = [
        min(lacks / length_m[inside].sum(), 1.0)
        for inside, lacks in zip(within, lacks_m.tolist(), strict=True)
    ]
    concerned = np.unique(np.concatenate(within)) if within else np.empty(0, dtype=np.int64)
    if np.array_equal(weight[concerned], length_m[concerned]):
        shares = [Share(inside, part) for inside, part in zip(within, least, strict=True)]
        return Asked(cover, weight, folds, shares, 0)
    sliver = _SLIVER * (weight.sum() or 1.0) / length_m[concerned].sum()
    place = len(weight) + np.searchsorted(concerned, np.arange(len(weight)))
    return Asked(
        csr_array(hstack([cover, cover[:, concerned]])),
        np.concatenate([weight, sliver * length_m[concerned]]),
        np.concatenate([folds, np.ones(len(concerned), dtype=np.int64)]),
        [Share(place[inside], part) for inside, part in zip(within, least, strict=True)],
        len(concerned),
    )


def shortage(error: str, lacking: pd.DataFrame) -> str:
    """Tell in metres of which community why no choice gives each its share."""
    found = _SHORT.search(error)
    if found is None:
        return error
    least, at, budget, why = found.groups()
    names = lacking["name_en"].where(lacking["name_en"].ne(""), lacking.index.astype(str))
    name, row = names.iloc[int(at)], lacking.iloc[int(at)]
    unseen_m = row["lacks_m"] / float(least)
    why = _REACHED.sub(lambda part: f"{part[1] or ''}{float(part[2]) * unseen_m:.4g} m of it", why)
    why = _SHARE.sub(lambda other: f"the unseen street in {names.iloc[int(other[1])]}", why)
    why = why.replace("meets every share", "gives every community its share")
    return (
        f"Expected at least {row['least_m']:.0f} m of the {row['street_m']:.0f} m of street in "
        f"{name} seen, {row['lacks_m']:.0f} m more than now.\n"
        f"Of its unseen street, within the budget of {budget}: {why}"
    ).replace(" meets the", " shows enough of the")
