"""Street sides: where houses, poles and lamps may stand along a street.

Street edges of one name and one width are joined into chains, so that a row of houses runs past
a junction on the other side of the street. Every chain has two frontages; a frontage measures
stations along the chain in metres and offsets to its own side of the centre line.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import LineString, STRtree

from geo.errors import ParameterError

# Full widths of carriageway in metres, used where a street edge states none.
DEFAULT_WIDTH_M = {
    "primary": 12.0,
    "secondary": 10.0,
    "tertiary": 8.0,
    "residential": 6.0,
    "unclassified": 6.0,
    "living_street": 5.0,
    "pedestrian": 5.0,
    "service": 4.0,
    "footway": 2.5,
}
FALLBACK_WIDTH_M = 6.0
# The direction of a street at a station is that of the chord this far to both sides.
CHORD_M = 3.0


@dataclass(frozen=True)
class Frontage:
    """One side of a chain of street edges; the side lies left of the line's direction.

    Attributes
    ----------
    line
        Centre line, directed so that this side lies to its left.
    name_th, name_en
        Names of the street; empty where it has none.
    street_class
        OSM highway value.
    width_m
        Full width of the street's surface.
    """

    line: LineString
    name_th: str
    name_en: str
    street_class: str
    width_m: float

    @property
    def is_soi(self) -> bool:
        """Whether the street is a lane rather than a road.

        Returns
        -------
        is_soi
            True for lanes.
        """
        return self.name_en.startswith("Soi ") or self.width_m < FALLBACK_WIDTH_M

    def directions(self, stations_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the unit direction of the street at stations.

        Parameters
        ----------
        stations_m
            Distances along the line in metres, shape (n,).

        Returns
        -------
        directions
            Unit vectors, shape (n, 2).
        """
        length = self.line.length
        reach = min(CHORD_M, length / 4)
        around = stations_m[:, None] + [-reach, 0.0, reach]
        points = shapely.line_interpolate_point(self.line, np.clip(around, 0.0, length))
        behind, here, ahead = shapely.get_coordinates(points).reshape(-1, 3, 2).transpose(1, 0, 2)
        # Where a street turns back on itself the chord vanishes; the way ahead does not.
        hairpin = np.hypot(*(ahead - behind).T) < reach / 100
        chord = ahead - np.where(hairpin[:, None], here, behind)
        return np.asarray(chord / np.hypot(*chord.T)[:, None])

    def normals(self, stations_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the unit vectors that point away from the street on this side.

        Parameters
        ----------
        stations_m
            Distances along the line in metres, shape (n,).

        Returns
        -------
        normals
            Unit vectors, shape (n, 2).
        """
        along = self.directions(stations_m)
        return np.column_stack([-along[:, 1], along[:, 0]])

    def at(
        self, stations_m: NDArray[np.float64], offset_m: float | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give the points at stations, moved away from the street's edge.

        Parameters
        ----------
        stations_m
            Distances along the line in metres, shape (n,).
        offset_m
            Distances from the edge of the street's surface in metres; negative lies on the
            surface.

        Returns
        -------
        xy
            Coordinates, shape (n, 2).
        """
        centre = shapely.get_coordinates(shapely.line_interpolate_point(self.line, stations_m))
        reach = np.broadcast_to(self.width_m / 2 + np.asarray(offset_m), stations_m.shape)
        return np.asarray(centre + self.normals(stations_m) * reach[:, None])


def width_m(streets: GeoDataFrame) -> NDArray[np.float64]:
    """Give every street edge a width, by its class where it states none.

    Parameters
    ----------
    streets
        Street edges with `street_class` and `width_m`.

    Returns
    -------
    widths
        Full widths in metres, in the order of the edges.
    """
    stated = streets["width_m"].to_numpy(dtype=float)
    by_class = np.array([DEFAULT_WIDTH_M.get(c, FALLBACK_WIDTH_M) for c in streets["street_class"]])
    return np.where(np.isnan(stated), by_class, stated)


def frontages(streets: GeoDataFrame) -> list[Frontage]:
    """List both sides of every chain of street edges.

    Parameters
    ----------
    streets
        Street edges with `name_th`, `name_en`, `street_class` and `width_m`.

    Returns
    -------
    sides
        The frontages, two after each other for each chain, in an order that follows names and
        coordinates and not the order of the edges.
    """
    groups: dict[tuple[str, str, str, float], list[str]] = {}
    thai = dict(zip(streets["name_en"], streets["name_th"], strict=True))
    classes = zip(streets.index, streets["name_en"], streets["street_class"], strict=True)
    for (edge, name_en, street_class), width in zip(classes, width_m(streets), strict=True):
        lone = "" if name_en else edge
        groups.setdefault((name_en, lone, street_class, float(width)), []).append(edge)
    sides: list[Frontage] = []
    for (name_en, _, street_class, width), edges in sorted(groups.items()):
        name_th = thai[name_en] if name_en else ""
        # OSM extracts hold an edge for each direction of travel: one line of the two.
        lines = sorted(set(shapely.normalize(streets.geometry[edges])), key=shapely.to_wkb)
        merged = shapely.line_merge(shapely.multilinestrings(lines))
        for chain in sorted(shapely.get_parts(merged), key=_end_points):
            sides.extend(
                Frontage(side, name_th, name_en, street_class, width)
                for side in (chain, chain.reverse())
            )
    return sides


def off_road(xy: NDArray[np.float64], streets: GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which points lie beside all streets rather than on the surface of one.

    Parameters
    ----------
    xy
        Coordinates, metric, shape (n, 2).
    streets
        Street edges, metric.

    Returns
    -------
    beside
        One truth value a point.
    """
    surfaces = STRtree(shapely.buffer(streets.geometry.to_numpy(), width_m(streets) / 2))
    free = np.ones(len(xy), dtype=bool)
    free[surfaces.query(shapely.points(xy), predicate="intersects")[0]] = False
    return free


def named(sides: Iterable[Frontage], name_en: str) -> list[Frontage]:
    """Choose the frontages of one street.

    Parameters
    ----------
    sides
        Frontages of all streets.
    name_en
        English name of the street.

    Returns
    -------
    sides
        Its frontages, two after each other for each chain.

    Raises
    ------
    ParameterError
        If no street has the name.
    """
    found = [side for side in sides if side.name_en == name_en]
    if not found:
        raise ParameterError(f"Expected a street named {name_en!r}, got none.")
    return found


def _end_points(line: LineString) -> list[tuple[float, ...]]:
    return [line.coords[0], line.coords[-1]]
