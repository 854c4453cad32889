"""Routes of the public API. No account, no cookie: whoever asks is nobody."""

import json
import re
from collections.abc import Callable, Hashable
from datetime import UTC
from pathlib import Path
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathPart
from fastapi.exceptions import RequestValidationError
from starlette.responses import FileResponse, HTMLResponse, Response

from api.bilingual import Phrases
from api.deps import StoreDep, WordsDep, ZoneDep, settings_of
from api.pages import report_page
from api.public import areas, examples
from api.public.answers import Text, Texts, answer, json_text
from api.public.places import places
from api.public.towns import Town, Towns
from api.public.walks import walk_between
from api.store import Store
from api.store.releases import KeptRelease
from api.tile_shelf import TileShelf
from api.words import Language, Words
from geo.errors import NotFoundError, ParameterError
from geo.tile_grid import MAX_ZOOM, TileAddress
from geo.vector_tiles import TiledLayer

router = APIRouter(prefix="/public/v1", tags=["Public"])

GEOJSON: Final = "application/geo+json"
MVT: Final = "application/vnd.mapbox-vector-tile"
_FOLDER: Final = Path(__file__).parent
_SOON: Final = "public, max-age=300"
_FOR_EVER: Final = "public, max-age=31536000, immutable"

Number = Annotated[
    int | None,
    Query(ge=1, lt=2**31, alias="release", description="Number of a release; the latest if none."),
]
Zoom = Annotated[int, PathPart(ge=0, le=MAX_ZOOM, description="Zoom.")]
Line = Annotated[int, PathPart(ge=0, lt=2**MAX_ZOOM, description="Below 2^zoom.")]
_DIGITS: Final = r"(?:\.[0-9]{1,20})?"
_LONGITUDE: Final = rf"[-+]?(?:180(?:\.0{{1,20}})?|(?:1[0-7][0-9]|[0-9]{{1,2}}){_DIGITS})"
_LATITUDE: Final = rf"[-+]?(?:90(?:\.0{{1,20}})?|[0-8]?[0-9]{_DIGITS})"
_PLACE: Final = re.compile(rf"^({_LONGITUDE}),({_LATITUDE})$")


def _place(name: str, example: str) -> object:
    return Query(
        alias=name,
        description="Longitude and latitude in degrees. It is neither logged nor kept.",
        examples=[example],
        json_schema_extra={"pattern": _PLACE.pattern},
    )


_PROBLEM: dict[str, object] = {"content": {"application/problem+json": {}}}
_KNOWN: dict[int | str, dict[str, object]] = {
    304: {"description": "The client already has this version."},
    400: {"description": "A parameter is missing or wrong; all such are named.", **_PROBLEM},
    404: {"description": "There is no such release or zone.", **_PROBLEM},
    429: {"description": "The client asks too often; `Retry-After` says when again.", **_PROBLEM},
}


def _answers(media_type: str, example: object) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {media_type: {"example": example}}}, **_KNOWN}


@router.get("", include_in_schema=False)
def _landing(
    *,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    words: WordsDep,
    lang: Annotated[Language | None, Query()] = None,
) -> HTMLResponse:
    """Tell what there is to ask, with clients in a few lines."""
    language = lang or _preferred(request)
    text = report_page("api.public", name="landing.html").render(
        language=language,
        other="en" if language == "th" else "th",
        say=lambda key: words.text(key, language),
        base=_base(request),
        demo=settings_of(request).mode == "demo",
        synthetic=_is_synthetic(store, zone),
        clients={name: _client(name) for name in CLIENTS},
    )
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return HTMLResponse(text, headers=headers)


CLIENTS: Final = ("client.js", "client.dart")
_FILES: Final = {*CLIENTS, "landing.css"}


@router.get("/files/{name}", include_in_schema=False)
def _file(name: str) -> FileResponse:
    """Serve a file of the landing page; only what is named here is served."""
    if name not in _FILES:
        raise NotFoundError(f"Expected a file of the public API, got {name!r}.")
    return FileResponse(_FOLDER / name, headers={"Cache-Control": "no-cache"})


@router.get(
    "/safe-areas",
    responses=_answers(GEOJSON, examples.AREAS),
    response_class=Response,
    summary="Along which streets a visitor walks well",
)
def _areas(
    *,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    words: WordsDep,
    number: Number = None,
) -> Response:
    """Read a release of the overlay: coarse, the same on every day until the next."""
    release = store.releases.read(zone, number)
    latest = number is None
    base = _base(request)
    text = _texts(request).text(
        ("areas", base, latest, *_seen(zone, release)),
        lambda: areas.overlay(release, latest=latest, base=base, phrases=_phrases(words)),
    )
    return answer(request, text, media_type=GEOJSON, keep=_SOON if latest else _FOR_EVER)


@router.get(
    "/releases",
    responses=_answers("application/json", examples.RELEASES),
    response_class=Response,
    summary="All releases of the overlay",
)
def _releases(request: Request, store: StoreDep, zone: ZoneDep) -> Response:
    """List the releases, the oldest first."""
    document = areas.history(store.releases.all(zone), base=_base(request))
    text = Text.of(json_text(document).encode())
    return answer(request, text, media_type="application/json", keep=_SOON)


@router.get(
    "/safe-areas/tilejson.json",
    responses=_answers("application/json", examples.TILEJSON),
    response_class=Response,
    summary="The overlay's tiles, as maps read it",
)
def _tilejson(
    *,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    words: WordsDep,
    number: Number = None,
) -> Response:
    """Describe the vector tiles of a release as TileJSON."""
    release = store.releases.read(zone, number)
    base = _base(request)
    text = _texts(request).text(
        ("tilejson", base, *_seen(zone, release)),
        lambda: areas.tilejson(release, base=base, phrases=_phrases(words)),
    )
    return answer(request, text, media_type="application/json", keep=_SOON)


@router.get(
    "/safe-areas/tiles/{zoom}/{row}/{column}",
    responses={
        200: {"content": {MVT: {}}, "description": "The tile."},
        204: {"description": "No street of the overlay lies in this tile."},
        422: {"description": "No tile has such a number.", **_PROBLEM},
        **_KNOWN,
    },
    response_class=Response,
    summary="One tile of the overlay",
)
def _tile(
    *,
    zoom: Zoom,
    row: Line,
    column: Line,
    request: Request,
    store: StoreDep,
    zone: ZoneDep,
    number: Number = None,
) -> Response:
    """Read one tile of a release, by WebMercatorQuad."""
    try:
        address = TileAddress.checked(zoom, row, column)
    except ParameterError as error:
        raise NotFoundError(str(error)) from error
    release = store.releases.read(zone, number)
    shelf: TileShelf = request.app.state.tiles
    tile = shelf.tile(("release", *_seen(zone, release)), address, lambda: _tiled(release))
    keep = _SOON if number is None else _FOR_EVER
    return answer(request, Text.of(tile), media_type=MVT, keep=keep)


@router.get(
    "/places",
    responses=_answers(GEOJSON, examples.PLACES),
    response_class=Response,
    summary="Police, SOS points and lit streets",
)
async def _places(request: Request, zone: ZoneDep, words: WordsDep) -> Response:
    """List places that help who walks."""

    def listed(town: Town) -> Response:
        base = _base(request)
        text = _texts(request).text(
            ("places", zone, town.version, base),
            lambda: places(town, base=base, phrases=_phrases(words)),
        )
        return answer(request, text, media_type=GEOJSON, keep=_SOON)

    return await _of_town(request, zone, listed)


@router.get(
    "/walk",
    responses={
        **_answers(GEOJSON, examples.WALK),
        304: {"description": "Never: a walk is not kept."},
        404: {"description": "No street is near a place, or no way leads there.", **_PROBLEM},
    },
    response_class=Response,
    summary="The shortest walk between two places, and a calm one",
)
async def _walk(
    *,
    request: Request,
    zone: ZoneDep,
    words: WordsDep,
    start: Annotated[str, _place("from", "98.3866,7.8848")],
    goal: Annotated[str, _place("to", "98.3921,7.8836")],
) -> Response:
    """Find the shortest walk, and one that goes a little farther to be lit, watched and lively."""
    begin, end = _ends({"from": start, "to": goal})

    def found(town: Town) -> Response:
        document = walk_between(town, begin, end, phrases=_phrases(words))
        # Whoever keeps this answer keeps where somebody walks.
        headers = {"Cache-Control": "no-store"}
        return Response(json_text(document), media_type=GEOJSON, headers=headers)

    return await _of_town(request, zone, found)


def _ends(given: dict[str, str]) -> list[tuple[float, float]]:
    """Read places, and refuse those that are not on the earth without repeating them."""
    found, faults = [], []
    for name, text in given.items():
        if (numbers := _PLACE.fullmatch(text)) is not None:
            found.append((float(numbers[1]), float(numbers[2])))
            continue
        message = "Expected longitude,latitude in degrees, such as 98.3866,7.8848."
        faults.append({"type": "value_error", "loc": ("query", name), "msg": message})
    if faults:
        raise RequestValidationError(faults)
    return found


async def _of_town(request: Request, zone: str, tell: Callable[[Town], Response]) -> Response:
    """Answer by a town in a thread, as one of few who may wait for it."""
    towns: Towns = request.app.state.towns
    return await run_sync(lambda: tell(towns.town(zone)), limiter=towns.limiter)


def _is_synthetic(store: Store, zone: str) -> bool:
    """Tell whether the overlay is of made-up data, or is not there to say so."""
    try:
        return areas.is_synthetic(store.releases.read(zone))
    except NotFoundError:
        return True


def _texts(request: Request) -> Texts:
    texts: Texts = request.app.state.public_texts
    return texts


def _seen(zone: str, release: KeptRelease) -> tuple[Hashable, ...]:
    """Tell releases apart: a store that was restored may hold another of the same number."""
    return (zone, release.number, hash(release))


def _tiled(release: KeptRelease) -> TiledLayer:
    return TiledLayer.from_features("safe_areas", json.loads(release.areas)["features"])


def _base(request: Request) -> str:
    return f"{request.base_url}public/v1"


def _phrases(words: Words) -> Phrases:
    return Phrases(words, UTC)


def _preferred(request: Request) -> Language:
    return "th" if request.headers.get("Accept-Language", "").strip().startswith("th") else "en"


def _client(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
