"""Layers as Mapbox vector tiles: cut, simplified and written for one tile at a time.

Mapbox Vector Tile Specification 2.1. A layer is prepared once (projected, indexed, its properties
written), and each tile then costs what lies in it. mapbox-vector-tile and PostGIS' ST_AsMVT, beside
which the tests and `python -m tests.geo.tile_figures` set it, project and write anew for each tile.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryCollection
from shapely.geometry.base import BaseGeometry

from geo._tile_bytes import LINE, POINT, POLYGON, commands, field, value, varint
from geo._tile_drawing import LEFT_OVER, Frame, Outlines, draw
from geo._tile_message import Drawn, Told, layer_message
from geo.tile_grid import TileAddress, to_mercator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

EXTENT: Final = 4096
BUFFER: Final = 64
"""How far a tile reaches over its edge, in units of which it is `EXTENT` wide."""
# A vertex is left out where the line stays within so many units without it: a quarter of a pixel
# of a tile drawn 256 pixels wide.
_TOLERANCE: Final = 4.0
_KINDS: Final = {0: POINT, 1: LINE, 2: POLYGON}
_VERSION: Final = 2
_FOOT: Final = bytes([5 << 3]) + varint(EXTENT)
_AREA: Final = 2


@dataclass(frozen=True, eq=False)
class TiledLayer:
    """A layer made ready for tiles.

    Attributes
    ----------
    name
        Name of the layer.
    shapes
        Geometries in EPSG:3857, of features that have one.
    number
        Number of each feature in its layer, from 1, which is its id in a tile.
    keys
        Names of the properties.
    """

    name: str
    shapes: Shapes
    number: Ints
    keys: tuple[str, ...]
    _told: Told
    _outlines: Outlines
    _tree: shapely.STRtree
    _bounds: Floats

    @classmethod
    def of(
        cls,
        name: str,
        shapes: Shapes,
        properties: Sequence[Mapping[str, object]],
    ) -> Self:
        """Make a layer ready.

        Parameters
        ----------
        name
            Name of the layer.
        shapes
            Geometries in longitude and latitude; a feature without one is in no tile.
        properties
            Properties of each feature. What is missing is left out, and what is neither text,
            flag nor number is written as JSON: tiles know nothing else.

        Returns
        -------
        layer
            The layer.
        """
        rows, found = _projected(shapes)
        written = [
            {key: value for key, given in told.items() if (value := _written(given)) is not None}
            for told in properties
        ]
        return cls(
            name=name,
            shapes=found,
            number=rows + 1,
            keys=tuple(dict.fromkeys(key for told in written for key in told)),
            _told=Told.of(written),
            _outlines=Outlines.of(found),
            _tree=shapely.STRtree(found),
            _bounds=shapely.bounds(found),
        )

    @classmethod
    def from_features(cls, name: str, features: Iterable[Mapping[str, Any]]) -> Self:
        """Make a layer ready from GeoJSON Features.

        Parameters
        ----------
        name
            Name of the layer.
        features
            Features as GeoJSON knows them, in longitude and latitude.

        Returns
        -------
        layer
            The layer; the id of each feature, which a tile knows as a number only, is a property
            `id` as well.
        """
        shapes, properties = [], []
        for feature in features:
            geometry, told = feature["geometry"], feature["properties"]
            shapes.append(shapely.geometry.shape(geometry) if geometry else None)
            known = dict(told) if isinstance(told, Mapping) else {}
            properties.append({"id": feature.get("id")} | known)
        return cls.of(name, np.array([*shapes, None], dtype=object)[:-1], properties)

    @property
    def byte_size(self) -> int:
        """About how much memory the layer takes.

        Returns
        -------
        bytes
            Coordinates, values and tags.
        """
        coordinates = int(shapely.get_num_coordinates(self.shapes).sum())
        return (
            16 * coordinates
            + 200 * len(self.shapes)
            + self._outlines.xy.nbytes
            + self._told.values.written.nbytes
            + self._told.tags.nbytes
        )

    def tile(self, address: TileAddress) -> bytes:
        """Write the layer's part of a tile.

        Parameters
        ----------
        address
            The tile.

        Returns
        -------
        tile
            A whole vector tile with this one layer; empty where nothing lies in it.
        """
        west, south, east, north = address.bounds_m()
        unit = (east - west) / EXTENT
        reach = BUFFER * unit
        edges = (west - reach, south - reach, east + reach, north + reach)
        rows = np.sort(self._tree.query(shapely.box(*edges)))
        bounds = self._bounds[rows]
        over = np.any((bounds[:, :2] < edges[:2]) | (bounds[:, 2:] > edges[2:]), axis=1)
        frame = Frame(west, north, unit, float(-BUFFER), float(EXTENT + BUFFER), _TOLERANCE)
        written, sizes = draw(self._outlines, rows, over, frame)
        kinds = self._outlines.kinds[rows]
        starts = np.cumsum(np.maximum(sizes, 0)) - sizes
        left = np.flatnonzero(sizes == LEFT_OVER)
        if len(left):
            others, kinds[left] = _drawn(self.shapes[rows[left]], over[left], edges, frame)
            sizes[left] = [len(one) for one in others]
            starts[left] = len(written) + np.cumsum(sizes[left]) - sizes[left]
            written = np.concatenate([written, np.frombuffer(b"".join(others), dtype=np.uint8)])
        kept = sizes > 0
        if not kept.any():
            return b""
        drawn = Drawn(self.number[rows[kept]], kinds[kept], written, starts[kept], sizes[kept])
        head = bytes([15 << 3, _VERSION]) + field(1, self.name.encode())
        return layer_message(_whole(head), drawn, self._told, _whole(_FOOT)).tobytes()


def _drawn(
    shapes: Shapes, over: NDArray[np.bool_], edges: tuple[float, ...], frame: Frame
) -> tuple[list[bytes], NDArray[np.int8]]:
    """Draw shapes of any kind on a tile; return their bytes and their types."""
    cut = shapes.copy()
    cut[over] = shapely.clip_by_rect(cut[over], *edges)
    # What only touches the edge is a shape of a lower dimension there.
    same = np.flatnonzero(shapely.get_dimensions(cut) == shapely.get_dimensions(shapes))
    kept, drawn = _on_grid(cut[same], west=frame.west, north=frame.north, unit=frame.unit)
    dimensions = shapely.get_dimensions(shapes)
    written = np.full(len(shapes), b"", dtype=object)
    for dimension, kind in _KINDS.items():
        here = np.flatnonzero(dimensions[same[kept]] == dimension)
        if len(here):
            several = commands(drawn[here], kind)
            written[same[kept[here]]] = np.array([*several, None], dtype=object)[:-1]
    return written.tolist(), (dimensions + 1).astype(np.int8)


def _whole(written: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(written, dtype=np.uint8)


def _projected(shapes: Shapes) -> tuple[Ints, Shapes]:
    """Return what there is to draw in EPSG:3857, and the row of each; collections fall apart."""
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    found = shapely.force_2d(shapes[rows])
    mixed = shapely.get_type_id(found) == shapely.GeometryType.GEOMETRYCOLLECTION
    if mixed.any():
        pieces = [
            (row, part)
            for row, shape in zip(rows, found, strict=True)
            for part in (_leaves(shape) if isinstance(shape, GeometryCollection) else [shape])
        ]
        rows = np.array([row for row, _ in pieces], dtype=np.int64)
        found = np.array([*(part for _, part in pieces), None], dtype=object)[:-1]
    return rows, np.asarray(shapely.transform(found, to_mercator), dtype=object)


def _leaves(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of a collection that are none themselves."""
    if not isinstance(shape, GeometryCollection):
        return [] if shape.is_empty else [shape]
    return [leaf for part in shape.geoms for leaf in _leaves(part)]


def _on_grid(shapes: Shapes, *, west: float, north: float, unit: float) -> tuple[Ints, Shapes]:
    """Simplify shapes and put them on a tile's whole coordinates; polygons stay valid."""

    def on_tile(xy: Floats) -> Floats:
        return (xy - (west, north)) / (unit, -unit)

    def on_whole(xy: Floats) -> Floats:
        return np.floor(on_tile(xy) + 0.5)

    drawn = shapely.simplify(shapes, _TOLERANCE * unit, preserve_topology=False)
    drawn = shapely.transform(drawn, on_whole)
    # Simplified and rounded, an area may fold over itself or vanish though it is some units wide.
    poor = _poor_areas(shapes, drawn)
    drawn[poor] = shapely.transform(shapes[poor], on_whole)
    poor = poor[_poor_areas(shapes[poor], drawn[poor])]
    exact = shapely.make_valid(shapely.transform(shapes[poor], on_tile))
    drawn[poor] = shapely.set_precision(exact, 1.0)
    kept = np.flatnonzero(shapely.get_dimensions(drawn) == shapely.get_dimensions(shapes))
    return kept, drawn[kept]


def _poor_areas(shapes: Shapes, drawn: Shapes) -> Ints:
    """Tell which areas are drawn as nothing, or as what is no area."""
    poor = ~shapely.is_valid(drawn) | shapely.is_empty(drawn)
    return np.flatnonzero(poor & (shapely.get_dimensions(shapes) == _AREA))


def _written(given: object) -> bytes | None:
    """Write the value of a property as a layer holds it; none where it is missing."""
    match given:
        case None:
            return None
        case float() if not math.isfinite(given):
            return None
        case str() | bool() | int() | float():
            return field(4, value(given))
        case _:
            text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
            return field(4, value(text))
