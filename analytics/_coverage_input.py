"""Streets and fields of view as they must be for coverage to be computed."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Fault, LayerError
from geo.shapes import examine_shapes, system_faults

Texts = NDArray[np.object_]

FIELDS = "fields_of_view"


def examine_coverage(
    streets: gpd.GeoDataFrame, fields: gpd.GeoSeries, *, source: str = FIELDS
) -> tuple[gpd.GeoSeries, gpd.GeoSeries, list[Fault]]:
    """Return the lines of streets, the fields of view, and what is wrong with them.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields
        Polygons, one a camera, possibly empty, in the CRS of `streets`.
    source
        Name of the fields, for the faults.

    Returns
    -------
    lines
        Geometries of the streets, labelled as they are.
    fields
        Fields of view, labelled as they are.
    faults
        Every fault of both.
    """
    lines, faults = examine_shapes(streets, ("LineString",), source="streets")
    areas, of_fields = examine_shapes(
        fields, ("Polygon", "MultiPolygon"), source=source, may_be_empty=True
    )
    faults += of_fields
    faults += system_faults(lines, areas, source="streets", other_source=source)
    return lines, areas, faults


def checked_coverage(
    streets: gpd.GeoDataFrame, fields: gpd.GeoSeries
) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return the lines of streets and the fields of view.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields
        Polygons, one a camera, possibly empty, in the CRS of `streets`.

    Returns
    -------
    lines
        Geometries of the streets, labelled as they are.
    fields
        Fields of view, labelled as they are.

    Raises
    ------
    LayerError
        If anything is wrong with either; names every fault.
    """
    lines, areas, faults = examine_coverage(streets, fields)
    if faults:
        raise LayerError(faults)
    return lines, areas


def repeated_labels(labels: pd.Index, *, source: str) -> list[Fault]:
    """Return a fault for each row whose label an earlier row has.

    Parameters
    ----------
    labels
        Labels of a layer.
    source
        Name of the layer, for the faults.

    Returns
    -------
    faults
        One for each such row.
    """
    return [
        Fault(source, "an index label of its own", repr(labels[row]), row + 1)
        for row in np.flatnonzero(labels.duplicated()).tolist()
    ]


def street_names(streets: gpd.GeoDataFrame) -> Texts:
    """Return the names of streets.

    Parameters
    ----------
    streets
        Streets, with `name_th` and `name_en` where they have names.

    Returns
    -------
    names
        Thai and English name of each street, empty where it has none; shape (streets, 2).
    """
    names = pd.DataFrame(streets).reindex(columns=["name_th", "name_en"])
    return names.astype("object").fillna("").to_numpy()
