"""What is public of the units of the overlay: lit, watched, lively, near a post.

None of it depends on incidents. Private cameras are left out, so that nothing can be told of them.
"""

from datetime import date
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analytics._overlay_bands import coarse
from analytics._overlay_units import StreetUnits
from analytics.blindspots import street_coverage
from geo.errors import Fault, LayerError
from geo.layers import column_of
from geo.register import has_consent
from geo.shapes import examine_shapes, system_faults
from geo.visibility import fields_of_view
from geo.zone import Zone

Floats = NDArray[np.float64]

SPACING_M: Final = 5.0
LAMP_REACH_M: Final = 20.0
PLACE_REACH_M: Final = 60.0
POST_REACH_M: Final = 100.0
PUBLIC_OWNERS: Final = ("programme", "municipal")
# Columns that only a plan made from incidents has.
PLANNED: Final = ("unit", "order", "arrives_at", "leaves_at", "demand", "risk", "incidents")


def public_merits(
    zone: Zone, units: StreetUnits, *, on: date, posts: gpd.GeoDataFrame | gpd.GeoSeries | None
) -> dict[str, Floats]:
    """Measure what is public of each unit, in coarse classes.

    Parameters
    ----------
    zone
        The zone; its incidents are not read.
    units
        Its units.
    on
        The day on which a camera of the register must have its owner's consent.
    posts
        Standing, announced posts of patrols, if they are to count.

    Returns
    -------
    merits
        Shares of the street length of each unit, from 0 to 1: "lit", within reach of a lit lamp;
        "watched", within the field of view of a camera of the programme or the municipality,
        whether or not it works tonight; "lively", near a place of the zone; "posted", near a post.

    Raises
    ------
    LayerError
        If a layer is faulty, or posts are stops of a plan; names every fault.
    """
    lit, faults = column_of(zone.lamps, "lamps", "lit", source="lamps")
    faults += _post_faults(zone, posts)
    if faults:
        raise LayerError(faults)
    points, here = merit_points(
        zone.streets,
        fields_of_view(_public_cameras(zone, on=on), zone.buildings),
        lit_lamps=zone.lamps[lit.astype(np.bool_)],
        places=zone.places,
    )
    if posts is not None:
        here["posted"] = _near(points, posts, POST_REACH_M)
    unit = units.of_street[points["street"]].to_numpy()
    length = points["length_m"].to_numpy()
    return {name: coarse(mean_over(unit, length, where)) for name, where in here.items()}


def merit_points(
    streets: gpd.GeoDataFrame,
    fields: gpd.GeoSeries,
    *,
    lit_lamps: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, dict[str, NDArray[np.bool_]]]:
    """Tell of points along streets what speaks for walking there.

    Parameters
    ----------
    streets
        Lines in a projected CRS.
    fields
        Fields of view of cameras in public view.
    lit_lamps
        Lamps that burn.
    places
        Places that people visit.

    Returns
    -------
    points, here
        Points as `street_coverage` gives them, and of each whether it is "lit", "watched" and
        "lively".
    """
    points = street_coverage(streets, fields, spacing_m=SPACING_M)
    here = {
        "lit": _near(points, lit_lamps, LAMP_REACH_M),
        "watched": points["seen_by"].to_numpy() > 0,
        "lively": _near(points, places, PLACE_REACH_M),
    }
    return points, here


def _public_cameras(zone: Zone, *, on: date) -> gpd.GeoDataFrame:
    owners, faults = column_of(zone.cameras, "cameras", "owner_kind", source="cameras")
    if faults:
        raise LayerError(faults)
    allowed = has_consent(zone.register, on=on)
    refused = zone.cameras.index.isin(zone.register.index[~allowed])
    return zone.cameras[np.isin(owners, PUBLIC_OWNERS) & ~refused]


def _post_faults(zone: Zone, posts: gpd.GeoDataFrame | gpd.GeoSeries | None) -> list[Fault]:
    if posts is None:
        return []
    shapes, faults = examine_shapes(posts, ("Point",), source="posts")
    faults += system_faults(zone.streets.geometry, shapes, source="streets", other_source="posts")
    expected = "standing posts, not the stops of a plan, which follow incidents"
    faults += [
        Fault("posts", expected, "the column", field=name)
        for name in PLANNED
        if isinstance(posts, pd.DataFrame) and name in posts
    ]
    return faults


def _near(
    points: gpd.GeoDataFrame, layer: gpd.GeoDataFrame | gpd.GeoSeries, reach_m: float
) -> NDArray[np.bool_]:
    near = np.zeros(len(points), dtype=np.bool_)
    if len(layer):
        tree = shapely.STRtree(points.geometry.to_numpy())
        found = tree.query(layer.geometry.to_numpy(), predicate="dwithin", distance=reach_m)
        near[found[1]] = True
    return near


def mean_over(group: NDArray[np.int64], length_m: Floats, where: NDArray[np.bool_]) -> Floats:
    """Return the share of the length of each group that lies where something holds.

    Parameters
    ----------
    group
        Group of each point, from 0.
    length_m
        Length that each point stands for.
    where
        Whether it holds there.

    Returns
    -------
    share
        From 0 to 1, one a group.
    """
    of_all = np.bincount(group, length_m)
    return np.asarray(np.bincount(group, length_m * where, minlength=len(of_all)) / of_all)
