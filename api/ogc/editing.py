"""Routes that change single features, by OGC API Features Part 4 (OGC 20-002)."""

import uuid
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.deps import Guard, audit_of
from api.errors import NotAllowedError, NotKnownError, Problem
from api.ogc.asked import AskedDep
from api.ogc.bodies import GEOJSON_TYPES, PATCH_TYPES, Json, patched, read_body
from api.ogc.changes import LONGEST_ID, MEMBERS, Editor
from api.ogc.crs import CRS84, code_of
from api.ogc.described import Answers, Collection, problems
from api.ogc.queries import KnownParameters
from api.rights import may_edit
from geo.errors import ConflictError, Fault, LayerError

router = APIRouter(
    prefix="/ogc/collections/{collection}/items",
    tags=["OGC API Features"],
    dependencies=[Depends(KnownParameters())],
)

_ITEM: Final = "/{feature_id}"
_WHOLE: Final = ("type", "geometry")
_TOLD: Final = frozenset({"type", "id", "geometry", "properties"})
_REFUSED: Final = problems(400, 401, 403, 404, 413, 415, 422, 503)
_LOCKED: Final = _REFUSED | problems(412, 428)


def _done(status: int, told: str) -> Answers:
    return {status: {"description": told}}


def _body(types: tuple[str, ...], *, required: Sequence[str]) -> dict[str, Any]:
    """Describe a body, of which only the outside is told: the contract of the layer tells more."""
    schema = {
        "type": "object",
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string", "minLength": 1, "maxLength": LONGEST_ID},
            "geometry": {"type": "object"},
            "properties": {"type": ["object", "null"]},
            **{name: {} for name in sorted(MEMBERS - _TOLD)},
        },
        "required": list(required),
        "additionalProperties": False,
    }
    if not required:
        # Null takes a member away, by RFC 7396.
        schema["properties"] = {name: {} for name in sorted(MEMBERS)}
    content = {name: {"schema": schema} for name in types}
    return {"requestBody": {"required": True, "content": content}}


def _if_match() -> dict[str, Any]:
    told = "The tag of the version that is changed, as reading it told."
    return {
        "parameters": [
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
                "description": told,
            }
        ]
    }


_REPLACED: Final = _body(GEOJSON_TYPES, required=_WHOLE) | _if_match()
_PATCHED: Final = _body(PATCH_TYPES, required=()) | _if_match()


class _EditPermit(Guard):
    """Returns the editor of a layer, where the asker may be one."""

    async def __call__(self, collection: Collection, asked: AskedDep) -> Editor:
        """Check a request."""
        sight = asked.sight(collection)
        if not may_edit(asked.principal, collection):
            if not asked.request.scope["principal"].subject:
                raise NotKnownError
            record = audit_of(asked.request)
            await run_in_threadpool(record, "refused", collection, operation="edit_layers")
            raise NotAllowedError
        own = code_of(asked.systems[-1])
        return Editor(asked.store, asked.zone, asked.principal, sight, f"EPSG:{own}")


EditorDep = Annotated[Editor, Depends(_EditPermit())]


@router.post(
    "",
    status_code=201,
    response_class=Response,
    openapi_extra=_body(GEOJSON_TYPES, required=_WHOLE),
    responses=_done(201, "The feature is stored; Location tells where.") | _REFUSED | problems(409),
    summary="Add a feature",
)
async def _create(collection: Collection, asked: AskedDep, editor: EditorDep) -> Response:
    """Add a feature to a layer; an id is made where it brings none."""
    feature = await _read(asked.request, GEOJSON_TYPES)
    feature.setdefault("id", uuid.uuid4().hex)

    def create() -> Response:
        checked = editor.checked(feature)
        try:
            tag = editor.put(checked, if_version=None)
        except ConflictError as error:
            return Problem(409, str(error))
        name = quote(str(checked["id"]), safe="")
        headers = {"Location": asked.at.of("collections", collection, "items", name)}
        return Response(status_code=201, headers=headers | {"ETag": tag})

    return await run_in_threadpool(create)


@router.put(
    _ITEM,
    status_code=204,
    response_class=Response,
    openapi_extra=_REPLACED,
    responses=_done(204, "The feature is replaced.") | _LOCKED,
    summary="Replace a feature",
)
async def _replace(feature_id: str, asked: AskedDep, editor: EditorDep) -> Response:
    """Replace a feature by another of the same id."""
    given = _locked(asked.request)
    if isinstance(given, Problem):
        return given
    feature = await _read(asked.request, GEOJSON_TYPES)
    return await run_in_threadpool(_store, editor, feature_id, given, lambda _: feature)


@router.patch(
    _ITEM,
    status_code=204,
    response_class=Response,
    openapi_extra=_PATCHED,
    responses=_done(204, "The feature is changed.") | _LOCKED,
    summary="Change some of a feature",
)
async def _update(feature_id: str, asked: AskedDep, editor: EditorDep) -> Response:
    """Change some members of a feature by a merge patch (RFC 7396)."""
    given = _locked(asked.request)
    if isinstance(given, Problem):
        return given
    patch = await _read(asked.request, PATCH_TYPES)
    return await run_in_threadpool(
        _store, editor, feature_id, given, lambda seen: patched(seen, patch)
    )


@router.delete(
    _ITEM,
    status_code=204,
    response_class=Response,
    openapi_extra=_if_match(),
    responses=_done(204, "The feature is gone.") | _LOCKED,
    summary="Delete a feature",
)
async def _delete(feature_id: str, asked: AskedDep, editor: EditorDep) -> Response:
    """Delete a feature."""
    given = _locked(asked.request)
    if isinstance(given, Problem):
        return given

    def delete() -> Response:
        _, version = editor.expected(feature_id, given)
        editor.delete(feature_id, if_version=version)
        return Response(status_code=204)

    return await run_in_threadpool(delete)


def _store(editor: Editor, feature_id: str, given: str, make: Callable[[Json], Json]) -> Response:
    """Replace a feature by what is made of what the editor sees of it."""
    stored, version = editor.expected(feature_id, given)
    feature = make(editor.sight.shown(stored) or {})
    if feature.setdefault("id", feature_id) != feature_id:
        expected = f"the id of the path, {feature_id!r}"
        fault = Fault("feature", expected, repr(feature["id"])[:140], 1, "id")
        raise LayerError([fault])
    tag = editor.put(editor.checked(feature, stored=stored), if_version=version)
    return Response(status_code=204, headers={"ETag": tag})


def _locked(request: Request) -> str | Problem:
    """Return the header If-Match, or the answer where there is none."""
    given = request.headers.get("If-Match", "").strip()
    detail = "Expected the header `If-Match` with the tag of the version you change, got none."
    return given or Problem(428, detail)


async def _read(request: Request, types: tuple[str, ...]) -> Json:
    placed = request.headers.get("Content-Crs", "").strip("<>") or CRS84
    if placed != CRS84:
        raise LayerError([Fault("feature", f"coordinates in {CRS84}", placed[:140], field="crs")])
    return await read_body(request, types)
