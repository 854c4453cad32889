"""Incidents placed along streets by chance, and how many layers of them to hold at once."""

import numpy as np
import pandas as pd

from analytics._street_mesh import Floats, StreetMesh
from geo.errors import ParameterError

# Numbers held at once by what spreads or places layers of incidents: some 300 MB.
NUMBERS = 4_000_000
LAYERS = 64


def placement_odds(
    mesh: StreetMesh, exposure: "pd.Series[float] | None", occupied: "pd.Series[int]"
) -> Floats:
    """Tell how likely chance places an incident on each segment.

    Parameters
    ----------
    mesh
        Streets cut into segments.
    exposure
        How many incidents to expect on each street (label) per unit length, up to a factor, >= 0;
        none expects the same everywhere.
    occupied
        Labels of the streets on which the incidents lie.

    Returns
    -------
    odds
        Probability of each segment; all add up to 1.

    Raises
    ------
    ParameterError
        If `exposure` is not a number >= 0 for every street, is 0 on all of them, or on one on
        which an incident lies.
    """
    labels = mesh.graph.lines.index
    if exposure is None:
        return np.asarray(mesh.length_m / mesh.length_m.sum())
    if not exposure.index.is_unique:
        raise ParameterError(
            "Expected `exposure` with one number for each street, got several for"
            f" {exposure.index[exposure.index.duplicated()].tolist()[0]!r}."
        )
    numbers = pd.to_numeric(exposure, errors="coerce")
    of_street = numbers.reindex(labels).to_numpy(dtype=np.float64)
    if not (np.isfinite(of_street) & (of_street >= 0)).all() or not of_street.any():
        wrong = labels[~(np.isfinite(of_street) & (of_street >= 0))]
        found = f"none such for {len(wrong)}, as {wrong[0]!r}" if len(wrong) else "0 for all"
        raise ParameterError(
            f"Expected `exposure` >= 0 for every street and > 0 for some, got {found}."
        )
    never = labels[of_street == 0].intersection(pd.Index(occupied))
    if len(never):
        raise ParameterError(
            f"Expected `exposure` > 0 where incidents lie, got 0 for {len(never)} such streets, as"
            f" {never[0]!r}."
        )
    odds = of_street[mesh.street] / of_street.max() * mesh.length_m
    return np.asarray(odds / odds.sum())


def batches(count: int, *, numbers: int) -> list[int]:
    """Part so many layers into batches that fit the memory.

    Parameters
    ----------
    count
        Number of layers, >= 0.
    numbers
        How many numbers a layer takes, >= 1.

    Returns
    -------
    layers
        Number of layers of each batch.
    """
    size = min(max(NUMBERS // max(numbers, 1), 1), LAYERS)
    return [min(size, count - done) for done in range(0, count, size)]
