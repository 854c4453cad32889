"""The register of cameras: whose each is, under what consent, and who may see its feed.

It is kept in the style of a memorandum of understanding between the station, the municipality and
the owners of cameras: a row a camera, with the columns of the layer cameras and consent with its
dates, how long pictures are kept, the contact of an office, and the audience of the feed. It stands
in the folder of its zone and nowhere else; of all it says, only what the layer cameras holds too
reaches the cameras of a zone.
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.layers import contract_of


def registered(cameras: gpd.GeoDataFrame, register: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cameras of a zone with those of its register among them.

    Parameters
    ----------
    cameras
        The layer cameras, index "id".
    register
        The layer register in the same coordinate reference system.

    Returns
    -------
    cameras
        The layer cameras; a camera of the register stands in place of the one of its id, a new
        one behind all others. Consent, contact, retention and audience are not among its columns.
    """
    columns = [column.name for column in contract_of("cameras").columns]
    return replaced(cameras, register[[*columns, register.geometry.name]])


def replaced(standing: gpd.GeoDataFrame, arriving: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer after rows have arrived: the same id replaces, a new one comes last.

    Parameters
    ----------
    standing
        The layer, index "id".
    arriving
        Its new rows, in the same coordinate reference system.

    Returns
    -------
    layer
        Rows in the order of `standing`, the new ones behind in the order of `arriving`.
    """
    if standing.empty or arriving.empty:
        return arriving if standing.empty else standing
    order = standing.index.append(arriving.index.difference(standing.index, sort=False))
    kept = standing[~standing.index.isin(arriving.index)]
    rows = arriving if kept.empty else pd.concat([kept, arriving])
    return gpd.GeoDataFrame(rows.loc[order], crs=standing.crs)


def has_consent(register: gpd.GeoDataFrame, *, on: date) -> "pd.Series[bool]":
    """Tell for which cameras of a register the owner's consent holds on a day.

    Parameters
    ----------
    register
        The layer register.
    on
        The day, on the calendar of the zone; of an instant, the day that it shows.

    Returns
    -------
    consent
        By id: given on that day or before, and not run out; the last day of a consent counts.
    """
    day = f"{on:%Y-%m-%d}"  # a datetime is a date too, and its isoformat() has a time
    until = register["consent_until"]
    begun = register["consent"].eq("given") & register["consented_on"].le(day)
    lasting = until.eq("") | until.ge(day)
    return pd.Series(begun & lasting, dtype="bool")


def states_on(register: gpd.GeoDataFrame, *, on: date) -> "pd.Series[str]":
    """Tell the state of each camera of a register as it counts on a day.

    Parameters
    ----------
    register
        The layer register.
    on
        The day, on the calendar of the zone.

    Returns
    -------
    states
        By id: "no_consent" where the owner's consent does not hold, whether the camera works or
        not; "up" or "down" otherwise.
    """
    states = register["status"].where(has_consent(register, on=on), "no_consent")
    return pd.Series(states, dtype="str")


def cameras_on(
    cameras: gpd.GeoDataFrame, register: gpd.GeoDataFrame, *, on: date
) -> gpd.GeoDataFrame:
    """Return cameras as they count on a day: without the owner's consent a camera is down.

    Parameters
    ----------
    cameras
        The cameras of a zone, those of its register among them.
    register
        The layer register; a camera that is not in it needs no consent here.
    on
        The day, on the calendar of the zone.

    Returns
    -------
    cameras
        All cameras; `status` is "down" where it was, and where consent is pending, withdrawn, not
        begun or run out.
    """
    allowed = has_consent(register, on=on)
    refused = cameras.index.isin(register.index[~allowed])
    return cameras.assign(
        status=pd.Series(np.where(refused, "down", cameras["status"]), cameras.index, dtype="str")
    )


def with_streets(cameras: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the name of each camera's street, for those who may not know more of its place.

    Parameters
    ----------
    cameras
        Cameras or the register of a zone.
    streets
        The streets of the zone in the same coordinate reference system.

    Returns
    -------
    cameras
        The rows with `street_th` and `street_en`, the names of the nearest street that has one;
        empty where no street has a name.
    """
    named = streets[(streets["name_th"] != "") | (streets["name_en"] != "")]
    if named.empty:
        return cameras.assign(street_th="", street_en="")
    _, nearest = named.sindex.nearest(cameras.geometry, return_all=False)
    names = named[["name_th", "name_en"]].iloc[nearest].set_index(cameras.index)
    return cameras.assign(street_th=names["name_th"], street_en=names["name_en"])
