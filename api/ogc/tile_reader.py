"""Tiles that are at hand, as the fast lane answers them."""

import re
from functools import lru_cache, partial
from typing import Final, NamedTuple

from starlette.types import Scope

from api.deps import zone_in
from api.etags import is_known
from api.ogc.lane import LEAST_PACKED, MOST_PACKED, Answer, Headers, Question, pack, sized
from api.ogc.sights import Sight
from api.ogc.tile_documents import MVT
from api.ogc.tiles import headers_of_tile, seen_of
from api.store import LayerRecord
from api.tile_shelf import TileShelf
from geo.errors import ParameterError
from geo.tile_grid import GRID_NAME, TileAddress

_PATH: Final = re.compile(
    rf"/ogc/collections/([a-z_]{{1,64}})/tiles/{GRID_NAME}/([0-9]{{1,2}})/([0-9]{{1,7}})/([0-9]{{1,7}})"
)
_ROUTE: Final = f"/ogc/collections/{{collection}}/tiles/{GRID_NAME}/{{zoom}}/{{row}}/{{column}}"
_MVT: Final = (b"content-type", MVT.encode())


class _Asked(NamedTuple):
    """Which tile is asked for, and how it is to be written."""

    address: TileAddress
    known: str
    is_packed: bool


class TileReader:
    """Understands requests for a tile.

    Parameters
    ----------
    shelf
        The tiles at hand.
    """

    def __init__(self, shelf: TileShelf) -> None:
        self._shelf = shelf

    def read(self, scope: Scope) -> Question | None:
        """Read a request.

        Parameters
        ----------
        scope
            The request.

        Returns
        -------
        question
            What it asks; none where it is of another kind, or there is no such tile.
        """
        if scope["query_string"]:
            return None
        named = _named(scope["path"].removeprefix(scope.get("root_path", "")))
        if named is None:
            return None
        collection, address = named
        headers = dict(scope["headers"])
        known = headers.get(b"if-none-match", b"").decode("latin-1")
        is_packed = b"gzip" in headers.get(b"accept-encoding", b"")
        answer = partial(self._tile, _Asked(address, known, is_packed))
        return Question(zone_in(scope), collection, _ROUTE, answer)

    def _tile(self, asked: _Asked, record: LayerRecord) -> Answer | None:
        """Answer by a tile that is at hand."""
        sight = Sight(record.name, "public", "public")
        tag = f'W/"{sight.version(record)}"'
        headers = _headers(tag)
        if is_known(tag, asked.known):
            return 304, headers, b""
        seen = seen_of(sight, record)
        tile = self._shelf.kept(seen, asked.address)
        if tile is None or (asked.is_packed and len(tile) > MOST_PACKED):
            return None
        if not tile:
            return 204, headers, b""
        told = [*headers, _MVT]
        if asked.is_packed and len(tile) >= LEAST_PACKED:
            tile = self._shelf.packed(seen, asked.address, partial(pack, tile))
            return sized(told, tile, is_packed=True)
        return sized(told, tile)


@lru_cache(maxsize=4_096)
def _named(path: str) -> tuple[str, TileAddress] | None:
    """Read which tile of which layer a path names."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    collection, *numbers = found.groups()
    try:
        return collection, TileAddress.checked(*map(int, numbers))
    except ParameterError:
        return None


@lru_cache(maxsize=1_024)
def _headers(tag: str) -> Headers:
    told = headers_of_tile(tag, view="public")
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]
