"""What a place is called: after the streets there, or after the nearest that has a name."""

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

UNNAMED = pd.DataFrame({"name_th": ["ถนนไม่มีชื่อ"], "name_en": ["unnamed street"]})
NEAR = {"name_th": "ใกล้", "name_en": "near "}
# Streets equally near to within a millimetre are told apart by their names.
NAME_DIGITS = 3


def both_names(streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return both names of each street.

    Parameters
    ----------
    streets
        Streets, with `name_th` and `name_en` where they are known.

    Returns
    -------
    names
        `name_th` and `name_en`, the one for the other where only one is known, empty where
        neither is; labelled as the streets are.
    """
    names = pd.DataFrame(
        {
            column: streets[column].fillna("").astype(str) if column in streets else ""
            for column in NEAR
        },
        index=streets.index,
    )
    thai, english = names["name_th"], names["name_en"]
    return pd.DataFrame(
        {"name_th": thai.where(thai != "", english), "name_en": english.where(english != "", thai)}
    )


def nearest_name(
    place: BaseGeometry, streets: gpd.GeoDataFrame, names: pd.DataFrame
) -> "pd.Series[str]":
    """Name a place after the named street nearest to its middle.

    Parameters
    ----------
    place
        A geometry in the CRS of the streets.
    streets
        Streets.
    names
        Their names, as `both_names` gives them.

    Returns
    -------
    name
        `name_th` and `name_en`: "near" and those of the street; of an unnamed street where none
        has a name.
    """
    has_name = (names["name_en"] != "").to_numpy()
    named = names[has_name]
    if named.empty:
        return UNNAMED.iloc[0]
    away = streets.geometry[has_name].distance(place.centroid).round(NAME_DIGITS)
    nearest = named.assign(away=away).sort_values(["away", "name_en", "name_th"]).iloc[0]
    return pd.Series({column: word + nearest[column] for column, word in NEAR.items()})
