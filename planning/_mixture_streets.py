"""Streets that nobody passes by chance: each as one more point that a plan may stop at.

Streets that no wanted stop lies on are passed on the way, or never. A point in the middle of each
lets the mixture send somebody through: it weighs nothing, so that it changes no plan's value, and
a plan goes there for the price that the mixture puts on passing the street by.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning._patrol_points import ANYBODY
from planning._patrol_problem import Night

Flags = NDArray[np.bool_]

# Long enough to be seen, too short to be missed elsewhere.
DWELL_S = 60.0
_REASON = ("ผ่านให้เห็นทุกถนน", "Pass through, so that no street is left out")
_UNNAMED = ("ถนนไม่มีชื่อ", "Unnamed street")


def with_streets(demand: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add a point for each street to the points of demand.

    Parameters
    ----------
    demand
        Points of demand, in the streets' CRS.
    streets
        Streets, labelled; name_th and name_en where they have names.

    Returns
    -------
    demand
        The points given, then the middle of each street in the order of the streets, of weight 0,
        once a night, labelled "street-" and the street's label.
    """
    # Open all night to one unit without a skill, whatever columns there are.
    told: dict[str, object] = {name: "" for name in ("skill", "requested_by") if name in demand}
    told |= {"needs_units": 1} if "needs_units" in demand else {}
    for name, other in zip(("name_th", "name_en"), _UNNAMED, strict=True):
        told[name] = streets[name].replace("", other).to_numpy() if name in streets else other
    middles = gpd.GeoDataFrame(
        {
            **told,
            "weight": 0.0,
            "dwell_s": DWELL_S,
            "reason_th": _REASON[0],
            "reason_en": _REASON[1],
            "revisit_s": np.inf,
            demand.geometry.name: streets.interpolate(0.5, normalized=True).to_numpy(),
        },
        geometry=demand.geometry.name,
        index=[f"street-{label}" for label in streets.index],
        crs=demand.crs,
    )
    own = demand if "revisit_s" in demand else demand.assign(revisit_s=np.nan)
    # What streets have no value of keeps its type.
    empty = {name: own[name].dtype for name in own.columns.difference(middles.columns)}
    return pd.concat([own, middles.reindex(columns=own.columns).astype(empty)])


def passable(night: Night, streets: int) -> Flags:
    """Tell the streets that some unit can go through and be back in time.

    Parameters
    ----------
    night
        A night whose demand ends with a point for each street.
    streets
        Number of streets.

    Returns
    -------
    passable
        A flag for each street.
    """
    visits = int((night.points["segment"] == ANYBODY).sum())
    first, last = night.lone_stops
    return np.asarray((first <= last)[:, visits - streets : visits].any(axis=0))
