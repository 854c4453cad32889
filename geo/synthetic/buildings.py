"""Shophouse rows with five-foot ways and yards, and detached buildings elsewhere.

Neighbours in a row share their party wall with identical coordinates, and wherever one house or
yard ends on the wall of a deeper neighbour, that wall has a vertex there: rounding coordinates
to a file's precision cannot make two houses overlap. The ground floor is set back behind a
covered way of two metres (the five-foot way, open ground); behind the house lies a yard.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import Polygon

from geo.synthetic.frontage import Frontage, frontages
from geo.synthetic.lots import Lot, detached_lots, shophouse_lots
from geo.synthetic.obstacles import Obstacles

# Streets of the historic core, most important first: their rows take the corners.
HISTORIC_STREETS = (
    "Thalang Road",
    "Soi Romanee",
    "Dibuk Road",
    "Phang Nga Road",
    "Krabi Road",
    "Yaowarat Road",
    "Rasada Road",
    "Ranong Road",
    "Phuket Road",
    "Satun Road",
    "Takua Pa Road",
)

# How much a bend may change the width of a lot at its front and at its rear.
FRONT_CHANGE = (0.9, 1.1)
REAR_CHANGE = (0.6, 1.5)


def build_up(
    streets: GeoDataFrame, boundary: Polygon, places: GeoDataFrame, *, rng: np.random.Generator
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Build houses along all streets.

    Parameters
    ----------
    streets
        Street edges, metric.
    boundary
        Area to be built up, metric.
    places
        Points that stay free, metric.
    rng
        Source of chance.

    Returns
    -------
    layers
        The layers buildings and grounds.
    """
    obstacles = Obstacles(streets, boundary, places)
    rank = {name: number for number, name in enumerate(HISTORIC_STREETS)}
    sides = sorted(frontages(streets), key=lambda side: rank.get(side.name_en, len(rank)))
    lots: list[Lot] = []
    shapes: list[NDArray[np.object_]] = [np.empty((0, 3), dtype=object)]
    for side in sides:
        divide = shophouse_lots if side.name_en in rank else detached_lots
        standing = _standing(side, divide(side, obstacles, rng=rng), obstacles)
        lots.extend(standing)
        shapes.append(_shapes(side, standing))
    return _frames(lots, np.concatenate(shapes), streets)


def _standing(side: Frontage, lots: list[Lot], obstacles: Obstacles) -> list[Lot]:
    """Keep the lots that are clear of everything, and let them stand."""
    if not lots:
        return []
    starts, ends, front, rear = np.array(
        [(lot.start_m, lot.end_m, lot.front_m, lot.rear_m) for lot in lots]
    ).T
    around = ((starts, front), (ends, front), (ends, rear), (starts, rear))
    corners = np.stack([side.at(cuts, offsets) for cuts, offsets in around], axis=1)
    shapes = np.asarray(shapely.polygons(corners), dtype=object)
    clear = obstacles.clear(shapes) & _upright(corners, ends - starts)
    obstacles.add(shapes[clear])
    return [lot for lot, stands in zip(lots, clear, strict=True) if stands]


def _upright(corners: NDArray[np.float64], widths: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which lots a bend of the street neither pinches nor splays too much."""
    front, rear = (
        np.hypot(*(corners[:, first] - corners[:, second]).T) / widths
        for first, second in ((0, 1), (3, 2))
    )
    low, high = FRONT_CHANGE
    least, most = REAR_CHANGE
    return np.asarray((front >= low) & (front <= high) & (rear >= least) & (rear <= most))


def _shapes(side: Frontage, lots: list[Lot]) -> NDArray[np.object_]:
    """Draw five-foot way, house and yard of every lot, one row a lot, None where there is none."""
    marks: dict[float, set[float]] = {}
    for lot in lots:
        for cut in (lot.start_m, lot.end_m):
            marks.setdefault(cut, set()).update(lot.offsets_m)
    keys = [(cut, offset) for cut in marks for offset in marks[cut]]
    drawn = np.empty((len(lots), 3), dtype=object)
    if not keys:
        return drawn
    points = dict(zip(keys, side.at(*np.array(keys).T), strict=True))

    def wall(cut: float, front: float, back: float) -> list[NDArray[np.float64]]:
        return [points[cut, offset] for offset in sorted(marks[cut]) if front <= offset <= back]

    for row, lot in enumerate(lots):
        for column, (front, back) in enumerate(zip(lot.offsets_m, lot.offsets_m[1:], strict=False)):
            if front < back:
                # Inward along one wall and out along the other: counter-clockwise.
                inward, outward = wall(lot.end_m, front, back), wall(lot.start_m, front, back)
                drawn[row, column] = Polygon([*inward, *reversed(outward)])
    return drawn


def _frames(
    lots: list[Lot], shapes: NDArray[np.object_], streets: GeoDataFrame
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Lay the drawn lots out as the layers buildings and grounds."""
    numbers = [f"{number:04d}" for number in range(1, len(lots) + 1)]
    buildings = gpd.GeoDataFrame(
        {
            "kind": [lot.kind for lot in lots],
            "height_m": [lot.height_m for lot in lots],
            "synthetic": True,
        },
        geometry=shapes[:, 1],
        index=pd.Index([f"b-{number}" for number in numbers], name="id", dtype=str),
        crs=streets.crs,
    )
    grounds = [
        (f"{prefix}-{number}", kind, f"b-{number}", shape)
        for kind, prefix, column in (("five_foot_way", "w", 0), ("yard", "y", 2))
        for number, shape in zip(numbers, shapes[:, column], strict=True)
        if shape is not None
    ]
    frame = pd.DataFrame(grounds, columns=["id", "kind", "building", "geometry"]).set_index("id")
    frame.insert(2, "synthetic", value=True)
    return buildings, gpd.GeoDataFrame(frame, geometry="geometry", crs=streets.crs)
