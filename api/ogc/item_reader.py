"""Pages of features and single ones as the fast lane answers them: by box, limit and mark."""

import datetime as dt
import re
from functools import lru_cache, partial
from typing import Final, NamedTuple

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.types import Scope

from api.deps import zone_in
from api.etags import is_known
from api.identity import Principal
from api.ogc import documents
from api.ogc.answers import headers_of
from api.ogc.crs import CRS84
from api.ogc.lane import LEAST_PACKED, MOST_PACKED, Answer, Headers, Question, pack, sized
from api.ogc.marks import page_tag, position_of
from api.ogc.queries import ItemsQuery, read_items_query
from api.ogc.sights import Sight
from api.ogc.snapshots import Snapshot, Snapshots
from api.store import LayerRecord, Store
from api.store.features import fingerprint

_PATH: Final = re.compile(r"/ogc/collections/([a-z_]{1,64})/items(?:/([A-Za-z0-9_.-]{1,128}))?")
_TERM: Final = re.compile(r"(bbox|limit|after)=([-0-9a-f.,]{1,128})")
_ITEMS_ROUTE: Final = "/ogc/collections/{collection}/items"
_ITEM_ROUTE: Final = f"{_ITEMS_ROUTE}/{{feature_id}}"
_GEOJSON: Final = (b"content-type", documents.GEOJSON.encode())
_MOST_FEATURES: Final = 100
_LARGEST_LAYER: Final = 20_000


class _Asked(NamedTuple):
    """What is asked for, and how it is to be written."""

    zone: str
    collection: str
    feature_id: str | None
    query: ItemsQuery
    at: documents.Addresses
    known: str
    is_packed: bool


class ItemReader:
    """Understands requests for a page of features, or for one.

    Parameters
    ----------
    store
        The store.
    snapshots
        Its layers held in memory.
    """

    def __init__(self, store: Store, snapshots: Snapshots) -> None:
        self._store = store
        self._snapshots = snapshots

    def read(self, scope: Scope) -> Question | None:
        """Read a request.

        Parameters
        ----------
        scope
            The request.

        Returns
        -------
        question
            What it asks; none where it is of another kind, or not simple.
        """
        root = scope.get("root_path", "")
        path = _asked(scope["path"].removeprefix(root), scope["query_string"])
        if path is None:
            return None
        collection, feature_id, query = path
        headers = dict(scope["headers"])
        host = headers.get(b"host")
        if not host or b"html" in headers.get(b"accept", b"").lower():
            return None
        asked = _Asked(
            zone=zone_in(scope),
            collection=collection,
            feature_id=feature_id,
            query=query,
            at=_addresses(scope["scheme"], host, root),
            known=headers.get(b"if-none-match", b"").decode("latin-1"),
            is_packed=b"gzip" in headers.get(b"accept-encoding", b""),
        )
        if feature_id is None:
            return Question(asked.zone, collection, _ITEMS_ROUTE, partial(self._items, asked))
        one = partial(self._item, asked, feature_id)
        return Question(asked.zone, collection, _ITEM_ROUTE, one)

    def _items(self, asked: _Asked, record: LayerRecord) -> Answer | None:
        """Answer by a page of features."""
        query = asked.query
        after = position_of(record, query.after)
        if asked.known and is_known(tag := page_tag(record, record.public_version), asked.known):
            return 304, _headers(tag), b""
        if query.limit > _MOST_FEATURES or record.public_count > _LARGEST_LAYER:
            return None
        snapshot = self._held(asked, record)
        if snapshot is not None:
            page = snapshot.page(query)
        else:
            page = self._store.items(
                asked.zone, asked.collection, bbox=query.box, limit=query.limit, after=after
            )
        now = dt.datetime.now(dt.UTC)
        text = documents.items(asked.at, page, page.features, query, now=now)
        return _page(asked, text, page_tag(page.layer, page.layer.public_version))

    def _item(self, asked: _Asked, feature_id: str, record: LayerRecord) -> Answer | None:
        """Answer by one feature."""
        snapshot = self._held(asked, record)
        if snapshot is None:
            _, feature, version = self._store.item(asked.zone, asked.collection, feature_id)
        elif feature_id in snapshot.by_id:
            feature = snapshot.by_id[feature_id]
            version = fingerprint(feature)
        else:
            return None
        tag = f'W/"{version}"'
        if is_known(tag, asked.known):
            return 304, _headers(tag), b""
        text = documents.item(asked.at, asked.collection, feature_id, feature)
        return _page(asked, text, tag)

    def _held(self, asked: _Asked, record: LayerRecord) -> Snapshot | None:
        """Return the layer from memory, or wish it there for those who ask after this."""
        sight = Sight(asked.collection, "public", "public")
        snapshot = self._snapshots.kept(sight, record)
        if snapshot is None and record.public_count <= _LARGEST_LAYER:
            self._snapshots.wish(sight, record)
        return snapshot


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


def _page(asked: _Asked, text: str, tag: str) -> Answer | None:
    headers, body = [*_headers(tag), _GEOJSON], text.encode()
    if asked.is_packed and len(body) > MOST_PACKED:
        return None
    if asked.is_packed and len(body) >= LEAST_PACKED:
        return sized(headers, pack(body), is_packed=True)
    return sized(headers, body)


@lru_cache(maxsize=1_024)
def _headers(tag: str) -> Headers:
    told = headers_of(tag, Principal()) | {"Content-Crs": f"<{CRS84}>"}
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]
