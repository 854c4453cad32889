"""Where the next cameras should stand: the sites that show most of the street nobody sees yet."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analytics.blindspots import street_coverage
from geo.errors import ParameterError
from geo.visibility import fields_of_view
from planning.candidates import camera_candidates
from planning.siting import SitingResult, maximal_coverage

_TAKEN = ("name_th", "name_en", "street", "azimuth_deg", "fov_deg", "range_m", "synthetic")


@dataclass(frozen=True)
class CameraSites:
    """Sites for new cameras.

    Attributes
    ----------
    layer
        Points, the most useful first: rank (from 1), name_th, name_en, street, azimuth_deg,
        fov_deg, range_m, gain_m (metres of street that this camera adds to those ranked before it
        and to the cameras that stand), synthetic. Names, street and synthetic only where the
        candidates have them.
    fields_of_view
        What each site would see, labelled as the layer is.
    result
        The choice among the candidates, in metres (weighted where weights were given), with the
        bound that proves how near to the best it is.
    """

    layer: gpd.GeoDataFrame
    fields_of_view: gpd.GeoSeries
    result: SitingResult


def site_cameras(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    seen: gpd.GeoSeries,
    *,
    budget: int,
    seed: int,
    time_limit_s: float,
    candidates: gpd.GeoDataFrame | None = None,
    street_weight: "pd.Series[float] | None" = None,
    spacing_m: float = 2.0,
    workers: int = 1,
) -> CameraSites:
    """
    Choose sites for new cameras.

    Parameters
    ----------
    streets
        Streets to watch, in a metric CRS.
    buildings
        Footprints that hide what is behind them.
    seen
        Fields of view of the cameras that stand.
    budget
        Number of cameras to add, >= 0.
    seed
        Seed of the search.
    time_limit_s
        Seconds the search among the candidates may take, > 0.
    candidates
        Places and facings to choose from: Points with azimuth_deg, fov_deg and range_m; those of
        `camera_candidates` by default.
    street_weight
        What a metre of each street counts, >= 0, by the streets' labels, for example its density of
        incidents; 1 each by default.
    spacing_m
        Distance between the points that stand for the streets, > 0.
    workers
        Number of threads that compute fields of view, >= 1.

    Returns
    -------
    sites
        Sites in the order of what each adds; fewer than the budget where no more adds anything.

    Raises
    ------
    ParameterError
        Weights do not fit the streets, or numbers are out of range.
    LayerError
        Streets, buildings or candidates are no sound geometries in one metric CRS, or candidates
        miss columns.
    """
    if candidates is None:
        candidates = camera_candidates(streets, buildings)
    coverage = street_coverage(streets, seen, spacing_m=spacing_m)
    unseen = coverage[coverage["seen_by"] == 0]
    length_m = unseen["length_m"].to_numpy(np.float64)
    demand = length_m * _weights(unseen["street"], streets, street_weight)
    fields = fields_of_view(candidates, buildings, workers=workers)
    site, point = shapely.STRtree(unseen.geometry.to_numpy()).query(
        fields.to_numpy(), predicate="intersects"
    )
    cover = csr_array(
        (np.ones(len(site), dtype=bool), (site, point)), shape=(len(candidates), len(unseen))
    )
    result = maximal_coverage(cover, demand, budget=budget, time_limit_s=time_limit_s, seed=seed)
    order, gain_m = _ranked(cover, demand, length_m, result.chosen)
    taken = [name for name in _TAKEN if name in candidates]
    layer = candidates.iloc[order][[*taken, candidates.geometry.name]].copy()
    layer.insert(0, "rank", np.arange(1, len(order) + 1))
    layer.insert(layer.columns.get_loc("range_m") + 1, "gain_m", gain_m)
    layer.index = pd.Index([f"site-{rank:02d}" for rank in layer["rank"]], name="id", dtype="str")
    views = fields.iloc[order].set_axis(layer.index)
    return CameraSites(layer, views, result)


def _weights(
    street: "pd.Series[str]",
    streets: gpd.GeoDataFrame,
    street_weight: "pd.Series[float] | None",
) -> NDArray[np.float64]:
    if street_weight is None:
        return np.ones(len(street), dtype=np.float64)
    absent = streets.index.difference(street_weight.index)
    if len(absent):
        raise ParameterError(f"Expected `street_weight` of every street, got none of {absent[0]}.")
    return np.asarray(street_weight.loc[street], dtype=np.float64)


def _ranked(
    cover: csr_array,
    demand: NDArray[np.float64],
    length_m: NDArray[np.float64],
    chosen: NDArray[np.intp],
) -> tuple[list[int], list[float]]:
    """Order the chosen by what each adds to those before it; leave out what adds nothing."""
    rows = cover[chosen].toarray()
    left = np.ones(len(demand), dtype=bool)
    order: list[int] = []
    gain_m: list[float] = []
    for _ in range(len(chosen)):
        adds = (rows & left) @ demand
        best = int(adds.argmax())
        if adds[best] <= 0:
            break
        order.append(int(chosen[best]))
        gain_m.append(float(length_m[rows[best] & left].sum()))
        left &= ~rows[best]
    return order, gain_m
