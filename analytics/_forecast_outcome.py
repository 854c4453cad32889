"""What happened in the cells after a forecast, and what a choice of cells would have held of it."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analytics._forecast_input import Cells, Floats, read_cells
from analytics.reported_incidents import examine_reporting
from geo.errors import LayerError, ParameterError
from geo.shapes import examine_shapes

# Densities that differ by no more than this part are equal: a risk that was multiplied by areas
# and divided by them again differs by its rounding.
EQUAL: Final = 1e-12


@dataclass(frozen=True)
class Outcome:
    """What happened in the cells of a grid.

    Attributes
    ----------
    index
        Label of each cell.
    cells
        The cells, at least one.
    held
        Reported incidents in each; one on a border is shared among its cells.
    total
        Reported incidents in all, also outside the cells.
    """

    index: pd.Index
    cells: Cells
    held: Floats
    total: int

    def density(self, risk: object) -> Floats:
        """Return the risk per area in the order of the cells."""
        if not isinstance(risk, pd.Series) or not _same_labels(risk.index, self.index):
            raise ParameterError("Expected `risk` to be a Series on the index of the grid.")
        if not risk.index.equals(self.index):
            risk = risk.reindex(self.index)
        values = risk.to_numpy(dtype=np.float64)
        faulty = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        if len(faulty):
            raise ParameterError(
                f"Expected `risk` >= 0 and finite, got {values[faulty[0]]} at"
                f" {self.index[faulty[0]]} ({len(faulty)} such cells)."
            )
        return np.asarray(values / self.cells.area)

    def hits(self, density: Floats, shares: Floats) -> Floats:
        """Return how many incidents lie in the densest cells that fill each share of the area."""
        return captured(density, self.cells.area, self.held, shares)

    def best_hits(self, shares: Floats) -> Floats:
        """Return how many incidents the best choice of cells would have held."""
        return self.hits(self.held / self.cells.area, shares)

    def gain(self, density: Floats) -> float:
        """Return the log likelihood per incident above that of the same risk spread evenly."""
        hit = self.held > 0
        if not hit.any():
            return float("nan")
        mean = (density * self.cells.area).sum() / self.cells.area.sum()
        if mean == 0:
            return float("-inf")
        with np.errstate(divide="ignore"):
            gains = self.held[hit] * np.log(density[hit] / mean)
        return float(gains.sum() / self.held.sum())


def read_outcome(grid: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame) -> Outcome:
    """Return what happened in the cells of a grid.

    Parameters
    ----------
    grid
        Polygons that do not overlap, at least one.
    incidents
        Points in the CRS of the grid; where they say how they became known (`reporting`), only
        the reported ones count.

    Returns
    -------
    outcome
        Counts of the cells.

    Raises
    ------
    LayerError
        If a cell is no polygon or an incident no point; names every such row.
    ParameterError
        If there is no cell.
    """
    cells = read_cells(grid, incidents)
    if not len(cells):
        raise ParameterError("Expected at least one cell in `grid`, got none.")
    points, faults = examine_shapes(incidents, {"Point"}, source="later_incidents")
    reported, unfit = examine_reporting(incidents, source="later_incidents")
    if faults or unfit:
        raise LayerError([*faults, *unfit])
    points = points[reported]
    row, cell = cells.holding(shapely.get_coordinates(points.to_numpy()))
    holders = np.bincount(row, minlength=len(points))
    held = np.zeros(len(cells))
    held += np.bincount(cell, 1 / holders[row], minlength=len(cells))
    return Outcome(grid.index, cells, held, len(points))


def captured(density: Floats, area: Floats, held: Floats, shares: Floats) -> Floats:
    """Return what lies in the densest cells that fill each share of the area.

    Parameters
    ----------
    density
        What cells are chosen by, the highest first; of equal cells all are chosen in part.
    area
        Area of each cell, > 0.
    held
        What each cell holds.
    shares
        Parts of the whole area.

    Returns
    -------
    captured
        One sum for each share.
    """
    order = np.argsort(-density, kind="stable")
    falling = density[order]
    level = np.cumsum(np.append(0, falling[1:] < falling[:-1] * (1 - EQUAL)))
    areas = np.append(0.0, np.cumsum(np.bincount(level, area[order])))
    sums = np.append(0.0, np.cumsum(np.bincount(level, held[order])))
    return np.asarray(np.interp(shares * areas[-1], areas, sums))


def _same_labels(index: pd.Index, wanted: pd.Index) -> bool:
    """Tell whether an index holds the wanted labels, in their order where labels repeat."""
    if index.equals(wanted):
        return True
    return index.is_unique and len(index) == len(wanted) and bool(wanted.isin(index).all())
