"""A fast lane for what the public asks most: a page in a box, one feature, and what it has already.

The routes are the road for everything; the lane answers what it is sure to answer as they would,
and lets everything else pass to them. It asks the store at every request whether anything changed,
so that nothing it remembers outlives a change, whoever made it.
"""

import datetime as dt
import re
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple

from anyio import to_thread
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from api.deps import zone_in
from api.identity import Principal
from api.ogc import documents
from api.ogc.answers import headers_of, is_known
from api.ogc.crs import CRS84
from api.ogc.marks import position_of
from api.ogc.queries import ItemsQuery, read_items_query
from api.ogc.repeats import Unchanged
from api.ogc.sights import Sight
from api.ogc.snapshots import Snapshot, Snapshots
from api.rights import may_read
from api.store import LayerRecord, Store
from api.store.features import fingerprint
from api.store.sqlite_engine import SqliteEngine
from geo.errors import NotFoundError, SourceError

_PATH: Final = re.compile(r"/ogc/collections/([a-z_]{1,64})/items(?:/([A-Za-z0-9_.-]{1,128}))?")
_TERM: Final = re.compile(r"(bbox|limit|after)=([-0-9a-f.,]{1,128})")
_ITEMS_ROUTE: Final = "/ogc/collections/{collection}/items"
_ITEM_ROUTE: Final = f"{_ITEMS_ROUTE}/{{feature_id}}"
_GEOJSON: Final = (b"content-type", documents.GEOJSON.encode())
_MOST_FEATURES: Final = 100
_LARGEST_LAYER: Final = 20_000


_Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class _Simple(NamedTuple):
    """A request that the lane understands."""

    zone: str
    collection: str
    feature_id: str | None
    query: ItemsQuery
    at: documents.Addresses
    known: str
    is_packed: bool


class FastLane:
    """Middleware that answers simple requests of the public by itself.

    Parameters
    ----------
    app
        The application around which it stands.
    store
        The store.
    snapshots
        Its layers held in memory.
    """

    def __init__(self, app: ASGIApp, *, store: Store, snapshots: Snapshots) -> None:
        self._app = app
        self._store = store
        self._snapshots = snapshots
        # A file answers in microseconds; a server is a journey away, and others need not wait.
        self._is_near = isinstance(store.engine, SqliteEngine)
        self._memory = _Memory(store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        simple = _simple(scope)
        found = None
        if simple is not None:
            try:
                if self._is_near:
                    found = self._answer(simple)
                else:
                    found = await to_thread.run_sync(self._answer, simple)
            except (NotFoundError, RequestValidationError, SourceError):
                found = None  # the routes tell it better
        if simple is None or found is None:
            await self._app(scope, receive, send)
            return
        # The log and the figures tell of a request by the template of its route.
        scope["lane"] = route = _ITEMS_ROUTE if simple.feature_id is None else _ITEM_ROUTE
        status, headers, body = found
        if status == HTTPStatus.NOT_MODIFIED and "unchanged" in scope:
            seen = self._memory.revision  # nothing ran since the lane looked: no thread has it
            scope["unchanged"].append(Unchanged(seen, headers, route, simple.zone))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, simple: _Simple) -> _Answer | None:
        """Answer a request, or leave it to the routes."""
        self._memory.refresh()
        record = self._memory.record(simple.zone, simple.collection)
        if simple.feature_id is not None:
            return self._item(simple, record, simple.feature_id)
        if simple.known:
            tag = f'W/"{record.public_version}"'
            if is_known(tag, simple.known):
                return 304, _headers(tag), b""
        small = simple.query.limit <= _MOST_FEATURES and record.public_count <= _LARGEST_LAYER
        return self._items(simple, record) if small and not simple.is_packed else None

    def _held(self, simple: _Simple, record: LayerRecord) -> Snapshot | None:
        """Return the layer from memory, or wish it there for those who ask after this."""
        sight = Sight(simple.collection, "public", "public")
        snapshot = self._snapshots.kept(sight, record)
        if snapshot is None and record.public_count <= _LARGEST_LAYER:
            self._snapshots.wish(sight, record)
        return snapshot

    def _items(self, simple: _Simple, record: LayerRecord) -> _Answer:
        query = simple.query
        snapshot = self._held(simple, record)
        if snapshot is not None:
            page = snapshot.page(query)
        else:
            after = position_of(record, query.after)
            page = self._store.items(
                simple.zone, simple.collection, bbox=query.box, limit=query.limit, after=after
            )
        now = dt.datetime.now(dt.UTC)
        text = documents.items(simple.at, page, page.features, query, now=now)
        return _page(text, f'W/"{page.layer.public_version}"')

    def _item(self, simple: _Simple, record: LayerRecord, feature_id: str) -> _Answer | None:
        if simple.is_packed and not simple.known:
            return None
        snapshot = self._held(simple, record)
        if snapshot is None:
            _, feature, version = self._store.item(simple.zone, simple.collection, feature_id)
        elif feature_id in snapshot.by_id:
            feature = snapshot.by_id[feature_id]
            version = fingerprint(feature)
        else:
            return None
        tag = f'W/"{version}"'
        if is_known(tag, simple.known):
            return 304, _headers(tag), b""
        if simple.is_packed:
            return None
        return _page(documents.item(simple.at, simple.collection, feature_id, feature), tag)


class _Memory:
    """What the lane knows of the store, as long as nothing changes in it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.revision: int | None = None
        self._records: dict[tuple[str, str], LayerRecord] = {}

    def refresh(self) -> None:
        """Forget everything where anybody changed the store."""
        revision = self._store.engine.revision()
        if revision != self.revision:
            # A new table, for a thread may be about to write what it read before into the old.
            self._records = {}
            self.revision = revision

    def record(self, zone: str, collection: str) -> LayerRecord:
        """Return what the store knows of a layer."""
        records = self._records
        record = records.get((zone, collection))
        if record is None:
            record = self._store.layer(zone, collection)
            records[zone, collection] = record
        return record


def _simple(scope: Scope) -> _Simple | None:
    """Read a request; none where it is not simple, or not the public's."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    root = scope.get("root_path", "")
    asked = _asked(scope["path"].removeprefix(root), scope["query_string"])
    if asked is None:
        return None
    collection, feature_id, query = asked
    headers = dict(scope["headers"])
    host = headers.get(b"host")
    principal: Principal = scope["principal"]
    public = principal.role == "public" and may_read(principal, collection)
    if not public or not host or b"html" in headers.get(b"accept", b""):
        return None
    return _Simple(
        zone=zone_in(scope),
        collection=collection,
        feature_id=feature_id,
        query=query,
        at=_addresses(scope["scheme"], host, root),
        known=headers.get(b"if-none-match", b"").decode("latin-1"),
        is_packed=b"gzip" in headers.get(b"accept-encoding", b""),
    )


@lru_cache(maxsize=256)
def _addresses(scheme: str, host: bytes, root: str) -> documents.Addresses:
    """Return the addresses as the routes give them to a client that calls the service by a name."""
    here = {"type": "http", "scheme": scheme, "path": "/", "root_path": root, "query_string": b""}
    asked = Request({**here, "method": "GET", "headers": [(b"host", host)]})
    return documents.Addresses(str(asked.base_url))


@lru_cache(maxsize=4_096)
def _asked(path: str, raw: bytes) -> tuple[str, str | None, ItemsQuery] | None:
    """Read which collection or feature is asked for, and how; none where it is not simple."""
    found = _PATH.fullmatch(path)
    if found is None or (found[2] and raw):
        return None
    query = _simple_query(raw)
    return None if query is None else (found[1], found[2], query)


def _simple_query(raw: bytes) -> ItemsQuery | None:
    """Read a query of nothing but a box, a limit and where to go on; none where it is another."""
    if not raw:
        return ItemsQuery()
    terms = raw.decode("latin-1").replace("%2C", ",").split("&")
    found = [_TERM.fullmatch(term) for term in terms]
    pairs = [(term[1], term[2]) for term in found if term is not None]
    if len(pairs) < len(terms):
        return None
    try:
        return read_items_query(pairs, systems=(CRS84,))
    except RequestValidationError:
        return None


def _page(text: str, tag: str) -> _Answer:
    body = text.encode()
    told = (b"content-length", str(len(body)).encode())
    return 200, [*_headers(tag), told, _GEOJSON], body


@lru_cache(maxsize=1_024)
def _headers(tag: str) -> list[tuple[bytes, bytes]]:
    told = headers_of(tag, Principal()) | {"Content-Crs": f"<{CRS84}>"}
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]
