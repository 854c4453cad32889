"""Which incidents may say where harm happens: those that people reported, no police work.

What patrols discover follows the patrols: a risk learnt from it sends them back to where they have
been, whatever happens elsewhere (Lum, K. and Isaac, W. (2016), "To predict and serve?",
Significance 13 (5), 14-19; `analytics.feedback` shows it). Every estimate of risk takes its
incidents through this one door.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Fault, LayerError
from geo.layers import column_of


def reported_incidents(
    incidents: gpd.GeoDataFrame, *, source: str = "incidents"
) -> gpd.GeoDataFrame:
    """Keep the incidents that were reported, and refuse police work.

    Parameters
    ----------
    incidents
        Incidents, with `reporting` ("reported" or "discovered") where it is known and `category`
        where they have one. Without `reporting` all count as reported.
    source
        Name of the layer, for the faults.

    Returns
    -------
    reported
        The rows that were reported, in their order.

    Raises
    ------
    LayerError
        If a category is police work (a check, search, stop or arrest), or `reporting` is missing
        or another word in some rows; names every such row.
    """
    counts, faults = examine_reporting(incidents, source=source)
    if faults:
        raise LayerError(faults)
    return incidents[counts]


def examine_reporting(
    incidents: gpd.GeoDataFrame, *, source: str
) -> tuple[NDArray[np.bool_], list[Fault]]:
    """Tell which incidents were reported, and what is wrong with their telling.

    Parameters
    ----------
    incidents
        Incidents as `reported_incidents` takes them.
    source
        Name of the layer, for the faults.

    Returns
    -------
    reported
        Whether each incident was reported.
    faults
        Every fault that `reported_incidents` would name, by rows.
    """
    faults: list[Fault] = []
    if "category" in incidents:
        faults += _read(incidents, "category", source)[1]
    if "reporting" not in incidents:
        return np.ones(len(incidents), dtype=np.bool_), faults
    told, unfit = _read(incidents, "reporting", source)
    return told == "reported", sorted(faults + unfit, key=lambda fault: fault.row or 0)


def _read(
    incidents: gpd.GeoDataFrame, column: str, source: str
) -> tuple[NDArray[np.object_], list[Fault]]:
    """Read a column as its contract asks; each word is judged once, the rows only if one is not.

    A category may be missing; how an incident became known may not.
    """
    lenient = column == "category"
    given = incidents[column]
    words = incidents[~given.duplicated()]
    read, unfit = column_of(words, "incidents", column, source=source, may_be_missing=lenient)
    if unfit:
        return column_of(incidents, "incidents", column, source=source, may_be_missing=lenient)
    return read[pd.Index(words[column]).get_indexer(pd.Index(given))], []
