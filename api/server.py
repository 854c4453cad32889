"""The service of one zone on a port of this machine."""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.logs import configure_logs
from api.main import create_app
from api.operations.server import StoppingServer
from api.releasing import release_due
from api.settings import Settings
from api.store import Store, import_zone
from api.zones import zone_folder
from geo.errors import LayerError, ParameterError, SourceError
from geo.zone import Zone

_log = logging.getLogger(__name__)


def serve_zone(settings: Settings, zone: str | None, *, tell: Callable[[str], None]) -> None:
    """Import a zone's layers into the store and serve them until interrupted.

    Parameters
    ----------
    settings
        Settings of the service.
    zone
        Name or folder of a zone; the settings' own where none.
    tell
        Called with the address of the console when it is about to answer.

    Raises
    ------
    ZoneError
        The zone cannot be read or stored, or the port is taken.
    """
    configure_logs(level=settings.log_level, style=settings.log_format)
    loaded = Zone.load(zone_folder(settings, zone))
    settings = settings.model_copy(update={"zone": loaded.name})
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(loaded.timezone)).date()
    with _listening(settings) as listener:
        store = Store(settings.store)
        try:
            import_zone(store, loaded.on(today), created_at=now)
            _release(store, loaded, now=now)
        finally:
            store.close()
        application = create_app(settings)
        tell(f"http://{settings.host}:{settings.port}/console")
        StoppingServer(application, settings).run(sockets=[listener])


def _release(store: Store, zone: Zone, *, now: datetime) -> None:
    """Release the public overlay where it is due; a zone that has none is served without it."""
    try:
        release_due(store, zone, now=now)
    except (LayerError, ParameterError) as error:
        _log.warning("Zone %s is served without a new public overlay: %s", zone.name, error)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else is done, so that a taken one is told at once."""
    try:
        listener = socket.create_server((settings.host, settings.port))
    except OSError as error:
        raise SourceError(
            f"Expected a free port, got {settings.port}: {error.strerror}. Name another by --port."
        ) from error
    with listener:
        yield listener
