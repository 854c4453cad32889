"""The service of one zone or several on a port of this machine."""

import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from api.audit.files import files_of
from api.logs import configure_logs
from api.main import create_app
from api.opening import opened, opened_if_there
from api.operations.server import StoppingServer
from api.releasing import release_now
from api.settings import Settings
from api.store import Store, import_zone
from api.zone_now import ZoneNow, clashes, own_layers, zone_now
from api.zones import zone_folder
from geo.errors import LayerError, ParameterError, SourceError
from geo.zone import Zone, zone_name

_log = logging.getLogger(__name__)


class Tell(Protocol):
    """Tells the user something, by a key of the words and what fills its braces."""

    def __call__(self, key: str, **values: object) -> None:
        """Tell it."""
        ...


def serve_zones(settings: Settings, zones: Sequence[str], *, tell: Tell) -> None:
    """Import the layers of zones into the store and serve them until interrupted.

    Parameters
    ----------
    settings
        Settings of the service.
    zones
        Names or folders of zones, the one served where a path names none first; none for those of
        the settings.
    tell
        Called with the address of each console when it is about to answer.

    Raises
    ------
    ZoneError
        A zone cannot be read or stored, or the port is taken.
    """
    asked = zones or settings.served_zones
    folders = [zone_folder(settings, zone) for zone in asked]
    first, *others = names = [zone_name(folder) for folder in folders]
    if len(set(names)) < len(names):
        raise ParameterError(f"Expected zones of different names, got {', '.join(names)}.")
    settings = settings.model_copy(update={"zone": first, "zones": tuple(others)})
    files_of(settings)  # before anything is stored: without them the service is not started
    with _listening(settings) as listener:
        configure_logs(level=settings.log_level, style=settings.log_format)
        with opened_if_there(settings) as store:
            zones_now = [zone_now(store, folder) for folder in folders]
        _import_zones(settings, zones_now, tell=tell)
        application = create_app(settings, warm=True)
        address = f"http://{settings.host}:{settings.port}"
        tell("cli.serving", url=f"{address}/console")
        for zone in settings.served_zones[1:]:
            tell("cli.serving", url=f"{address}/zones/{zone}/console")
        StoppingServer(application, settings).run(sockets=[listener])


def _import_zones(settings: Settings, zones: Sequence[ZoneNow], *, tell: Tell) -> None:
    now = datetime.now(UTC)
    with opened(settings, new=True) as store:
        for read in zones:
            _import(store, read, now=now, tell=tell)
            _release(store, read.zone, read.folder, now=now)
        by_password = settings.mode == "accounts" and settings.oidc_issuer is None
        if by_password and not store.accounts.all():
            tell("user.none_yet")


def _import(store: Store, read: ZoneNow, *, now: datetime, tell: Tell) -> None:
    """Take what changed in the folder, and tell which layers are the store's own."""
    zone, folder, files = read.zone, read.folder, read.files
    known = store.layers(zone.name)
    today = now.astimezone(ZoneInfo(zone.timezone)).date()
    taken = import_zone(
        store, zone.on(today), created_at=now, files=files, leaving=read.stored.keys()
    )
    if known and taken:
        tell("cli.taken", zone=zone.name, layers=", ".join(taken), folder=folder)
    if own := own_layers(known):
        tell("cli.own", zone=zone.name, layers=", ".join(own))
    for clash in clashes(known, files):
        found = ", ".join(clash.files) or "-"
        told = {"layer": clash.layer, "edits": clash.edits, "files": found, "folder": folder}
        _log.warning("Layer %s of zone %s changed in store and folder", clash.layer, zone.name)
        tell("cli.clash", zone=zone.name, **told)


def _release(store: Store, zone: Zone, folder: Path, *, now: datetime) -> None:
    """Release the public overlay where it is due; a zone that has none is served without it."""
    try:
        release_now(store, folder, now=now)
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
