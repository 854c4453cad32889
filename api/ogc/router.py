"""Routes of OGC API Features: the layers that may be served without an account, as GeoJSON."""

import datetime as dt
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from api.deps import StoreDep, WordsDep, ZoneDep
from api.ogc import documents
from api.ogc.queries import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    KnownParameters,
    bbox_parameter,
    datetime_parameter,
)
from api.store import PUBLIC_LAYERS, Box, LayerRecord, Store
from geo.errors import NotFoundError

router = APIRouter(prefix="/ogc", tags=["OGC API Features"])

_NONE = [Depends(KnownParameters())]
_PAGED = [
    Depends(KnownParameters("bbox", "datetime", "limit", "offset")),
    Depends(datetime_parameter),
]
_GEOJSON: dict[int | str, dict[str, object]] = {
    200: {"content": {documents.GEOJSON: {}}},
    304: {"description": "The client already has this version."},
}


@router.get("", dependencies=_NONE, summary="The service")
def _landing_page(request: Request, words: WordsDep) -> JSONResponse:
    """Describe the service."""
    return JSONResponse(documents.landing(_addresses(request), words))


@router.get("/conformance", dependencies=_NONE, summary="What the service conforms to")
def _conformance() -> JSONResponse:
    """List the conformance classes of the standard that the service keeps."""
    return JSONResponse({"conformsTo": documents.CONFORMS_TO})


@router.get("/collections", dependencies=_NONE, summary="The layers")
def _list_collections(
    request: Request, store: StoreDep, zone: ZoneDep, words: WordsDep
) -> JSONResponse:
    """List the layers."""
    stored = {record.name: record for record in store.layers(zone)}
    records = [stored[name] for name in PUBLIC_LAYERS if name in stored]
    return JSONResponse(documents.collections(_addresses(request), records, words))


@router.get("/collections/{collection}", dependencies=_NONE, summary="One layer")
def _describe_collection(
    collection: str, request: Request, store: StoreDep, zone: ZoneDep, words: WordsDep
) -> JSONResponse:
    """Describe one layer."""
    record = _public_layer(store, zone, collection)
    return JSONResponse(documents.collection(_addresses(request), record, words))


@router.get(
    "/collections/{collection}/items",
    dependencies=_PAGED,
    responses=_GEOJSON,
    summary="Features of one layer",
)
def _list_items(
    *,
    collection: str,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    bbox: Annotated[Box | None, Depends(bbox_parameter)],
    limit: Annotated[
        int,
        Query(
            ge=1,
            description=f"Features on a page; more than {MAX_LIMIT:,} is read as {MAX_LIMIT:,}.",
        ),
    ] = DEFAULT_LIMIT,
    offset: Annotated[int, Query(ge=0, lt=2**63, description="Features to skip.")] = 0,
) -> Response:
    """Read features of one layer, page by page, in the layer's own order."""
    record = _public_layer(store, zone, collection)
    if _is_known(request, record):
        return _unchanged(record)
    size = min(limit, MAX_LIMIT)
    page = store.items(zone, collection, bbox=bbox, limit=size, offset=offset)
    text = documents.items(
        _addresses(request),
        page,
        query={name: request.query_params.get(name) for name in ("bbox", "datetime")},
        limit=size,
        offset=offset,
        now=dt.datetime.now(dt.UTC),
    )
    return _geojson(text, page.layer)


@router.get(
    "/collections/{collection}/items/{feature_id}",
    dependencies=_NONE,
    responses=_GEOJSON,
    summary="One feature",
)
def _read_item(
    collection: str, feature_id: str, request: Request, store: StoreDep, zone: ZoneDep
) -> Response:
    """Read one feature."""
    _public_layer(store, zone, collection)
    record, feature, _ = store.item(zone, collection, feature_id)
    if _is_known(request, record):
        return _unchanged(record)
    address = quote(feature_id, safe="")
    return _geojson(documents.item(_addresses(request), record, address, feature), record)


def _public_layer(store: Store, zone: str, name: str) -> LayerRecord:
    if name not in PUBLIC_LAYERS:
        raise NotFoundError(f"Expected a layer of zone {zone!r}, got {name!r}.")
    return store.layer(zone, name)


def _addresses(request: Request) -> documents.Addresses:
    return documents.Addresses(str(request.base_url))


def _headers(record: LayerRecord) -> dict[str, str]:
    return {"ETag": f'W/"{record.version}"', "Cache-Control": "no-cache"}


def _is_known(request: Request, record: LayerRecord) -> bool:
    """Tell whether the client has this version, by the weak comparison of RFC 9110, 13.1.2."""
    given = request.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or f'"{record.version}"' in tags


def _unchanged(record: LayerRecord) -> Response:
    return Response(status_code=304, headers=_headers(record))


def _geojson(text: str, record: LayerRecord) -> Response:
    return Response(text, media_type=documents.GEOJSON, headers=_headers(record))
