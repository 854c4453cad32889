"""Routes of OGC API Features: what the asker may read of the layers, as GeoJSON and as pages."""

import datetime as dt
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from starlette.responses import FileResponse, Response

from api.ogc import documents
from api.ogc.answers import answer, headers_of
from api.ogc.asked import Asked, AskedDep
from api.ogc.crs import CRS84, placed
from api.ogc.described import ITEM, ITEMS, PLAIN, Collection, found
from api.ogc.marks import page_tag
from api.ogc.pages import Pages
from api.ogc.queries import (
    REPRESENTATION,
    ItemsQuery,
    KnownParameters,
    read_item_query,
    read_items_query,
)
from api.ogc.sights import Sight, told_of
from api.ogc.snapshots import read_page
from api.own_paths import sign_in_path
from api.rights import READERS, may, may_read
from api.store import PUBLIC_LAYERS, Page
from api.web_pages import Link
from geo.errors import NotFoundError, ParameterError

router = APIRouter(prefix="/ogc", tags=["OGC API Features"])

_FORM = [Depends(KnownParameters(*REPRESENTATION))]
_FOLDER = Path(__file__).parent
_FILES = {file.name: file for file in _FOLDER.iterdir() if file.suffix in {".css", ".js"}}
_ORDER = (*PUBLIC_LAYERS, *(name for name in READERS if name not in PUBLIC_LAYERS))


@router.get(
    "",
    dependencies=_FORM,
    openapi_extra=PLAIN,
    responses=found(documents.JSON),
    response_class=Response,
    summary="The service",
)
def _landing_page(asked: AskedDep) -> Response:
    """Describe the service."""
    if asked.form.kind == "html":
        pages = asked.pages()
        return asked.page(pages.landing(_also(asked, pages)))
    return asked.document(
        documents.landing(asked.at, asked.words, asked.request.app.state.ogc_links, demo=asked.demo)
    )


@router.get(
    "/conformance",
    dependencies=_FORM,
    openapi_extra=PLAIN,
    responses=found(documents.JSON),
    response_class=Response,
    summary="What the service conforms to",
)
def _conformance(asked: AskedDep) -> Response:
    """List the conformance classes of the standards that the service keeps."""
    classes = list(asked.request.app.state.conformance)
    if asked.form.kind == "html":
        return asked.page(asked.pages().conformance(classes))
    return asked.document({"conformsTo": classes})


@router.get("/files/{name}", include_in_schema=False)
def _file(name: str) -> FileResponse:
    """Serve a script or style sheet of the pages; only what was found at start is served."""
    if name not in _FILES:
        raise NotFoundError(f"Expected a file of the pages, got {name!r}.")
    return FileResponse(_FILES[name], headers={"Cache-Control": "no-cache"})


@router.get(
    "/collections",
    dependencies=_FORM,
    openapi_extra=PLAIN,
    responses=found(documents.JSON),
    response_class=Response,
    summary="The layers",
)
def _list_collections(asked: AskedDep) -> Response:
    """List the layers that the asker may read."""
    stored = {record.name: record for record in asked.store.layers(asked.zone)}
    names = [name for name in _ORDER if name in stored and may_read(asked.principal, name)]
    if asked.form.kind == "html":
        return asked.page(asked.pages().collections([stored[name] for name in names]))
    seen = [(told_of(asked.principal, stored[name]), asked.sight(name)) for name in names]
    return asked.document(documents.collections(asked.at, seen, asked.words, systems=asked.systems))


@router.get(
    "/collections/{collection}",
    dependencies=_FORM,
    openapi_extra=PLAIN,
    responses=found(documents.JSON),
    response_class=Response,
    summary="One layer",
)
def _describe_collection(collection: Collection, asked: AskedDep) -> Response:
    """Describe one layer."""
    sight = asked.sight(collection)
    record = told_of(asked.principal, asked.store.layer(asked.zone, collection))
    if asked.form.kind == "html":
        return asked.page(asked.pages().collection(record, asked.systems))
    return asked.document(
        documents.collection(asked.at, record, asked.words, sight=sight, systems=asked.systems)
    )


@router.get(
    "/collections/{collection}/queryables",
    dependencies=_FORM,
    openapi_extra=PLAIN,
    responses=found(documents.SCHEMA),
    response_class=Response,
    summary="What a filter may ask for",
)
def _list_queryables(collection: Collection, asked: AskedDep) -> Response:
    """Describe the properties of one layer that a filter may ask for."""
    sight = asked.sight(collection)
    asked.tell_audit(sight)
    snapshot = asked.snapshots.of(asked.zone, sight)
    if asked.form.kind == "html":
        return asked.page(asked.pages().queryables(collection, snapshot.queryables))
    told = documents.queryables(asked.at, snapshot.layer, snapshot.queryables, asked.words)
    return asked.document(told, documents.SCHEMA)


@router.get(
    "/collections/{collection}/items",
    openapi_extra=ITEMS,
    responses=found(documents.GEOJSON),
    response_class=Response,
    summary="Features of one layer",
)
def _list_items(collection: Collection, asked: AskedDep) -> Response:
    """Read features of one layer, page by page, in the layer's own order."""
    sight = asked.sight(collection)
    query = read_items_query(asked.request.query_params.multi_items(), systems=asked.systems)
    asked.tell_audit(sight)
    page = _read(asked, sight, query)
    tag = page_tag(page.layer, sight.version(page.layer), asked.form.mark)
    headers = headers_of(tag, asked.principal) | {"Content-Crs": f"<{query.crs}>"}
    if asked.form.kind == "html":
        text = asked.pages().items(page, query)
        return answer(asked.request, text, documents.HTML, headers=headers)
    features = page.features if query.crs == CRS84 else placed(page.features, query.crs)
    text = documents.items(asked.at, page, features, query, now=dt.datetime.now(dt.UTC))
    return answer(asked.request, text, documents.GEOJSON, headers=headers)


@router.get(
    "/collections/{collection}/items/{feature_id}",
    openapi_extra=ITEM,
    responses=found(documents.GEOJSON),
    response_class=Response,
    summary="One feature",
)
def _read_item(collection: Collection, feature_id: str, asked: AskedDep) -> Response:
    """Read one feature."""
    sight = asked.sight(collection)
    crs = read_item_query(asked.request.query_params.multi_items(), systems=asked.systems)
    asked.tell_audit(sight)
    _, stored, version = asked.store.item(asked.zone, collection, feature_id, view=sight.view)
    feature = sight.shown_text(stored)
    if feature is None:
        raise NotFoundError(f"Expected an item of layer {collection!r}, got {feature_id!r}.")
    headers = headers_of(sight.tag(version, asked.form.mark, shown=feature), asked.principal)
    headers |= {"Content-Crs": f"<{crs}>"}
    address = quote(feature_id, safe="")
    if asked.form.kind == "html":
        text = asked.pages().item(collection, address, feature)
        return answer(asked.request, text, documents.HTML, headers=headers)
    [feature] = placed([feature], crs)
    text = documents.item(asked.at, collection, address, feature)
    return answer(asked.request, text, documents.GEOJSON, headers=headers)


def _also(asked: Asked, pages: Pages) -> list[Link]:
    """Link to what else there is for who asks; what they may not read is not named."""
    scope, principal = asked.request.scope, asked.principal
    links = [pages.link(pages.say("page.zones"), pages.page("zones"))]
    if may(principal, "read_jobs"):
        links.append(pages.link(pages.say("page.processes"), pages.page("ogc/processes")))
        links.append(pages.link(pages.say("page.jobs"), pages.page("ogc/jobs")))
    if may(principal, "read_audit"):
        links.append(pages.link(pages.say("page.audit"), pages.page("audit")))
    if not scope["principal"].subject:
        links.append(pages.link(pages.say("sign_in.title"), sign_in_path(scope)))
    return links


def _read(asked: Asked, sight: Sight, query: ItemsQuery) -> Page:
    try:
        return read_page(asked.store, asked.snapshots, asked.zone, sight, query)
    except ParameterError as error:
        fault = {"type": "value_error", "loc": ("query", "filter"), "msg": str(error)}
        raise RequestValidationError([fault]) from error
