"""The JSON documents of OGC API Tiles (OGC 20-057) and of TileJSON 3.0.0."""

from collections.abc import Sequence
from typing import Final

from api.ogc.documents import Addresses, Document
from api.store import LayerRecord
from api.words import Words
from geo.tile_grid import GRID_CRS, GRID_NAME, GRID_URI, MAX_ZOOM

MVT: Final = "application/vnd.mapbox-vector-tile"
_JSON: Final = "application/json"
_CONFORMANCE: Final = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
_RELATION: Final = "http://www.opengis.net/def/rel/ogc/1.0"
CONFORMS_TO: Final = tuple(
    f"{_CONFORMANCE}/{name}"
    for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt")
)
_CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LEAST_ZOOM: Final = 8


def grids(at: Addresses) -> Document:
    """List the grids that tiles are cut by.

    Parameters
    ----------
    at
        Addresses of the resources.

    Returns
    -------
    document
        The list.
    """
    href = at.of("tileMatrixSets", GRID_NAME)
    links = [{"rel": "self", "href": href, "type": _JSON}]
    return {"tileMatrixSets": [{"id": GRID_NAME, "uri": GRID_URI, "links": links}]}


def tilesets(at: Addresses, record: LayerRecord, words: Words) -> Document:
    """List the tile sets of a layer.

    Parameters
    ----------
    at
        Addresses of the resources.
    record
        The layer.
    words
        The dictionary.

    Returns
    -------
    document
        The list.
    """
    here = at.of("collections", record.name, "tiles")
    return {
        "links": [{"rel": "self", "href": here, "type": _JSON}],
        "tilesets": [
            {name: told for name, told in tileset(at, record, words).items() if name != "layers"}
        ],
    }


def tileset(at: Addresses, record: LayerRecord, words: Words) -> Document:
    """Describe the tiles of a layer.

    Parameters
    ----------
    at
        Addresses of the resources.
    record
        The layer.
    words
        The dictionary.

    Returns
    -------
    document
        The metadata of the tile set.
    """
    here = at.of("collections", record.name, "tiles", GRID_NAME)
    document: Document = {
        "title": _title(record, words),
        "dataType": "vector",
        "crs": GRID_CRS,
        "tileMatrixSetURI": GRID_URI,
        "links": [
            {"rel": "self", "href": here, "type": _JSON},
            {
                "rel": "item",
                "href": f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
                "type": MVT,
                "templated": True,
            },
            {
                "rel": f"{_RELATION}/tiling-scheme",
                "href": at.of("tileMatrixSets", GRID_NAME),
                "type": _JSON,
            },
            {"rel": "describedby", "href": f"{here}/tilejson.json", "type": _JSON},
        ],
        "layers": [{"id": record.name, "dataType": "vector"}],
    }
    if record.bounds is not None:
        west, south, east, north = record.bounds
        document["boundingBox"] = {
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": _CRS84,
        }
    return document


def tilejson(at: Addresses, record: LayerRecord, fields: Sequence[str], words: Words) -> Document:
    """Describe the tiles of a layer as maps read it.

    Parameters
    ----------
    at
        Addresses of the resources.
    record
        The layer.
    fields
        Names of the properties in the tiles.
    words
        The dictionary.

    Returns
    -------
    document
        TileJSON.
    """
    here = at.of("collections", record.name, "tiles", GRID_NAME)
    document: Document = {
        "tilejson": "3.0.0",
        "name": _title(record, words),
        "tiles": [f"{here}/{{z}}/{{y}}/{{x}}"],
        "minzoom": LEAST_ZOOM,
        "maxzoom": MAX_ZOOM,
        "attribution": words.text("notice.attribution", "en"),
        "vector_layers": [{"id": record.name, "fields": dict.fromkeys(fields, "")}],
    }
    if record.bounds is not None:
        document["bounds"] = list(record.bounds)
    return document


def _title(record: LayerRecord, words: Words) -> str:
    key = f"layer.{record.name}"
    return f"{words.text(key, 'en')} · {words.text(key, 'th')}"
