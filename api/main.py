"""The service: one application over the embedded store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.accounts.access import open_access
from api.accounts.middleware import Authentication
from api.accounts.pages import router as sign_in_router
from api.accounts.router import router as accounts_router
from api.console.router import leaflet_files
from api.console.router import router as console_router
from api.deps import StoreDep, ZoneDep
from api.errors import Problem, add_error_handlers
from api.headers import SecurityHeaders
from api.hosts import OwnHosts
from api.job_terms import job_slots, job_terms
from api.jobs.service import JobService
from api.ogc.conformance import CONFORMS_TO
from api.ogc.router import router as ogc_router
from api.ogc.snapshots import Snapshots
from api.ogc.tile_documents import CONFORMS_TO as TILES_CONFORM_TO
from api.ogc.tiles import router as tiles_router
from api.pilot_zones import router as zones_router
from api.settings import Settings
from api.store import Store, missing_layers
from api.styles import Styles
from api.tile_shelf import TileShelf
from api.words import Words
from api.zone_paths import ZonePaths


def create_app(settings: Settings) -> FastAPI:
    """Make the service.

    Parameters
    ----------
    settings
        Settings of the service.

    Returns
    -------
    app
        The application, its store open.

    Raises
    ------
    SourceError
        When the store cannot be opened.
    """
    store = Store(settings.store)
    access = open_access(settings, store)
    slots = job_slots(settings)
    jobs = JobService(store, job_terms(settings, slots=slots), slots=slots)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        jobs.start()
        yield
        await asyncio.to_thread(jobs.stop)
        store.close()

    # The interactive documentation would load its pages from a content delivery network.
    app = FastAPI(title="smartzone", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.store = store
    app.state.submitted = jobs.submitted
    app.state.words = Words.load()
    app.state.styles = Styles.load()
    app.state.tiles = TileShelf()
    app.state.snapshots = Snapshots(store)
    app.state.conformance = (*CONFORMS_TO, *TILES_CONFORM_TO)
    app.state.ogc_links = ()
    app.state.access = access
    add_error_handlers(app)
    app.add_middleware(
        Authentication, gate=access.gate, stranger=access.stranger, cookie=access.cookie
    )
    app.add_middleware(ZonePaths, zones=settings.served_zones)
    app.add_middleware(OwnHosts, hosts=settings.hosts)
    app.add_middleware(SecurityHeaders)
    app.include_router(ogc_router)
    app.include_router(tiles_router)
    app.include_router(console_router)
    app.include_router(accounts_router)
    app.include_router(sign_in_router)
    app.include_router(zones_router)
    app.mount("/console/leaflet", leaflet_files())
    app.get("/", include_in_schema=False)(_front_door)
    app.get("/healthz", tags=["Operations"], summary="Is the process alive?")(_healthz)
    app.get("/readyz", tags=["Operations"], summary="Is the zone ready to be served?")(_readyz)
    return app


def _healthz() -> dict[str, str]:
    """Answer as long as the process lives."""
    return {"status": "alive"}


def _readyz(store: StoreDep, zone: ZoneDep) -> Response:
    """Answer 200 once the store is reachable and holds the zone's own layers."""
    missing = missing_layers(store, zone)
    if missing:
        command = f"smartzone serve --zone {zone}"
        detail = f"The store lacks {', '.join(missing)} of zone {zone!r}. Run `{command}`."
        return Problem(503, detail, missing=missing, command=command)
    return JSONResponse({"status": "ready", "zone": zone})


def _front_door() -> RedirectResponse:
    """Lead to the console."""
    return RedirectResponse("/console", status_code=307)
