"""The service: one application over the embedded store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse

from api.accounts.access import Access, open_access
from api.accounts.middleware import Authentication
from api.accounts.own import router as own_account_router
from api.accounts.pages import router as sign_in_router
from api.accounts.router import router as accounts_router
from api.audit.files import files_of, keep_audit
from api.audit.keeper import HeadKeeper
from api.audit.router import router as audit_router
from api.console.router import leaflet_files
from api.console.router import router as console_router
from api.description import DescribedService
from api.errors import add_error_handlers
from api.headers import SecurityHeaders
from api.hosts import OwnHosts
from api.job_terms import job_slots, job_terms
from api.jobs.service import JobService
from api.methods import HeadAndOptions
from api.ogc.conformance import CONFORMS_TO
from api.ogc.editing import router as editing_router
from api.ogc.item_reader import ItemReader
from api.ogc.lane import FastLane
from api.ogc.repeats import Repeats
from api.ogc.router import router as ogc_router
from api.ogc.snapshots import Snapshots
from api.ogc.tile_documents import CONFORMS_TO as TILES_CONFORM_TO
from api.ogc.tile_reader import TileReader
from api.ogc.tiles import router as tiles_router
from api.operations.limits import BodyLimits
from api.operations.metrics import Metrics
from api.operations.readiness import Readiness
from api.operations.requests import RequestLog, Routed
from api.operations.router import router as operations_router
from api.operations.scraping import Scraper
from api.pilot_zones import router as zones_router
from api.processes.documents import CONFORMS_TO as PROCESSES_CONFORM_TO
from api.processes.documents import LINKS as PROCESSES_LINKS
from api.processes.router import router as processes_router
from api.public.answers import Texts
from api.public.door import PublicDoor
from api.public.router import router as public_router
from api.public.towns import Towns
from api.public.warming import warming
from api.settings import Settings
from api.store import Store
from api.styles import Styles
from api.tile_shelf import TileShelf
from api.words import Words
from api.zone_paths import ZonePaths

_GZIP_LEVEL = 6
# What is measured is told by our own metrics alone, and each request need not look for others.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
_ROUTERS = (
    ogc_router,
    editing_router,
    tiles_router,
    processes_router,
    console_router,
    accounts_router,
    sign_in_router,
    own_account_router,
    zones_router,
    public_router,
    audit_router,
    operations_router,
)


def create_app(settings: Settings, *, warm: bool = False) -> FastAPI:
    """Make the service.

    Parameters
    ----------
    settings
        Settings of the service.
    warm
        Whether it makes ready for the first walk as soon as it has started.

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
    keeper = _keeper_of(store, settings)
    access = open_access(settings, store)
    slots = job_slots(settings)
    jobs = JobService(store, job_terms(settings, slots=slots), slots=slots)
    # The interactive documentation would load its pages from a content delivery network.
    app = DescribedService(
        title="smartzone",
        lifespan=_lifespan(keeper, jobs, warmed=settings.served_zones if warm else ()),
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )
    _share(app, settings, store, access=access, jobs=jobs)
    add_error_handlers(app)
    _add_middleware(app, settings, store, access)
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/console/leaflet", leaflet_files())
    app.get("/", include_in_schema=False)(_front_door)
    return app


def _lifespan(
    keeper: HeadKeeper, jobs: JobService, *, warmed: Sequence[str]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Give what runs beside the service from its start to its end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        jobs.start()
        signing = asyncio.create_task(keeper.keep())
        async with warming(app.state.towns, warmed):
            yield
            await asyncio.to_thread(jobs.stop)
        signing.cancel()
        await asyncio.to_thread(keeper.sign_or_tell)
        keeper.end()
        app.state.store.close()

    return lifespan


def _share(
    app: FastAPI, settings: Settings, store: Store, *, access: Access, jobs: JobService
) -> None:
    """Lay what the requests share where `api.deps` and the routers look for it."""
    app.state.settings = settings
    app.state.store = store
    app.state.submitted = jobs.submitted
    app.state.words = Words.load()
    app.state.styles = Styles.load()
    app.state.tiles = TileShelf()
    app.state.public_texts = Texts()
    app.state.towns = Towns(store)
    app.state.snapshots = Snapshots(store)
    app.state.conformance = (*CONFORMS_TO, *TILES_CONFORM_TO, *PROCESSES_CONFORM_TO)
    app.state.ogc_links = PROCESSES_LINKS
    app.state.access = access
    app.state.stopping = False
    app.state.metrics = Metrics(store, settings.served_zones)
    app.state.readiness = Readiness(store, settings, jobs.lives)


def _add_middleware(app: FastAPI, settings: Settings, store: Store, access: Access) -> None:
    """Add what each request goes through, from the innermost to the outermost."""
    app.add_middleware(GZipMiddleware, compresslevel=_GZIP_LEVEL)
    app.add_middleware(
        FastLane,
        store=store,
        readers=(ItemReader(store, app.state.snapshots), TileReader(app.state.tiles)),
    )
    app.add_middleware(Routed)
    app.add_middleware(HeadAndOptions)
    app.add_middleware(Routed)  # the one within is not asked for OPTIONS
    app.add_middleware(
        Authentication, gate=access.gate, stranger=access.stranger, cookie=access.cookie
    )
    app.add_middleware(Scraper, token=settings.metrics_token)
    app.add_middleware(PublicDoor, rate=settings.public_rate)
    app.add_middleware(ZonePaths, zones=settings.served_zones)
    app.add_middleware(OwnHosts, hosts=settings.hosts)
    app.add_middleware(BodyLimits, max_bytes=settings.max_body_bytes, receive_s=settings.receive_s)
    app.add_middleware(Repeats, store=store)
    app.add_middleware(RequestLog, metrics=app.state.metrics, zone=settings.zone)
    app.add_middleware(SecurityHeaders, encrypted=settings.mode != "demo")


def _keeper_of(store: Store, settings: Settings) -> HeadKeeper:
    """Begin to keep the audit signed; a service whose audit cannot be is not started."""
    try:
        return keep_audit(store, files_of(settings))
    except BaseException:
        store.close()
        raise


def _front_door() -> RedirectResponse:
    """Lead to the console."""
    return RedirectResponse("/console", status_code=307)
