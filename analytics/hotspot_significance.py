"""Whether chance alone would bring a hotspot about.

As many incidents as there are get placed along the streets by chance, again and again, and each
time the density that stands out most anywhere on the network is kept. A hotspot is compared with
these greatest ones, so that looking everywhere is paid for: the chance that any street whatever is
called a hotspot where there is none stays below the level (the maximum statistic of Nichols, T. E.
and Holmes, A. P. (2002), "Nonparametric permutation tests for functional neuroimaging", Human Brain
Mapping 15 (1), 1-25). The p-value is exact for any number of simulations: the data count as one of
them (Dwass, M. (1957), "Modified randomization tests for nonparametric hypotheses", Annals of
Mathematical Statistics 28 (1), 181-187).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics._arguments import checked_count, checked_seed
from analytics._chance import batches, placement_odds
from analytics._street_mesh import Floats, StreetMesh
from analytics.heat_kernel import HeatKernel
from analytics.hotspots import Hotspots

# Densities that differ by less than rounding are equal.
ROUNDING = 1e-9


@dataclass(frozen=True)
class HotspotSignificance:
    """What chance would bring about where hotspots were found.

    Attributes
    ----------
    table
        A row a hotspot, as in the table of the hotspots: `rank`; `expected`, the mean density by
        chance at its peak; `ratio` of its density to that; `excess`, how far its density stands
        out from the expected one, over the square root of that; `p_value`, in what part of the
        simulations, the data among them, chance stands out as far or further anywhere on the
        network.
    p_value
        The same for the place that stands out most, hotspot or not: whether there is anything to
        be found at all.
    simulations
        Number of simulations.
    """

    table: pd.DataFrame
    p_value: float
    simulations: int


def hotspot_significance(
    hotspots: Hotspots,
    *,
    seed: int,
    simulations: int = 999,
    exposure: "pd.Series[float] | None" = None,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> HotspotSignificance:
    """Compare hotspots with the densest places of incidents placed by chance.

    Parameters
    ----------
    hotspots
        What `find_hotspots` found; there may be none.
    seed
        Seed of the simulations; the same gives the same p-values.
    simulations
        How often to place the incidents, >= 1.
    exposure
        How many incidents to expect on each street (label) per unit length, up to a factor, >= 0
        and > 0 where an incident lies: how busy it is. None places them evenly along all streets.
    keep_going
        Asked before each batch of simulations; at a no the test rests on those made so far.
    progress
        Told after each batch how many simulations of how many are done.

    Returns
    -------
    significance
        The p-value of each hotspot, adjusted for the whole network.

    Raises
    ------
    ParameterError
        If an argument is out of its range.
    """
    simulations = checked_count("simulations", simulations)
    kernel, count = hotspots.kernel, len(hotspots.places)
    odds = placement_odds(kernel.mesh, exposure, hotspots.places["street"])
    middles = _middles(kernel.mesh)
    expected = _density(kernel, middles, count * odds[:, None])[:, 0]
    observed = _excess(_density(kernel, middles, _observed(hotspots)), expected)[:, 0]
    rng = np.random.default_rng(checked_seed(seed))
    greatest = np.empty(0)
    for layers in batches(simulations, numbers=len(middles)):
        if not (count and keep_going()):
            break
        placed = rng.multinomial(count, odds, size=layers).T.astype(np.float64)
        excess = _excess(_density(kernel, middles, placed), expected)
        greatest = np.append(greatest, _greatest(excess))
        progress(len(greatest), simulations)
    listed = hotspots.stretches[: len(hotspots.table)]
    own = np.array([observed[stretch].max() for stretch in listed])
    peaks = np.array([stretch[0] for stretch in listed], dtype=np.int64)
    table = pd.DataFrame(
        {
            "rank": hotspots.table["rank"],
            "expected": expected[peaks],
            "ratio": hotspots.table["density"] / expected[peaks],
            "excess": own,
            "p_value": _p_values(own, greatest),
        }
    )
    at_all = float(_p_values(observed.max(keepdims=True), greatest)[0])
    return HotspotSignificance(table, at_all, len(greatest))


def _middles(mesh: StreetMesh) -> pd.DataFrame:
    """Return the middle of each segment as a place.

    A segment is a tenth of the bandwidth: placing incidents at middles narrows the kernel by a
    2,400th. The data are placed there too, so that they differ from chance by nothing else.
    """
    part = np.arange(len(mesh.street)) - mesh.first()[mesh.street]
    fraction = (part + 0.5) / mesh.segments[mesh.street]
    return pd.DataFrame(
        {"street": mesh.graph.lines.index.to_numpy()[mesh.street], "fraction": fraction}
    )


def _observed(hotspots: Hotspots) -> Floats:
    mesh, places = hotspots.kernel.mesh, hotspots.places
    street = mesh.graph.lines.index.get_indexer(pd.Index(places["street"])).astype(np.int64)
    segment, _ = mesh.locate(street, places["fraction"].to_numpy(dtype=np.float64))
    return np.bincount(segment, minlength=len(mesh.street)).astype(np.float64)[:, None]


def _density(kernel: HeatKernel, middles: pd.DataFrame, weights: Floats) -> Floats:
    return np.asarray(kernel.on_lixels(middles, weights=weights)[0])


def _excess(density: Floats, expected: Floats) -> Floats:
    """Return how far densities stand out, in the measure in which chance varies."""
    scale = np.sqrt(expected)[:, None]
    beyond = density - expected[:, None]
    return np.divide(beyond, scale, out=np.zeros_like(beyond), where=scale > 0)


def _greatest(excess: Floats) -> Floats:
    """Return what stands out most anywhere, of each layer."""
    return np.asarray(excess.max(axis=0))


def _p_values(observed: Floats, greatest: Floats) -> Floats:
    # Chance that comes out as the data do must count, though rounding may set it a little lower.
    reached = observed - ROUNDING * np.abs(observed)
    below = np.searchsorted(np.sort(greatest), reached, side="left")
    return (1 + len(greatest) - below) / (1 + len(greatest))
