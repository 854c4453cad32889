"""The bandwidth that foretells events along streets best, by cross-validated likelihood.

Each event is held against the density of the others: the bandwidth under which all of them are
likeliest is best, as in Loader, C. R. (1999), "Local Regression and Likelihood", chapter 5, on the
heat kernel. All bandwidths share one factorisation (`heat_kernel`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics._arguments import checked_seed
from analytics._network_input import located
from analytics._street_mesh import Floats
from analytics.heat_kernel import HeatKernel, check_bandwidths
from analytics.network_places import place_events
from geo.errors import ParameterError

FOLDS = 20


@dataclass(frozen=True)
class BandwidthChoice:
    """A bandwidth, and what it was chosen by.

    Attributes
    ----------
    bandwidth_m
        The bandwidth of greatest likelihood, the smallest of several.
    curve
        A row for each bandwidth: `bandwidth_m`, and `log_likelihood`, the mean over events of the
        logarithm of the density (per unit length, of mass 1) that the others foretell there.
    """

    bandwidth_m: float
    curve: pd.DataFrame

    @property
    def at_end(self) -> bool:
        """Whether the best bandwidth is the smallest or largest: then a better one may be beyond.

        Returns
        -------
        at_end
            Whether more bandwidths should be tried.
        """
        widths = self.curve["bandwidth_m"]
        return self.bandwidth_m in {widths.min(), widths.max()}


def choose_bandwidth(
    streets: gpd.GeoDataFrame,
    events: gpd.GeoDataFrame,
    *,
    bandwidths_m: Sequence[float],
    folds: int | None = FOLDS,
    seed: int = 0,
    elsewhere: float = 0.01,
) -> BandwidthChoice:
    """Choose the bandwidth of the heat kernel by cross-validated likelihood.

    Events on one spot foretell each other at any bandwidth, the smallest best: where a register
    rounds places to addresses or doubles rows, the smallest bandwidth may win for that alone.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS that meet only at shared end points.
    events
        Points in the CRS of the streets, at least 2; each counts at the nearest place on the
        network.
    bandwidths_m
        Bandwidths to choose among, > 0, the largest at most 64 times the smallest.
    folds
        Into how many parts events are dealt, each foretold by the other parts, >= 2; no more than
        there are events. With None each event is foretold by all others (leave-one-out), at a cost
        that grows with the number of places at which there are events.
    seed
        Seed by which events are dealt.
    elsewhere
        Part of events taken to happen anywhere with equal odds, from 0 to below 1, so that one
        that is far from all others does not decide alone; at 0 it makes the likelihood minus
        infinity.

    Returns
    -------
    choice
        The bandwidth, with the likelihood of each.

    Raises
    ------
    LayerError
        If a street or an event cannot be placed; names every such row.
    ParameterError
        If an argument is out of its range.
    """
    widths = sorted(set(check_bandwidths(bandwidths_m)))
    if not 0 <= elsewhere < 1:
        raise ParameterError(f"Expected `elsewhere` from 0 to below 1, got {elsewhere}.")
    places = place_events(streets, events)
    count = len(places)
    if count < 2:  # noqa: PLR2004 - one to foretell, one to foretell it by
        raise ParameterError(f"Expected at least 2 events to choose a bandwidth by, got {count}.")
    rng = np.random.default_rng(checked_seed(seed))
    if folds is not None and not (math.isfinite(folds) and folds == int(folds) and folds >= 2):  # noqa: PLR2004
        raise ParameterError(f"Expected whole `folds` >= 2, got {folds}.")
    kernel = HeatKernel.of_streets(streets, bandwidths_m=widths)
    if folds is None:
        foretold = _by_all_others(kernel, places)
    else:
        foretold = _by_other_folds(kernel, places, min(int(folds), count), rng)
    anywhere = elsewhere / kernel.mesh.graph.length_m.sum()
    with np.errstate(divide="ignore"):
        likelihood = np.log((1 - elsewhere) * foretold + anywhere).mean(axis=1)
    curve = pd.DataFrame({"bandwidth_m": widths, "log_likelihood": likelihood})
    return BandwidthChoice(widths[int(likelihood.argmax())], curve)


def _by_all_others(kernel: HeatKernel, places: pd.DataFrame) -> Floats:
    """Return the density at each event by all others, of mass 1, shape (bandwidths, events)."""
    at = np.stack(located(kernel.mesh.graph, places, name="events"), axis=1)
    _, first, spot = np.unique(at, axis=0, return_index=True, return_inverse=True)
    spots = places.iloc[first]
    own = kernel.at_themselves(spots)
    weights = np.bincount(spot.ravel(), minlength=len(spots))
    every = kernel.at_places(spots, spots, weights=weights)[:, :, 0]
    # What rounding leaves of an event far from all others is not below 0.
    foretold = np.maximum(every - own, 0.0) / (len(places) - 1)
    return np.asarray(foretold[:, spot.ravel()])


def _by_other_folds(
    kernel: HeatKernel, places: pd.DataFrame, folds: int, rng: np.random.Generator
) -> Floats:
    """Return the density at each event by the other folds, of mass 1."""
    fold = rng.permutation(np.arange(len(places)) % folds)
    others = fold[:, None] != np.arange(folds)
    density = kernel.at_places(places, places, weights=others / others.sum(axis=0))
    return np.asarray(density[:, np.arange(len(places)), fold])
