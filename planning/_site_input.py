"""What a search for sites is given, checked."""

import math
from collections.abc import Hashable, Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from geo.errors import Fault, LayerError
from geo.shapes import examine_shapes, geometry_of, system_faults
from geo.visibility import fields_of_view, inside_buildings
from planning._arguments import is_above_zero, is_finite

Floats = NDArray[np.float64]
_POLYGONS = ("Polygon", "MultiPolygon")
_USUAL_COST = 1.0


def parameter_faults(
    streets: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    street_weight: "pd.Series[float] | None",
    communities: gpd.GeoDataFrame | None,
    least_share: float,
    fixed: Iterable[Hashable],
    spacing_m: float,
) -> list[str]:
    """Say what is wrong with the parameters of a problem, without computing anything."""
    faults = [] if street_weight is None else _faults_of_weights(streets, street_weight)
    if not (is_finite(least_share) and 0 <= least_share <= 1):
        faults.append(f"Expected `least_share` from 0 to 1, got {least_share}.")
    elif least_share > 0 and (communities is None or communities.empty):
        faults.append(
            f"Expected `least_share` 0 where there are no communities, got {least_share}."
        )
    if not (is_above_zero(spacing_m) and is_finite(spacing_m)):
        faults.append(f"Expected `spacing_m` > 0, got {spacing_m}.")
    faults += [
        f"Expected `fixed` among the ids of the candidates, got {label!r}."
        for label in fixed
        if label not in candidates.index
    ]
    return faults


def _faults_of_weights(streets: gpd.GeoDataFrame, street_weight: "pd.Series[float]") -> list[str]:
    absent = streets.index.difference(street_weight.index)
    if len(absent):
        return [f"Expected `street_weight` of every street, got none of {absent[0]}."]
    if not street_weight.index.is_unique:
        again = street_weight.index[street_weight.index.duplicated()][0]
        return [f"Expected `street_weight` once for every street, got it twice for {again}."]
    given = street_weight.loc[streets.index]
    return [
        f"Expected `street_weight` >= 0, got {value} of {label}."
        for label, value in given.items()
        if not (is_finite(value) and value >= 0)
    ]


def layer_faults(
    streets: gpd.GeoDataFrame,
    *,
    candidates: gpd.GeoDataFrame,
    wanted: gpd.GeoDataFrame | None,
    communities: gpd.GeoDataFrame | None,
    grounds: dict[str, gpd.GeoDataFrame | None],
) -> list[Fault]:
    """List the faults of the streets and of the layers that say what is wanted of the sites."""
    lines, faults = examine_shapes(streets, ("LineString",), source="streets")
    places = geometry_of(candidates, source="candidates")[0]
    faults += system_faults(lines, places, source="streets", other_source="candidates")
    layers = [("wanted", wanted, ("Point",)), ("communities", communities, _POLYGONS)]
    layers += [(name, layer, _POLYGONS) for name, layer in grounds.items()]
    for name, layer, kinds in layers:
        if layer is None:
            continue
        shapes, more = examine_shapes(layer, kinds, source=name)
        faults += system_faults(lines, shapes, source="streets", other_source=name) + more
    if wanted is not None and len(wanted):
        faults += _faults_of_numbers(wanted, "folds", "a whole number >= 1")
        faults += _faults_of_numbers(wanted, "weight", "a number >= 0")
    return list(dict.fromkeys(faults))


def _faults_of_numbers(wanted: gpd.GeoDataFrame, name: str, expected: str) -> list[Fault]:
    if name not in wanted:
        return [Fault("wanted", "the column", "none of that name", field=name)]
    values = pd.to_numeric(wanted[name], errors="coerce").to_numpy(np.float64)
    right = np.isfinite(values) & (values >= 0)
    if name == "folds":
        right &= (values >= 1) & (values == np.floor(values))
    return [
        Fault("wanted", expected, str(wanted[name].iloc[row]), int(row) + 1, name)
        for row in np.flatnonzero(~right)
    ]


def checked_candidates(
    candidates: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    boundary: Polygon | None,
    workers: int,
) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries, list[Fault]]:
    """Return the candidates with their costs, what each sees, and everything wrong with them.

    Where a shape or a view is wrong nothing is seen; the places are then not checked either.
    """
    cost, faults = _costs(candidates)
    again = candidates.index.duplicated()
    faults += [
        Fault("candidates", "a label of its own", f"{candidates.index[row]!r} again", int(row) + 1)
        for row in np.flatnonzero(again)
    ]
    try:
        fields = fields_of_view(candidates, buildings, workers=workers)
    except LayerError as error:
        broken = [
            replace(fault, source="candidates") if fault.source == "cameras" else fault
            for fault in error.faults
        ]
        return candidates, gpd.GeoSeries([], crs=candidates.crs), [*broken, *faults]
    faults += _outside(candidates, boundary) + _indoors(candidates, fields, buildings)
    return candidates.assign(cost=cost), fields, sorted(faults, key=lambda each: each.row or 0)


def _costs(candidates: gpd.GeoDataFrame) -> tuple[Floats, list[Fault]]:
    if "cost" not in candidates:
        return np.full(len(candidates), _USUAL_COST), []
    given = candidates["cost"]
    cost = pd.to_numeric(given, errors="coerce").to_numpy(np.float64, copy=True)
    cost[given.isna().to_numpy()] = _USUAL_COST
    flags = np.array([isinstance(value, bool | np.bool_) for value in given], dtype=bool)
    wrong = np.flatnonzero(~(np.isfinite(cost) & (cost > 0)) | flags)
    return cost, [
        Fault("candidates", "a number > 0", str(given.iloc[row]), int(row) + 1, "cost")
        for row in wrong
    ]


def _outside(candidates: gpd.GeoDataFrame, boundary: Polygon | None) -> list[Fault]:
    if boundary is None:
        return []
    away_m = shapely.distance(boundary, candidates.geometry.to_numpy())
    return [
        Fault(
            "candidates",
            "a place in the zone",
            f"one {math.ceil(away_m[row])} m outside it, {candidates.index[row]!r}",
            int(row) + 1,
            "geometry",
        )
        for row in np.flatnonzero(away_m > 0)
    ]


def _indoors(
    candidates: gpd.GeoDataFrame, fields: gpd.GeoSeries, buildings: gpd.GeoDataFrame
) -> list[Fault]:
    blind = np.flatnonzero(fields.is_empty)
    # Who sees nothing may also face a wall from outside.
    indoors = inside_buildings(candidates.iloc[blind], buildings).to_numpy()
    return [
        Fault(
            "candidates",
            "a place outside the buildings",
            f"one inside, {candidates.index[row]!r}",
            int(row) + 1,
            "geometry",
        )
        for row in blind[indoors]
    ]
