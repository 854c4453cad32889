"""Events taken to the nearest place on a network, and how far that is."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics._network_input import check_events, check_streets
from geo.errors import Fault, LayerError, ParameterError
from geo.street_graph import StreetGraph


def place_events(
    streets: gpd.GeoDataFrame, events: gpd.GeoDataFrame, *, max_snap_m: float = math.inf
) -> pd.DataFrame:
    """Find the nearest place on the network for each event.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS that meet only at shared end points; labels of the index are
        unique.
    events
        Points in the CRS of the streets; there may be none.
    max_snap_m
        Greatest distance between an event and its street, >= 0.

    Returns
    -------
    places
        Labelled as the events are: `street` (label), `offset_m` from its start, `fraction` of its
        length, `distance_m` between event and street.

    Raises
    ------
    LayerError
        If a street or an event cannot be placed, or an event is further from any street than
        `max_snap_m`; names every such row.
    ParameterError
        If `max_snap_m` is out of its range, or events and streets differ in their CRS.
    """
    if not max_snap_m >= 0:
        raise ParameterError(f"Expected `max_snap_m` >= 0, got {max_snap_m}.")
    check_streets(streets)
    check_events(events, streets)
    if not len(events):
        nowhere = pd.DataFrame(
            np.empty((0, 3)), events.index, ["offset_m", "fraction", "distance_m"]
        )
        nowhere.insert(0, "street", streets.index[:0])
        return nowhere
    places = StreetGraph.from_streets(streets).snap(events.geometry)
    away_m = places["distance_m"].to_numpy()
    faults = [
        Fault(
            "events",
            f"a street within {max_snap_m} m",
            f"the nearest {away_m[row]:.1f} m away",
            int(row) + 1,
            "geometry",
        )
        for row in np.flatnonzero(away_m > max_snap_m)
    ]
    if faults:
        raise LayerError(faults)
    return places
