"""Routes of the console page and of the files it is made of."""

from dataclasses import asdict
from importlib import resources
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from api.deps import PrincipalDep, WordsDep, ZoneDep, settings_of
from api.identity import Principal
from api.rights import may, may_read
from api.styles import Styles
from geo.errors import NotFoundError

router = APIRouter(prefix="/console", include_in_schema=False)

_FOLDER = Path(__file__).parent
_FILES = {file.name: file for file in _FOLDER.iterdir() if file.suffix in {".css", ".js"}}
_REVALIDATE = {"Cache-Control": "no-cache"}


@router.get("")
def _page() -> FileResponse:
    """Serve the console page."""
    return FileResponse(_FOLDER / "console.html", headers=_REVALIDATE)


@router.get("/setup.json")
def _setup(
    request: Request, zone: ZoneDep, words: WordsDep, principal: PrincipalDep
) -> JSONResponse:
    """Tell the page its zone, who asks, the look of the layers, and all words in both languages.

    Of each zone it tells whether who asks has rights there.
    """
    styles: Styles = request.app.state.styles
    asker: Principal = request.scope["principal"]
    settings = settings_of(request)
    content = {
        "zone": zone,
        "zones": {name: asker.in_zone(name).role != "public" for name in settings.served_zones},
        "mode": settings.mode,
        "account": asker.subject or None,
        "role": principal.role,
        "computes": may(principal, "read_jobs"),
        "sees_plan": may_read(principal, "patrol_tours"),
        "styles": asdict(styles),
        "words": words.dictionary(),
    }
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


@router.get("/{name}")
def _file(name: str) -> FileResponse:
    """Serve a script or style sheet of the page; only what was found at start is served."""
    if name not in _FILES:
        raise NotFoundError(f"Expected a file of the console, got {name!r}.")
    return FileResponse(_FILES[name], headers=_REVALIDATE)


def leaflet_files() -> StaticFiles:
    """Return the files of Leaflet, from the package that carries them.

    Returns
    -------
    files
        An application to be mounted.
    """
    folder = resources.files("js_lib_leaflet").joinpath("static", "js_lib_leaflet")
    return StaticFiles(directory=str(folder))
