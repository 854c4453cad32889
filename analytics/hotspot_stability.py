"""How sure the rank of a hotspot is.

The incidents are drawn anew from themselves, with replacement, and the hotspots ranked again by the
density at their peaks: Hall, P. and Miller, H. (2009), "Using the bootstrap to quantify the
authority of an empirical ranking", Annals of Statistics 37 (6B), 3929-3959. A hotspot competes with
every stretch on which an incident lies, not only with those that are listed. What the incidents do
not show at all, no drawing shows: from a handful of them the intervals are too narrow
(`analytics.hotspot_claims` says when not to speak of ranks).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics._arguments import checked_count, checked_seed
from analytics._chance import batches
from analytics._street_mesh import Floats, Ints
from analytics.hotspots import Hotspots
from geo.errors import ParameterError

# Densities that differ by less than rounding are equal.
ROUNDING = 1e-9


@dataclass(frozen=True)
class RankStability:
    """How the ranks of hotspots vary from one drawing of the incidents to the next.

    Attributes
    ----------
    table
        A row a hotspot, as in the table of the hotspots: `rank`; `rank_low` and `rank_high`, the
        interval of its ranks; `top_share`, in what part of the drawings it is among the first
        `top`, 0 to 1; `density_low` and `density_high`, the interval of the density at its peak.
    level
        Part of the drawings that each interval holds.
    top
        How many ranks count as the first.
    resamples
        Number of drawings.
    """

    table: pd.DataFrame
    level: float
    top: int
    resamples: int


def rank_stability(
    hotspots: Hotspots,
    *,
    seed: int,
    resamples: int = 999,
    level: float = 0.95,
    top: int = 3,
    blocks: "pd.Series[str] | None" = None,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> RankStability:
    """Tell between which ranks a hotspot may lie.

    Parameters
    ----------
    hotspots
        What `find_hotspots` found; there may be none.
    seed
        Seed of the drawings; the same gives the same intervals.
    resamples
        How often to draw, >= 1.
    level
        Part of the drawings that an interval is to hold, > 0 and < 1.
    top
        How many ranks count as the first, >= 1.
    blocks
        A label for each incident, as its week; incidents of one label are drawn together, so that
        a series of them counts as one chance and not as many. None draws each for itself.
    keep_going
        Asked before each batch of drawings; at a no the intervals rest on those made so far.
    progress
        Told after each batch how many drawings of how many are done.

    Returns
    -------
    stability
        Interval of the rank of each hotspot; missing where no drawing was made.

    Raises
    ------
    ParameterError
        If an argument is out of its range, or an incident has no block.
    """
    if not 0 < level < 1:
        raise ParameterError(f"Expected `level` > 0 and < 1, got {level}.")
    resamples, top = checked_count("resamples", resamples), checked_count("top", top)
    block = _blocks(hotspots.places.index, blocks)
    listed = len(hotspots.table)
    peaks = np.array([stretch[0] for stretch in hotspots.stretches], dtype=np.int64)
    rng = np.random.default_rng(checked_seed(seed))
    ranks, densities = np.empty((0, listed), dtype=np.int64), np.empty((0, listed))
    for layers in batches(resamples, numbers=hotspots.kernel.mesh.nodes + len(block)):
        if not (listed and keep_going()):
            break
        at_peaks = _drawn_density(hotspots, block, rng, layers)[:, peaks]
        ranks = np.vstack([ranks, _ranks(at_peaks)[:, :listed]])
        densities = np.vstack([densities, at_peaks[:, :listed]])
        progress(len(ranks), resamples)
    table = _intervals(hotspots, ranks, densities, level=level, top=top)
    return RankStability(table, level, top, len(ranks))


def _blocks(labels: pd.Index, blocks: "pd.Series[str] | None") -> Ints:
    """Return the number of each incident's block."""
    if blocks is None:
        return np.arange(len(labels), dtype=np.int64)
    if not (blocks.index.is_unique or blocks.index.equals(labels)):
        raise ParameterError(
            "Expected `blocks` with one label for each incident, got several for"
            f" {blocks.index[blocks.index.duplicated()].tolist()[0]!r}."
        )
    # Where the labels of incidents repeat, blocks go by the order.
    of_incident = blocks if blocks.index.equals(labels) else blocks.reindex(labels)
    if of_incident.isna().any():
        raise ParameterError(
            "Expected `blocks` with a label for every reported incident, got none for"
            f" {int(of_incident.isna().sum())}, as {labels[of_incident.isna()][0]!r}."
        )
    return pd.factorize(of_incident)[0].astype(np.int64)


def _drawn_density(
    hotspots: Hotspots, block: Ints, rng: np.random.Generator, layers: int
) -> Floats:
    """Return the density of drawn incidents, shape (layers, lixels)."""
    count = int(block.max()) + 1
    times = rng.multinomial(count, np.full(count, 1 / count), size=layers)
    weights = times.T[block].astype(np.float64)
    return np.asarray(hotspots.kernel.on_lixels(hotspots.places, weights=weights)[0].T)


def _ranks(density: Floats) -> Ints:
    """Rank each row from 1, the greatest first; equals share the better rank."""
    ascending = np.sort(density, axis=1)
    denser = [
        density.shape[1] - np.searchsorted(row, own * (1 + ROUNDING), side="right")
        for row, own in zip(ascending, density, strict=True)
    ]
    return 1 + np.array(denser, dtype=np.int64)


def _intervals(
    hotspots: Hotspots, ranks: Ints, densities: Floats, *, level: float, top: int
) -> pd.DataFrame:
    rank = hotspots.table["rank"]
    names = ["rank_low", "rank_high", "top_share", "density_low", "density_high"]
    found = np.full((len(names), len(rank)), np.nan)
    if len(ranks):
        ends = [(1 - level) / 2, (1 + level) / 2]
        found[:2] = np.quantile(ranks, ends, axis=0, method="inverted_cdf")
        found[2] = (ranks <= top).mean(axis=0)
        found[3:] = np.quantile(densities, ends, axis=0)
    table = pd.DataFrame(found.T, index=rank.index, columns=names)
    table.insert(0, "rank", rank)
    return table
