"""The reference data of Portland: calls for service, and the study area in cells of 250 feet."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

CRIMES = ("burglary", "vehicle_theft")
CELL_FT = 250.0
CRS = "EPSG:2913"


def portland_incidents(folder, crime):
    """Return the calls of one kind, each at the begin of its day."""
    table = pd.read_csv(folder / "crime" / f"portland_{crime}_to_2016-05.csv")
    return gpd.GeoDataFrame(
        {"occurred_at": pd.to_datetime(table["occurred_on"])},
        geometry=gpd.points_from_xy(table["x_ft_epsg2913"], table["y_ft_epsg2913"], crs=CRS),
    )


def portland_grid(folder, *, cell_ft=CELL_FT):
    """Return the square cells whose centres lie in the police districts."""
    districts = gpd.read_file(folder / "crime" / "portland_police_districts.gpkg")
    area = districts.to_crs(CRS).union_all()
    shapely.prepare(area)
    min_x, min_y, max_x, max_y = area.bounds
    x = np.arange(min_x, max_x, cell_ft)
    y = np.arange(min_y, max_y, cell_ft)
    x, y = (axis.ravel() for axis in np.meshgrid(x, y))
    inside = shapely.contains_xy(area, x + cell_ft / 2, y + cell_ft / 2)
    x, y = x[inside], y[inside]
    return gpd.GeoDataFrame(geometry=shapely.box(x, y, x + cell_ft, y + cell_ft), crs=CRS)
