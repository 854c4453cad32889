"""What the first walk needs is made ready once the service has started, and not when it is asked.

Reading the layers, what speaks for the streets, and loading what is compiled for it take a second
or so, and more where nothing was compiled yet.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shapely import Point

from api.public.towns import Town, Towns
from api.public.walks import PARAMS
from geo.errors import NotFoundError

_log = logging.getLogger(__name__)


@asynccontextmanager
async def warming(towns: Towns, zones: Sequence[str]) -> AsyncIterator[None]:
    """Make towns ready in the background, one after the other.

    At the end what is being done is waited for and no more is begun: then the store may be closed.

    Parameters
    ----------
    towns
        The towns.
    zones
        Names of the zones.

    Yields
    ------
    None
        While they are made ready; what goes wrong is logged.
    """
    ending = threading.Event()
    task = asyncio.create_task(asyncio.to_thread(_warm, towns, zones, ending))
    try:
        yield
    finally:
        ending.set()
        await task


def _warm(towns: Towns, zones: Sequence[str], ending: threading.Event) -> None:
    for zone in zones:
        try:
            for step in (towns.town, lambda name: _first_walk(towns.town(name))):
                if ending.is_set():
                    return
                step(zone)
        except NotFoundError:
            pass  # a zone without streets has no walks
        except Exception:  # noqa: BLE001  # the service goes on, and whoever asks is told
            _log.warning("Zone %s was not made ready for walks", zone, exc_info=True)


def _first_walk(town: Town) -> None:
    line = town.network.graph.lines.iloc[0]
    town.network.walks(Point(line.coords[0]), Point(line.coords[-1]), params=PARAMS)
