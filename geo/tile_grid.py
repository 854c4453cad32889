"""The grid of web map tiles: WebMercatorQuad of OGC 17-083r4, as every web map cuts the earth.

Zoom 0 is one square; each further zoom halves its sides. Rows run southwards from the north-west
corner. Metres here are those of EPSG:3857, which are true only on the equator.
"""

from math import pi
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from geo.errors import ParameterError

Floats = NDArray[np.float64]

GRID_NAME: Final = "WebMercatorQuad"
GRID_URI: Final = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
GRID_CRS: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
MAX_ZOOM: Final = 22
TILE_PX: Final = 256
EARTH_RADIUS_M: Final = 6_378_137.0
EDGE_M: Final = pi * EARTH_RADIUS_M
EDGE_LATITUDE_DEG: Final = 85.0511287798066
# Pixels of 0.28 mm, by which the standard turns the size of a pixel into a scale.
_PIXEL_M: Final = 0.00028


class TileAddress(NamedTuple):
    """One tile of the grid.

    Attributes
    ----------
    zoom
        Zoom, 0 to 22.
    row
        Row from the north, 0 to 2^zoom - 1.
    column
        Column from the west, 0 to 2^zoom - 1.
    """

    zoom: int
    row: int
    column: int

    @classmethod
    def checked(cls, zoom: int, row: int, column: int) -> Self:
        """Return a tile of the grid.

        Parameters
        ----------
        zoom
            Zoom.
        row
            Row.
        column
            Column.

        Returns
        -------
        address
            The tile.

        Raises
        ------
        ParameterError
            There is no such tile; names every number that is out of its range.

        Examples
        --------
        >>> TileAddress.checked(1, 0, 1).bounds_m()
        (0.0, 0.0, 20037508.342789244, 20037508.342789244)
        """
        if not 0 <= zoom <= MAX_ZOOM:
            raise ParameterError(f"Expected a zoom from 0 to {MAX_ZOOM}, got {zoom}.")
        last = 2**zoom - 1
        wrong = [
            f"Expected `{name}` from 0 to {last} at zoom {zoom}, got {number}."
            for name, number in (("row", row), ("column", column))
            if not 0 <= number <= last
        ]
        if wrong:
            raise ParameterError(" ".join(wrong))
        return cls(zoom, row, column)

    def bounds_m(self) -> tuple[float, float, float, float]:
        """Return where the tile lies.

        Returns
        -------
        bounds
            West, south, east and north in EPSG:3857.
        """
        side = side_m(self.zoom)
        west, east = (column * side - EDGE_M for column in (self.column, self.column + 1))
        north, south = (EDGE_M - row * side for row in (self.row, self.row + 1))
        return west, south, east, north


def side_m(zoom: int) -> float:
    """Return the side of a tile.

    Parameters
    ----------
    zoom
        Zoom.

    Returns
    -------
    side_m
        Metres of EPSG:3857.
    """
    return 2.0 * EDGE_M / 2.0**zoom


def to_mercator(degrees: Floats) -> Floats:
    """Project longitudes and latitudes.

    Parameters
    ----------
    degrees
        Longitude and latitude, shape (n, 2); latitudes past the edge of the map count as on it.

    Returns
    -------
    xy
        Metres of EPSG:3857, shape (n, 2).

    Examples
    --------
    >>> to_mercator(np.array([[180.0, 0.0]])).round().tolist()
    [[20037508.0, 0.0]]
    """
    longitude, latitude = np.asarray(degrees, dtype=np.float64).T
    latitude = np.clip(latitude, -EDGE_LATITUDE_DEG, EDGE_LATITUDE_DEG)
    # asinh(tan) is exact on the equator, where log(tan(pi / 4 + ...)) is not.
    north = np.arcsinh(np.tan(np.radians(latitude)))
    return EARTH_RADIUS_M * np.column_stack([np.radians(longitude), north])


def tile_at(longitude: float, latitude: float, zoom: int) -> TileAddress:
    """Find the tile that holds a place.

    Parameters
    ----------
    longitude
        Longitude in degrees.
    latitude
        Latitude in degrees.
    zoom
        Zoom.

    Returns
    -------
    address
        The tile.

    Examples
    --------
    >>> tile_at(98.388, 7.884, 16)
    TileAddress(zoom=16, row=31328, column=50678)
    """
    x, y = to_mercator(np.array([[longitude, latitude]]))[0]
    last = 2**zoom - 1
    column, row = (int((given + EDGE_M) // side_m(zoom)) for given in (x, -y))
    return TileAddress(zoom, min(max(row, 0), last), min(max(column, 0), last))


def grid_document() -> dict[str, object]:
    """Describe the grid.

    Returns
    -------
    document
        A tile matrix set as OGC 17-083r4 writes it.
    """
    return {
        "id": GRID_NAME,
        "title": "Google Maps Compatible for the World",
        "uri": GRID_URI,
        "crs": GRID_CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)],
    }


def _matrix(zoom: int) -> dict[str, object]:
    cell = side_m(zoom) / TILE_PX
    return {
        "id": str(zoom),
        "scaleDenominator": cell / _PIXEL_M,
        "cellSize": cell,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-EDGE_M, EDGE_M],
        "tileWidth": TILE_PX,
        "tileHeight": TILE_PX,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }
