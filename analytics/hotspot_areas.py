"""Ranked areas: the parts of a zone where reported incidents are densest on the plane.

A density on the plane does not stop at the ends of a street, so it shows what several streets of a
quarter have in common. It is corrected at the edge of the zone: beyond it nothing is known, and
without correction the edge would look safe (Diggle, P. J. (1985), "A kernel method for smoothing
point process data", Journal of the Royal Statistical Society C 34 (2), 138-147).
"""

import math
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import MultiPolygon, Polygon

from analytics._arguments import check_positive, checked_count
from analytics._incident_input import SOURCE, checked_reports
from analytics._network_input import check_streets, examine_events
from analytics._place_names import both_names, nearest_name
from analytics.density import density_surface
from geo.errors import ParameterError
from geo.shapes import geometry_of

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# More cells come of a unit mistaken.
MAX_CELLS = 1_000_000
# An area is called after at most so many streets.
NAMES = 3


def rank_areas(
    boundary: Polygon,
    streets: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    *,
    bandwidth_m: float = 60.0,
    cell_m: float = 10.0,
    level: float = 2.0,
    count: int = 10,
    min_area_m2: float = 1000.0,
    as_of: pd.Timestamp | None = None,
) -> gpd.GeoDataFrame:
    """Rank the areas of a zone in which reported incidents are much denser than in all of it.

    Parameters
    ----------
    boundary
        The zone, in the CRS of the streets; only incidents within it count.
    streets
        LineStrings in a projected CRS, with `name_th` and `name_en` where they are known.
    incidents
        Points in the CRS of the streets, with `reporting` where it is known, and then only the
        reported ones count; there may be none.
    bandwidth_m
        Standard deviation of the kernel on each axis, > 0.
    cell_m
        Width of the square cells of which areas are made, > 0.
    level
        How many times the mean density of the zone the density of each cell of an area is at
        least, > 1.
    count
        How many areas to return at most, >= 1.
    min_area_m2
        Smaller areas are left out; >= 0.
    as_of
        Instant after which no incident can have begun, which then need `occurred_at`; none asks
        for no times.

    Returns
    -------
    areas
        One area a row, that with the most incidents first, none overlapping: `rank` from 1;
        `name_th` and `name_en` of the streets it holds most of, up to three, or "near" and the
        nearest street's; `area_m2`; `area_share`, its part of the zone, 0 to 1; `incidents`, how
        many lie in it, >= 1; `share`, their part of all within the zone; `density`, greatest
        incidents per square unit; Polygon of whole cells with their middles in the zone.

    Raises
    ------
    LayerError
        If a street or an incident has no place, is police work or lies after `as_of`; names every
        such row.
    ParameterError
        If an argument is out of its range.
    """
    check_positive(bandwidth_m=bandwidth_m, cell_m=cell_m)
    _check_limits(level, min_area_m2)
    count = checked_count("count", count)
    check_streets(streets)
    unplaced = examine_events(incidents, streets, source=SOURCE)
    timed = as_of is not None
    reported = checked_reports(incidents, unplaced=unplaced, timed=timed, as_of=as_of)
    grid = _Grid(_checked_boundary(boundary), cell_m)
    points = geometry_of(reported, source=SOURCE)[0].to_numpy()
    xy = shapely.get_coordinates(points[shapely.intersects(boundary, points)])
    number, found = _dense_areas(
        grid, xy, bandwidth_m=bandwidth_m, least=level * len(xy) / boundary.area
    )
    found = found[(found["incidents"] > 0) & (found["area_m2"] >= min_area_m2)]
    found = found.sort_values(["incidents", "density"], ascending=False, kind="stable").head(count)
    shapes = grid.polygons(number, found.index.to_numpy())
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(found) + 1),
            **_names(shapes, streets),
            "area_m2": found["area_m2"].to_numpy(),
            "area_share": found["area_m2"].to_numpy() / (grid.inside.sum() * cell_m**2),
            "incidents": found["incidents"].to_numpy(),
            "share": found["incidents"].to_numpy() / max(len(xy), 1),
            "density": found["density"].to_numpy(),
        },
        geometry=shapes,
        crs=streets.crs,
    )


class _Grid:
    """Square cells over a zone, of which those with their middles in it belong to it."""

    def __init__(self, boundary: Polygon | MultiPolygon, cell_m: float) -> None:
        min_x, min_y, max_x, max_y = boundary.bounds
        nx, ny = math.ceil((max_x - min_x) / cell_m), math.ceil((max_y - min_y) / cell_m)
        if nx * ny > MAX_CELLS:
            raise ParameterError(
                f"Expected `cell_m` that cuts the zone into at most {MAX_CELLS} cells, got"
                f" {nx * ny}."
            )
        self.cell_m, self.corner, self.shape = cell_m, (min_x, min_y), (ny, nx)
        self.bounds = (min_x, min_y, min_x + nx * cell_m, min_y + ny * cell_m)
        row, column = np.indices(self.shape)
        x, y = min_x + (column + 0.5) * cell_m, min_y + (row + 0.5) * cell_m
        self.inside: NDArray[np.bool_] = np.asarray(shapely.contains_xy(boundary, x, y))
        if not self.inside.any():
            raise ParameterError(
                f"Expected `cell_m` that leaves the zone some cells, got {cell_m}."
            )
        self.middles = np.stack([x[self.inside], y[self.inside]], axis=1)

    def density(self, xy: Floats, bandwidth_m: float) -> Floats:
        """Return the density in each cell of the zone, as if it went on likewise beyond."""
        known = np.full(len(self.middles), self.cell_m**2)
        plain, reach = (
            density_surface(
                points,
                bounds=self.bounds,
                shape=self.shape,
                bandwidth_m=bandwidth_m,
                weights=weights,
            )
            for points, weights in ((xy, None), (self.middles, known))
        )
        # Of a kernel so wide that nothing is left of it, no place stands out.
        seen = self.inside & (reach > 0)
        return np.divide(plain, reach, out=np.zeros(self.shape), where=seen)

    def cells_of(self, xy: Floats) -> tuple[Ints, Ints]:
        """Return row and column of the cell of each point."""
        step = np.floor((xy - np.array(self.corner)) / self.cell_m).astype(np.int64)
        ny, nx = self.shape
        return np.clip(step[:, 1], 0, ny - 1), np.clip(step[:, 0], 0, nx - 1)

    def polygons(self, number: Ints, wanted: NDArray[np.signedinteger]) -> NDArray[np.object_]:
        """Return the union of the cells of each number wanted."""
        x, y = self.corner
        shapes = []
        for which in wanted:
            row, column = np.nonzero(number == which)
            left, low = x + column * self.cell_m, y + row * self.cell_m
            right, high = x + (column + 1) * self.cell_m, y + (row + 1) * self.cell_m
            shapes.append(shapely.union_all(shapely.box(left, low, right, high)))
        return np.array(shapes, dtype=np.object_)


def _check_limits(level: float, min_area_m2: float) -> None:
    if not (math.isfinite(level) and level > 1):
        raise ParameterError(f"Expected `level` > 1, got {level}.")
    if not (math.isfinite(min_area_m2) and min_area_m2 >= 0):
        raise ParameterError(f"Expected `min_area_m2` >= 0, got {min_area_m2}.")


def _dense_areas(
    grid: _Grid, xy: Floats, *, bandwidth_m: float, least: float
) -> tuple[Ints, pd.DataFrame]:
    """Return the number of each cell's area of at least a density, 0 for none, and their table."""
    density = grid.density(xy, bandwidth_m)
    dense = density >= least if len(xy) else np.zeros_like(grid.inside)
    labelled, areas = ndimage.label(dense)
    number = np.asarray(labelled, dtype=np.int64)
    every = np.arange(1, areas + 1)
    found = pd.DataFrame(
        {
            "incidents": np.bincount(number[grid.cells_of(xy)], minlength=areas + 1)[1:],
            "area_m2": np.bincount(number.ravel(), minlength=areas + 1)[1:] * grid.cell_m**2,
            "density": np.asarray(ndimage.maximum(density, number, every), dtype=np.float64),
        },
        index=every,
    )
    return number, found


def _checked_boundary(boundary: object) -> Polygon | MultiPolygon:
    if isinstance(boundary, Polygon | MultiPolygon) and boundary.is_valid and boundary.area > 0:
        return boundary
    raise ParameterError("Expected `boundary` of a valid polygon, got another shape.")


def _names(shapes: NDArray[np.object_], streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Call each area after the named streets of which it holds the most."""
    names = both_names(streets)
    lines = streets.geometry.to_numpy()
    rows = []
    for shape in shapes:
        held = names.assign(length=shapely.length(shapely.intersection(lines, shape)))
        held = held[(held["length"] > 0) & (held["name_en"] != "")]
        most = held.groupby(["name_en", "name_th"])["length"].sum().reset_index()
        most = most.sort_values(["length", "name_en"], ascending=[False, True]).head(NAMES)
        if most.empty:
            rows.append(dict(nearest_name(shape, streets, names)))
        else:
            rows.append({column: ", ".join(most[column]) for column in ("name_th", "name_en")})
    return pd.DataFrame(rows, columns=["name_th", "name_en"], dtype="str")
