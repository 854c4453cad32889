"""Routes of OGC API Tiles: each collection somebody may read, as Mapbox vector tiles.

A tile is made of what the items of the collection are made of, so that nobody sees in a tile what
they do not see there.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import JSONResponse, Response

from api.deps import AuditDep, PrincipalDep, StoreDep, WordsDep, ZoneDep
from api.etags import is_known
from api.ogc import tile_documents as documents
from api.ogc.described import PROBLEM, Answers, Collection, problems
from api.ogc.documents import Addresses
from api.ogc.queries import KnownParameters
from api.ogc.sights import Sight, sight_of
from api.store import LayerRecord, Store, View
from api.tile_shelf import TileShelf
from geo.errors import NotFoundError, ParameterError, SourceError
from geo.tile_grid import GRID_NAME, MAX_ZOOM, TileAddress, grid_document
from geo.vector_tiles import TiledLayer

_NONE = [Depends(KnownParameters())]
_TILES = f"/collections/{{collection}}/tiles/{GRID_NAME}"
_EVERYTHING = 2**31
_MOST_LOOKS = 5

router = APIRouter(
    prefix="/ogc",
    tags=["OGC API Tiles"],
    dependencies=_NONE,
    responses=problems(400, 404, 503),
)

_TILE_ANSWERS: Answers = {
    200: {"content": {documents.MVT: {}}, "description": "The tile."},
    204: {"description": "Nothing lies in this tile."},
    304: {"description": "The client already has this version."},
    422: {"description": "No tile has such a number.", "content": {PROBLEM: {}}},
}
Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM, description="Zoom.")]
Line = Annotated[int, Path(ge=0, lt=2**MAX_ZOOM, description="Below 2^zoom.")]


@router.get("/tileMatrixSets", summary="The grids that tiles are cut by")
def _list_grids(request: Request) -> JSONResponse:
    """List the grids."""
    return JSONResponse(documents.grids(_addresses(request)))


@router.get(f"/tileMatrixSets/{GRID_NAME}", summary="The grid of web maps")
def _describe_grid() -> JSONResponse:
    """Describe the grid."""
    return JSONResponse(grid_document())


@router.get("/collections/{collection}/tiles", summary="Tile sets of one layer")
def _list_tilesets(
    *,
    collection: Collection,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    principal: PrincipalDep,
    words: WordsDep,
) -> JSONResponse:
    """List the tile sets of a layer."""
    sight_of(principal, collection, zone=zone)
    record = store.layer(zone, collection)
    return JSONResponse(documents.tilesets(_addresses(request), record, words))


@router.get(_TILES, summary="One tile set")
def _describe_tileset(
    *,
    collection: Collection,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    principal: PrincipalDep,
    words: WordsDep,
) -> JSONResponse:
    """Describe the tiles of a layer."""
    sight_of(principal, collection, zone=zone)
    record = store.layer(zone, collection)
    return JSONResponse(documents.tileset(_addresses(request), record, words))


@router.get(f"{_TILES}/tilejson.json", summary="One tile set as TileJSON")
def _describe_for_maps(
    *,
    collection: Collection,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    principal: PrincipalDep,
    words: WordsDep,
    audit: AuditDep,
) -> JSONResponse:
    """Describe the tiles of a layer as maps read it."""
    sight = sight_of(principal, collection, zone=zone)
    if sight.is_restricted:
        audit("read", collection, format="tiles")
    shelf = _shelf(request)
    for record in _versions(store, zone, collection):
        with suppress(_ChangedError):
            layer = shelf.layer(seen_of(sight, record), partial(_prepared, store, sight, record))
            break
    return JSONResponse(documents.tilejson(_addresses(request), record, layer.keys, words))


@router.get(
    f"{_TILES}/{{zoom}}/{{row}}/{{column}}",
    responses=_TILE_ANSWERS,
    response_class=Response,
    summary="One tile",
)
def _read_tile(
    *,
    collection: Collection,
    zoom: Zoom,
    row: Line,
    column: Line,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    principal: PrincipalDep,
    audit: AuditDep,
) -> Response:
    """Read one tile of a layer."""
    sight = sight_of(principal, collection, zone=zone)
    try:
        address = TileAddress.checked(zoom, row, column)
    except ParameterError as error:
        raise NotFoundError(str(error)) from error
    if sight.is_restricted:
        audit("read", collection, format="tile")
    for record in _versions(store, zone, collection):
        headers = headers_of_tile(f'W/"{sight.version(record)}"', view=sight.view)
        if is_known(headers["ETag"], request.headers.get("If-None-Match", "")):
            return Response(status_code=304, headers=headers)
        with suppress(_ChangedError):
            prepare = partial(_prepared, store, sight, record)
            tile = _shelf(request).tile(seen_of(sight, record), address, prepare)
            break
    if not tile:
        return Response(status_code=204, headers=headers)
    return Response(tile, media_type=documents.MVT, headers=headers)


class _ChangedError(Exception):
    """The layer changed between two looks at it."""


def _versions(store: Store, zone: str, collection: str) -> Iterator[LayerRecord]:
    """Give what is known of a layer, and again for as long as it changes meanwhile."""
    for _ in range(_MOST_LOOKS):
        yield store.layer(zone, collection)
    raise SourceError(f"Expected layer {collection!r} to rest for a moment, got change on change.")


def _prepared(store: Store, sight: Sight, record: LayerRecord) -> TiledLayer:
    """Make a layer ready as somebody sees it, in the version that is meant and no other."""
    page = store.items(record.zone, sight.collection, view=sight.view, limit=_EVERYTHING)
    if page.layer.version != record.version:
        raise _ChangedError
    shown = (sight.shown(json.loads(feature)) for feature in page.features)
    return TiledLayer.from_features(sight.collection, (one for one in shown if one is not None))


def seen_of(sight: Sight, record: LayerRecord) -> tuple[str, ...]:
    """Return what is seen of a layer in its version, as the shelf of tiles knows it.

    Parameters
    ----------
    sight
        What somebody sees of it.
    record
        The layer.

    Returns
    -------
    seen
        Differs where what is seen differs.
    """
    return (record.zone, sight.collection, sight.view, sight.version(record))


def headers_of_tile(tag: str, *, view: View) -> dict[str, str]:
    """Return the headers that let a tile be kept by those who may.

    Parameters
    ----------
    tag
        The entity tag, with its quotes.
    view
        What is seen of the layer.

    Returns
    -------
    headers
        Tag and rules for caches.
    """
    audience = "" if view == "public" else "private, "
    return {
        "ETag": tag,
        "Cache-Control": f"{audience}no-cache",
        "Vary": "Authorization, Cookie, Accept-Encoding",
    }


def _shelf(request: Request) -> TileShelf:
    shelf: TileShelf = request.app.state.tiles
    return shelf


def _addresses(request: Request) -> Addresses:
    return Addresses(str(request.base_url))
