"""The streets of a zone as the ground that synthetic incidents stand on."""

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import Polygon, STRtree

from geo.errors import ParameterError
from geo.synthetic.frontage import width_m
from geo.synthetic.incident_rates import STREET_PULL

# Incidents keep this far from the boundary, more than half of any street's width.
MARGIN_M = 8.0


class Ground:
    """The streets inside the boundary, as lines with a width.

    Parameters
    ----------
    streets
        Street edges, metric.
    boundary
        Area of the incidents, metric.

    Attributes
    ----------
    lines
        Centre lines.
    length_m
        Their lengths.
    width_m
        Full widths of their surfaces.
    name_en
        English names of their streets.
    pull
        How strongly a metre of each draws incidents.

    Raises
    ------
    ParameterError
        If no street lies inside the boundary.
    """

    def __init__(self, streets: GeoDataFrame, boundary: Polygon) -> None:
        inner = shapely.intersection(streets.geometry.to_numpy(), boundary.buffer(-MARGIN_M))
        pieces, edge = shapely.get_parts(inner, return_index=True)
        real = shapely.length(pieces) > 0
        if not real.any():
            raise ParameterError("Expected streets inside `boundary`, got none.")
        self.lines, edge = pieces[real], edge[real]
        self.length_m = shapely.length(self.lines)
        self.width_m = width_m(streets)[edge]
        self.name_en = streets["name_en"].to_numpy(dtype=object)[edge]
        self.pull = np.array([STREET_PULL.get(c, 1.0) for c in streets["street_class"]])[edge]
        self._tree = STRtree(self.lines)

    def along(
        self, weights: NDArray[np.float64], count: int, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw points on centre lines.

        Parameters
        ----------
        weights
            Weight of every line; uniform along each.
        count
            Number of points.
        rng
            Source of chance.

        Returns
        -------
        xy
            Coordinates, shape (count, 2).
        """
        line = rng.choice(len(self.lines), size=count, p=weights / weights.sum())
        reach = rng.random(count) * self.length_m[line]
        return shapely.get_coordinates(shapely.line_interpolate_point(self.lines[line], reach))

    def beside(self, xy: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        """Bring points to the nearest street, somewhere between its two edges.

        Parameters
        ----------
        xy
            Coordinates, shape (n, 2).
        rng
            Source of chance.

        Returns
        -------
        xy
            Coordinates on street surfaces, shape (n, 2).
        """
        points = shapely.points(xy)
        line = self._tree.nearest(points)
        station = shapely.line_locate_point(self.lines[line], points)
        near = np.clip(station[:, None] + [-1.0, 1.0], 0.0, self.length_m[line][:, None])
        ends = shapely.line_interpolate_point(self.lines[line][:, None], near)
        back, ahead = (shapely.get_coordinates(ends[:, side]) for side in (0, 1))
        along = (ahead - back) / np.hypot(*(ahead - back).T)[:, None]
        aside = rng.uniform(-0.5, 0.5, len(xy)) * self.width_m[line]
        foot = shapely.line_interpolate_point(self.lines[line], station)
        across = np.column_stack([-along[:, 1], along[:, 0]])
        return np.asarray(shapely.get_coordinates(foot) + across * aside[:, None])
