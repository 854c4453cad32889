"""Beats: streets shared out so that each beat holds together and bears an equal load.

A beat is a set of streets that hang together by their junctions. Its load is its share of all risk
and of all walking length, weighted. The search recombines beats two by two along random trees
(DeFord, Duchin and Solomon 2021, "Recombination: a family of Markov chains for redistricting",
Harvard Data Science Review 3 (1)); what it reaches stands beside a bound that no partition into
contiguous beats can beat. That police beats be equal in load, compact and contiguous is the aim of
D'Amico, Wang, Batta and Rump (2002), "A simulated annealing approach to police district design",
Computers & Operations Research 29 (6), 667-684.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planning._beat_bound import allot, imbalance_of, settle
from planning._beat_input import BeatWeights, Town, check_arguments, refuse_impossible, town_of
from planning._beat_names import names_of_beats
from planning._beat_search import compile_search, inertia_of, search

__all__ = ["BeatWeights", "Beats", "make_beats"]

# What the search leaves of the time limit for the proof.
_SEARCHING = 0.6
EVEN = BeatWeights()


@dataclass(frozen=True)
class Beats:
    """Beats, and how evenly they share the load.

    Attributes
    ----------
    frame
        A beat a row, labelled 1, 2, ... from west to east: `length_m`, `length_share`,
        `risk_share` and `load_share` of all streets, `names_th` and `names_en` (its streets, the
        longest first), `bounds_th` and `bounds_en` (the streets it ends at, clockwise from north),
        `between_th` and `between_en` (the outermost of these, as a person says it), and a
        MultiLineString.
    beat
        Beat of each street, labelled as the streets are.
    imbalance
        Largest deviation of a beat's load from the mean, as a share of the mean.
    bound
        Imbalance that no partition into so many contiguous beats can beat.
    risk_imbalance
        The same deviation of risk alone; NaN where there is no risk.
    length_imbalance
        The same deviation of length alone.
    spread_m
        Root mean square distance of streets, at their middles, from the middle of their beat.
    """

    frame: gpd.GeoDataFrame
    beat: "pd.Series[int]"
    imbalance: float
    bound: float
    risk_imbalance: float
    length_imbalance: float
    spread_m: float

    @property
    def gap(self) -> float:
        """Most by which the imbalance lies above the least that is possible.

        Returns
        -------
        gap
            `imbalance - bound`; 0 where the imbalance is proven least, up to 1e-9, the rounding of
            sums.
        """
        return self.imbalance - self.bound


def make_beats(
    streets: gpd.GeoDataFrame,
    risk: "pd.Series[float] | pd.DataFrame",
    *,
    beats: int,
    seed: int,
    time_limit_s: float,
    weights: BeatWeights = EVEN,
    tolerance: float = 0.05,
    keep_going: Callable[[], bool] = lambda: True,
) -> Beats:
    """Share streets out among beats that are contiguous, even in load, and compact.

    Beats are the evener the better down to the tolerance, and the more compact the better below
    it. The result depends on the seed alone as long as the search ends by itself. Compiling the
    search, once an installation, does not count towards the limit.

    Parameters
    ----------
    streets
        LineStrings that meet only at shared end points, in a projected CRS, with unique labels,
        and `name_th` and `name_en` where they are known.
    risk
        Risk of each street, >= 0, labelled as the streets are; or lixels as `network_density` gives
        them: `street`, `length_m` and `density`.
    beats
        Number of beats, from the number of loose pieces of the network to that of streets.
    seed
        Seed of the search, a whole number from 0 to 2**32 - 1.
    time_limit_s
        Seconds after which the search stops with what it has, > 0; it may stop earlier.
    weights
        What the load of a beat is made of.
    tolerance
        Imbalance that counts as none, >= 0; with 0 the evenest beats are sought, however
        they lie.
    keep_going
        Asked now and then; once it says no, the search stops with what it has.

    Returns
    -------
    beats
        Beats, the imbalance they reach and the bound on it.

    Raises
    ------
    InfeasiblePlanError
        There are more beats than streets, or fewer than loose pieces; names them.
    LayerError
        Streets or risk break their rules; names every fault.
    ParameterError
        A number is out of its range; names every fault.
    """
    check_arguments(weights, beats=beats, tolerance=tolerance, time_limit_s=time_limit_s, seed=seed)
    town = town_of(streets, risk, weights)
    beats = int(beats)
    refuse_impossible(town, beats)
    compile_search()
    start_s = time.perf_counter()

    def until(share: float) -> Callable[[], bool]:
        return lambda: keep_going() and time.perf_counter() < start_s + share * time_limit_s

    allotment = allot(town, beats)
    owner = search(
        town, allotment.beats, tolerance=tolerance, seed=int(seed), keep_going=until(_SEARCHING)
    )
    reached = imbalance_of(town.load, owner, beats)
    settled = settle(town, beats, reached=reached, bound=allotment.bound, keep_going=until(1.0))
    if settled.owner is not None and _is_better(town, settled.owner, owner, tolerance):
        owner = settled.owner
    return _result(streets, town, _from_west(town, owner, beats), settled.bound)


def _is_better(
    town: Town, one: NDArray[np.intp], other: NDArray[np.intp], tolerance: float
) -> bool:
    """Tell whether beats are evener than others, or as even within the tolerance and closer."""
    beats = int(one.max()) + 1

    def rank(owner: NDArray[np.intp]) -> tuple[float, float]:
        uneven = max(imbalance_of(town.load, owner, beats), tolerance)
        return uneven, inertia_of(town, owner, beats)

    return rank(one) < rank(other)


def _from_west(town: Town, owner: NDArray[np.intp], beats: int) -> NDArray[np.intp]:
    """Return the beats numbered from west to east by their middles."""
    x = shapely.get_coordinates(shapely.centroid(np.asarray(town.graph.lines.array)))[:, 0]
    moment = np.bincount(owner, weights=town.length * x, minlength=beats)
    middle = moment / np.bincount(owner, weights=town.length, minlength=beats)
    number = np.empty(beats, dtype=np.intp)
    number[np.argsort(middle, kind="stable")] = np.arange(beats)
    return number[owner]


def _result(streets: gpd.GeoDataFrame, town: Town, owner: NDArray[np.intp], bound: float) -> Beats:
    beats = int(owner.max()) + 1
    lines = np.asarray(town.graph.lines.array)
    shares = {
        f"{name}_share": np.bincount(owner, weights=share, minlength=beats)
        for name, share in (("length", town.length), ("risk", town.risk), ("load", town.load))
    }
    length_m = np.bincount(owner, weights=town.graph.length_m, minlength=beats)
    table = pd.DataFrame({"length_m": length_m, **shares})
    table = pd.concat([table, names_of_beats(streets, town, owner, beats)], axis=1)
    frame = gpd.GeoDataFrame(
        table.set_axis(pd.RangeIndex(1, beats + 1, name="beat")),
        geometry=[shapely.multilinestrings(lines[owner == beat]) for beat in range(beats)],
        crs=streets.crs,
    )
    has_risk = bool(town.risk.any())
    return Beats(
        frame=frame,
        beat=pd.Series(owner + 1, index=streets.index, name="beat"),
        imbalance=imbalance_of(town.load, owner, beats),
        bound=bound,
        risk_imbalance=imbalance_of(town.risk, owner, beats) if has_risk else math.nan,
        length_imbalance=imbalance_of(town.length, owner, beats),
        spread_m=math.sqrt(inertia_of(town, owner, beats)),
    )
