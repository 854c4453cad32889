"""Pieces of street around which incidents cluster: Getis and Ord's local G* along the network.

G* is the part of all incidents that lies within a reach of a piece of street, itself included:
Getis, A. and Ord, J. K. (1992), "The analysis of spatial association by use of distance
statistics", Geographical Analysis 24 (3), 189-206; as esda computes it, on neighbours along the
streets after Yamada, I. and Thill, J.-C. (2010), "Local indicators of network-constrained clusters
in spatial patterns represented by a link attribute", Annals of the Association of American
Geographers 100 (2), 269-285. Its usual permutation takes a piece of 3 m for as likely a place as
one of 50 m; here chance places the incidents by length (or by a given exposure) instead. As many
tests are made as there are pieces, and of those called hot only a given part may be hot by chance:
Benjamini, Y. and Hochberg, Y. (1995), "Controlling the false discovery rate", Journal of the Royal
Statistical Society B 57 (1), 289-300.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from esda.getisord import G_Local
from libpysal.graph import Graph
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.stats import false_discovery_control

from analytics._arguments import check_positive, checked_count, checked_seed
from analytics._chance import NUMBERS, batches, placement_odds
from analytics._incident_input import SOURCE, checked_reports
from analytics._network_input import check_streets, examine_events
from analytics._street_mesh import Floats, Ints, StreetMesh, lixel_counts, mesh_lines
from analytics.network_places import place_events
from geo.errors import ParameterError
from geo.street_graph import StreetGraph

# Ways are sought between all pieces, so that the cost grows with the square of their number.
MAX_PIECES = 100_000


@dataclass(frozen=True)
class StreetClusters:
    """Where incidents cluster along streets.

    Attributes
    ----------
    lixels
        A piece of street a row: `street` (label), `length_m`; `incidents` on it; `g_star`, the part
        of all incidents within reach, 0 to 1; `expected`, that part by chance; `z_score` of G*, as
        esda standardises it, missing where it is not defined; `p_value`, in what part of the
        simulations, the data among them, as large a part lies there; `q_value`, the same after
        Benjamini and Hochberg; `hot`, whether that is at most the false discovery rate; LineString.
    simulations
        Number of simulations.
    """

    lixels: gpd.GeoDataFrame
    simulations: int


def street_clusters(
    streets: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    *,
    seed: int,
    lixel_m: float = 50.0,
    reach_m: float = 100.0,
    false_discovery_rate: float = 0.05,
    simulations: int = 9999,
    exposure: "pd.Series[float] | None" = None,
    as_of: pd.Timestamp | None = None,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> StreetClusters:
    """Find the pieces of street around which reported incidents cluster.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS that meet only at shared end points.
    incidents
        Points in the CRS of the streets, with `reporting` where it is known, and then only the
        reported ones count; there may be none. Each counts at the nearest place on the network.
    seed
        Seed of the simulations; the same gives the same p-values.
    lixel_m
        Longest piece of street, > 0; each street is cut into equal ones.
    reach_m
        How far along the streets the middles of neighbours may be apart, >= 0.
    false_discovery_rate
        Greatest part of the pieces called hot that may be so by chance, > 0 and < 1.
    simulations
        How often to place the incidents by chance, >= 1. A single hot piece can be told only with
        more than the number of pieces over the false discovery rate.
    exposure
        How many incidents to expect on each street (label) per unit length, up to a factor, >= 0
        and > 0 where an incident lies. None places them evenly along all streets.
    as_of
        Instant after which no incident can have begun, which then need `occurred_at`; none asks
        for no times.
    keep_going
        Asked after each batch of simulations; at a no the test rests on those before it.
    progress
        Told after each batch how many simulations of how many are done.

    Returns
    -------
    clusters
        The pieces of street, street by street from start to end, with their tests.

    Raises
    ------
    LayerError
        If a street or an incident cannot be placed, is police work or lies after `as_of`; names
        every such row.
    ParameterError
        If an argument is out of its range.
    """
    simulations = checked_count("simulations", simulations)
    rng = np.random.default_rng(checked_seed(seed))
    check_positive(lixel_m=lixel_m)
    _check_test(reach_m, false_discovery_rate)
    check_streets(streets)
    unplaced = examine_events(incidents, streets, source=SOURCE)
    timed = as_of is not None
    reported = checked_reports(incidents, unplaced=unplaced, timed=timed, as_of=as_of)
    places = place_events(streets, reported)
    graph = StreetGraph.from_streets(streets)
    mesh = _pieces(graph, lixel_m)
    counts = _counts(mesh, places)
    odds = placement_odds(mesh, exposure, places["street"])
    near = neighbours(mesh, reach_m)
    as_many, done = np.zeros(len(counts), dtype=np.int64), 0
    for found in _exceeded(near, counts, odds, rng, simulations):
        if not keep_going():
            break
        as_many += found.sum(axis=1)
        done += found.shape[1]
        progress(done, simulations)
    tests = _tests(near, counts, odds, (1 + as_many) / (1 + done), false_discovery_rate)
    pieces = {"street": graph.lines.index.to_numpy()[mesh.street], "length_m": mesh.length_m}
    lixels = gpd.GeoDataFrame(pieces | tests, geometry=mesh_lines(mesh), crs=streets.crs)
    return StreetClusters(lixels, done)


def _check_test(reach_m: float, false_discovery_rate: float) -> None:
    if not (math.isfinite(reach_m) and reach_m >= 0):
        raise ParameterError(f"Expected `reach_m` >= 0, got {reach_m}.")
    if not 0 < false_discovery_rate < 1:
        raise ParameterError(
            f"Expected `false_discovery_rate` > 0 and < 1, got {false_discovery_rate}."
        )


def _pieces(graph: StreetGraph, lixel_m: float) -> StreetMesh:
    """Cut streets into the pieces that are tested."""
    needed = float(np.ceil(graph.length_m / lixel_m).sum())
    if needed > MAX_PIECES:
        raise ParameterError(
            f"Expected `lixel_m` that cuts {graph.length_m.sum():.0f} m of street into at most"
            f" {MAX_PIECES} pieces, got {needed:.4g}."
        )
    return StreetMesh.of_graph(graph, lixel_counts(graph, lixel_m))


def _counts(mesh: StreetMesh, places: pd.DataFrame) -> Ints:
    """Return the number of incidents on each piece."""
    labels = mesh.graph.lines.index
    street = labels.get_indexer(pd.Index(places["street"])).astype(np.int64)
    piece, _ = mesh.locate(street, places["fraction"].to_numpy(dtype=np.float64))
    return np.bincount(piece, minlength=len(mesh.street)).astype(np.int64)


def _exceeded(
    near: sparse.csr_array, counts: Ints, odds: Floats, rng: np.random.Generator, simulations: int
) -> Iterator[NDArray[np.bool_]]:
    """Yield where chance puts as many within reach as there are, shape (pieces, simulations)."""
    within = near @ counts
    for layers in batches(simulations, numbers=len(counts)):
        placed = rng.multinomial(int(counts.sum()), odds, size=layers)
        yield near @ placed.T >= within[:, None]


def _tests(
    near: sparse.csr_array, counts: Ints, odds: Floats, p_value: Floats, false_discovery_rate: float
) -> dict[str, NDArray[np.generic]]:
    """Return what is told of each piece, by the columns of `StreetClusters.lixels`."""
    q_value = false_discovery_control(p_value)
    g_star, z_score = _local_g(near, counts)
    return {
        "incidents": counts,
        "g_star": g_star,
        "expected": near @ odds,
        "z_score": z_score,
        "p_value": p_value,
        "q_value": q_value,
        "hot": q_value <= false_discovery_rate,
    }


def neighbours(mesh: StreetMesh, reach_m: float) -> sparse.csr_array:
    """Tell which pieces of street have their middles within reach along the streets.

    Parameters
    ----------
    mesh
        Streets cut into pieces.
    reach_m
        How far the middles of neighbours may be apart, >= 0.

    Returns
    -------
    near
        1 where the piece of the row reaches that of the column, itself included, else 0.
    """
    halves = StreetMesh.of_graph(mesh.graph, mesh.segments * 2)
    middle = halves.head[::2]
    ends = pd.DataFrame({"tail": halves.tail, "head": halves.head, "m": halves.length_m})
    # A matrix would add up the halves of a street that begins and ends in one place.
    ends = ends.groupby(["tail", "head"], as_index=False).min()
    ways = sparse.csr_array(
        (ends["m"].to_numpy(), (ends["tail"].to_numpy(), ends["head"].to_numpy())),
        shape=(halves.nodes, halves.nodes),
    )
    found = []
    size = max(NUMBERS // halves.nodes, 1)
    for first in range(0, len(middle), size):
        chosen = middle[first : first + size]
        away = dijkstra(ways, directed=False, indices=chosen, limit=reach_m)[:, middle]
        found.append(sparse.csr_array((away <= reach_m).astype(np.int64)))
    return sparse.csr_array(sparse.vstack(found))


def _local_g(near: sparse.csr_array, counts: Ints) -> tuple[Floats, Floats]:
    """Return G* of each piece and its score, as esda computes them."""
    if not counts.any():
        return np.zeros(len(counts)), np.full(len(counts), np.nan)
    focal, neighbour = near.nonzero()
    graph = Graph.from_arrays(focal, neighbour, np.ones(len(focal)))
    # Where all pieces hold equally many, or all are neighbours, there is no score: 0 / 0.
    with np.errstate(invalid="ignore", divide="ignore"):
        found = G_Local(counts, graph, transform="B", permutations=0, star=True)
    score = np.asarray(found.Zs, dtype=np.float64)
    return np.asarray(found.Gs, dtype=np.float64), np.where(np.isfinite(score), score, np.nan)
