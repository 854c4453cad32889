"""What beats are made of, checked: streets, their risk, and the load that the two add up to."""

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from geo.errors import Fault, InfeasiblePlanError, LayerError, ParameterError
from geo.shapes import geometry_of
from geo.street_graph import StreetGraph
from planning._arguments import faults_of_seed, is_above_zero, is_finite, is_whole

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_LIXEL_COLUMNS = ("street", "length_m", "density")
# So many loose pieces are named, each by its first street.
_PIECES_NAMED = 10


@dataclass(frozen=True)
class BeatWeights:
    """What the load of a beat is made of.

    Attributes
    ----------
    risk
        Part of the share of all risk, >= 0.
    length
        Part of the share of all walking length, >= 0; not both are 0.
    """

    risk: float = 0.5
    length: float = 0.5


class Town(NamedTuple):
    """Streets to be shared out.

    Attributes
    ----------
    graph
        Graph of the streets.
    risk
        Each street's share of all risk, shape (streets,), 0 everywhere where risk has no weight
        and there is none.
    length
        Each street's share of all length.
    load
        Each street's share of all load: the two, weighted.
    piece
        Connected piece of the network that each street lies in, 0 for the longest.
    meets
        Which streets share a junction, shape (streets, streets), no street with itself.
    """

    graph: StreetGraph
    risk: Floats
    length: Floats
    load: Floats
    piece: Integers
    meets: csr_array


def check_arguments(
    weights: BeatWeights, *, beats: object, tolerance: object, time_limit_s: object, seed: object
) -> None:
    """Refuse numbers that are out of their range.

    Parameters
    ----------
    weights
        What the load of a beat is made of.
    beats
        What was given as the number of beats.
    tolerance
        What was given as the imbalance that counts as none.
    time_limit_s
        What was given as the time limit.
    seed
        What was given as the seed.

    Raises
    ------
    ParameterError
        Something is out of range; every fault is named.
    """
    faults = []
    if not is_whole(beats, least=1):
        faults.append(f"Expected `beats` a whole number >= 1, got {beats!r}.")
    parts = {"risk": weights.risk, "length": weights.length}
    wrong = {name: part for name, part in parts.items() if not (is_finite(part) and part >= 0)}
    faults += [f"Expected `weights.{name}` >= 0, got {part!r}." for name, part in wrong.items()]
    if not wrong and not any(parts.values()):
        faults.append("Expected `weights.risk` or `weights.length` > 0, got 0 for both.")
    if not (isinstance(tolerance, (int, float)) and is_finite(tolerance) and tolerance >= 0):
        faults.append(f"Expected `tolerance` >= 0, got {tolerance!r}.")
    if not is_above_zero(time_limit_s):
        faults.append(f"Expected `time_limit_s` > 0, got {time_limit_s!r}.")
    faults += faults_of_seed(seed)
    if faults:
        raise ParameterError("\n".join(faults))


def town_of(
    streets: gpd.GeoDataFrame, risk: "pd.Series[float] | pd.DataFrame", weights: BeatWeights
) -> Town:
    """Read the streets and what each of them weighs.

    Parameters
    ----------
    streets
        LineStrings that meet at shared end points.
    risk
        Risk of each street, or lixels with a density.
    weights
        What the load of a beat is made of.

    Returns
    -------
    town
        Streets to be shared out.

    Raises
    ------
    LayerError
        Streets or risk break their rules; every fault is named.
    """
    faults = _faults_of_streets(streets)
    if faults:
        raise LayerError(faults)
    amount, faults = _risk_of_streets(risk, streets.index)
    if not faults and weights.risk > 0 and not amount.sum() > 0:
        faults = [Fault("risk", "a risk > 0 on some street", "0 on every street")]
    if faults:
        raise LayerError(faults)
    graph = StreetGraph.from_streets(streets)
    length = graph.length_m / graph.length_m.sum()
    share = amount / amount.sum() if amount.sum() > 0 else amount
    load = (weights.risk * share + weights.length * length) / (weights.risk + weights.length)
    piece = np.asarray(graph.components(), dtype=np.intp)
    return Town(graph, share, length, load, piece, _meets(graph))


def refuse_impossible(town: Town, beats: int) -> None:
    """Refuse a number of beats that no partition has.

    Parameters
    ----------
    town
        Streets to be shared out.
    beats
        Number of beats.

    Raises
    ------
    InfeasiblePlanError
        There are fewer streets than beats, or more loose pieces, which are named.
    """
    labels = town.graph.lines.index
    if beats > len(labels):
        raise InfeasiblePlanError(
            f"Expected at most as many beats as streets, {len(labels)}, got {beats}."
        )
    first = np.unique(town.piece, return_index=True)[1]
    if beats < len(first):
        named = ", ".join(str(labels[street]) for street in first[:_PIECES_NAMED].tolist())
        more = f" and {len(first) - _PIECES_NAMED} more" if len(first) > _PIECES_NAMED else ""
        raise InfeasiblePlanError(
            f"Expected a beat for each piece of the network that no street joins to the others, "
            f"{len(first)} at least, got {beats}; the pieces hold the streets {named}{more}."
        )


def _faults_of_streets(streets: gpd.GeoDataFrame) -> list[Fault]:
    geometry, faults = geometry_of(streets, source="streets")
    if faults:
        return faults
    if not len(geometry):
        return [Fault("streets", "at least one street", "none")]
    if geometry.crs is not None and geometry.crs.is_geographic:
        faults.append(Fault("streets", "a projected CRS", "longitude and latitude"))
    lines = np.asarray(geometry.array)
    with np.errstate(invalid="ignore"):
        right = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
        right &= np.isfinite(shapely.bounds(lines)).all(axis=1) & (shapely.length(lines) > 0)
    faults += [
        Fault("streets", "a LineString of finite length > 0", str(lines[row])[:60], row + 1)
        for row in np.flatnonzero(~right).tolist()
    ]
    faults += [
        Fault("streets", "an index label of its own", repr(streets.index[row]), row + 1)
        for row in np.flatnonzero(streets.index.duplicated()).tolist()
    ]
    return faults


def _risk_of_streets(
    risk: "pd.Series[float] | pd.DataFrame", labels: "pd.Index[str]"
) -> tuple[Floats, list[Fault]]:
    """Return the risk of each street, and what is wrong with what was given."""
    if not isinstance(risk, pd.DataFrame):
        return _read_risk(risk, labels)
    faults = [
        Fault("risk", f"a column `{name}`", "none") for name in _LIXEL_COLUMNS if name not in risk
    ]
    if faults:
        return np.zeros(len(labels)), faults
    amount = pd.to_numeric(risk["density"], errors="coerce") * pd.to_numeric(
        risk["length_m"], errors="coerce"
    )
    # A street with one unknown lixel is unknown: a plain sum would pass over NaN.
    unknown = amount.isna().groupby(risk["street"].to_numpy()).any()
    total = amount.groupby(risk["street"].to_numpy()).sum()
    return _read_risk(total.mask(unknown), labels)


def _read_risk(risk: "pd.Series[float]", labels: "pd.Index[str]") -> tuple[Floats, list[Fault]]:
    faults = [
        Fault("risk", "a street of the network", repr(label))
        for label in risk.index[~risk.index.isin(labels)].unique()
    ]
    faults += [
        Fault("risk", "each street once", f"{label!r} again")
        for label in risk.index[risk.index.duplicated()].unique()
    ]
    if faults:
        return np.zeros(len(labels)), faults
    values = pd.to_numeric(risk.reindex(labels), errors="coerce").to_numpy(np.float64)
    right = np.isfinite(values) & (values >= 0)
    faults = [
        Fault("risk", "a number >= 0", f"{values[row]} of street {labels[row]!r}")
        for row in np.flatnonzero(~right).tolist()
    ]
    return values, faults


def _meets(graph: StreetGraph) -> csr_array:
    streets, nodes = len(graph.tail), len(graph.xy)
    row = np.tile(np.arange(streets), 2)
    column = np.concatenate([graph.tail, graph.head])
    touches = coo_array((np.ones(2 * streets), (row, column)), shape=(streets, nodes)).tocsr()
    meets = (touches @ touches.T).tocoo()
    apart = meets.row != meets.col
    shape = (streets, streets)
    ones = np.ones(int(apart.sum()))
    return coo_array((ones, (meets.row[apart], meets.col[apart])), shape=shape).tocsr()
