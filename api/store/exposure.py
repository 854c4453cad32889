"""What may be served without an account, decided in this one place.

There are no accounts yet, so whatever is served is served to anyone who reaches the port, as the
role `public` of `api.roles`. Withheld:

- `incidents`, whole: single events with place and time;
- the register of cameras, whole: the store does not even hold it;
- cameras whose exact place the public may not see, and what they see: a field of view shows its
  camera's place, so it is withheld with it, and when a layer of fields of view does not say whose
  they are, all of them are.

The store marks withheld features when it writes them; readers leave them out unless told otherwise.
Of a camera it keeps only the columns that the public may see of one in public view: a file of
cameras may bring any other, such as a contact.
"""

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from api.roles import OPEN_OWNERS, sees

PUBLIC_LAYERS: tuple[str, ...] = (
    "boundary",
    "streets",
    "buildings",
    "grounds",
    "places",
    "cameras",
    "fields_of_view",
    "lamps",
    "sos_points",
    "blind_spots",
    "hotspots",
    "camera_sites",
    "patrol_tours",
    "patrol_stops",
    "beats",
)
OWNED_LAYERS = frozenset({"cameras", "fields_of_view"})


def withheld_features(layer: str, frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which features of a layer are not served without an account.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Its features; cameras and fields of view with `owner_kind`.

    Returns
    -------
    withheld
        One flag a feature.
    """
    if layer not in PUBLIC_LAYERS:
        return np.ones(len(frame), dtype=np.bool_)
    if layer not in OWNED_LAYERS:
        return np.zeros(len(frame), dtype=np.bool_)
    if "owner_kind" not in frame.columns:
        return np.ones(len(frame), dtype=np.bool_)
    owners = frame["owner_kind"]
    return np.array([not sees("public", "geometry", owner_kind=kind) for kind in owners], np.bool_)


def kept_columns(layer: str, frame: gpd.GeoDataFrame) -> list[str]:
    """Name the columns of a layer that the store may keep.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Its features.

    Returns
    -------
    columns
        Names in the order of the frame, without the geometry.
    """
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if layer != "cameras":
        return names
    return [name for name in names if sees("public", name, owner_kind=OPEN_OWNERS[0])]
