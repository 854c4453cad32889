"""A fast lane for what the public asks most: pages, one feature, tiles, and what it has already.

The routes are the road for everything; the lane answers what it is sure to answer as they would,
and lets everything else pass to them. It asks the store at every request whether anything changed,
so that nothing it remembers outlives a change, whoever made it.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from anyio import to_thread
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from api.identity import Principal
from api.ogc.repeats import Unchanged
from api.rights import may_read
from api.store import LayerRecord, Store
from api.store.sqlite_engine import SqliteEngine
from geo.errors import NotFoundError, SourceError

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]

LEAST_PACKED: Final = 500
"""The smallest body that is worth packing, in bytes."""

MOST_PACKED: Final = 128 * 1024
"""The largest that is packed while others wait, in bytes; the routes pack larger ones beside."""

_LONGEST: Final = 640
"""The longest path with its query that is read, in characters: readers remember what they read."""

_LEVEL: Final = 6
_GZIP_WINDOW: Final = 31
_GZIP: Final = (b"content-encoding", b"gzip")


@dataclass(frozen=True, slots=True)
class Question:
    """A request of the public that the lane understands.

    Attributes
    ----------
    zone
        Name of the zone.
    collection
        Name of the layer.
    route
        Template of the route that would take it.
    answer
        Answers it by what is known of the layer; none where the routes are to.
    """

    zone: str
    collection: str
    route: str
    answer: Callable[[LayerRecord], Answer | None]


class Reader(Protocol):
    """Understands requests of one kind."""

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
        ...


class FastLane:
    """Middleware that answers simple requests of the public by itself.

    Parameters
    ----------
    app
        The application around which it stands.
    store
        The store.
    readers
        What understands requests.
    """

    def __init__(self, app: ASGIApp, *, store: Store, readers: Sequence[Reader]) -> None:
        self._app = app
        self._readers = tuple(readers)
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
        question = self._question(scope)
        found = None
        if question is not None:
            try:
                if self._is_near:
                    found = self._answer(question)
                else:
                    found = await to_thread.run_sync(self._answer, question)
            except (NotFoundError, RequestValidationError, SourceError):
                found = None  # the routes tell it better
        if question is None or found is None:
            await self._app(scope, receive, send)
            return
        # The log and the figures tell of a request by the template of its route.
        scope["lane"] = question.route
        status, headers, body = found
        if status == HTTPStatus.NOT_MODIFIED and "unchanged" in scope:
            seen = self._memory.revision  # nothing ran since the lane looked: no thread has it
            scope["unchanged"].append(Unchanged(seen, headers, question.route, question.zone))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _question(self, scope: Scope) -> Question | None:
        """Read a request; none where it is not simple, or not the public's."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        if len(scope["path"]) + len(scope["query_string"]) > _LONGEST:
            return None
        for reader in self._readers:
            question = reader.read(scope)
            if question is not None:
                principal: Principal = scope["principal"]
                public = principal.role == "public" and may_read(principal, question.collection)
                return question if public else None
        return None

    def _answer(self, question: Question) -> Answer | None:
        """Answer a request, or leave it to the routes."""
        self._memory.refresh()
        return question.answer(self._memory.record(question.zone, question.collection))


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


def sized(headers: Headers, body: bytes, *, is_packed: bool = False) -> Answer:
    """Answer by a body.

    Parameters
    ----------
    headers
        Headers of the answer.
    body
        The body.
    is_packed
        Whether it is packed.

    Returns
    -------
    answer
        The answer, which tells the length of its body.
    """
    told = [_GZIP] if is_packed else []
    return 200, [*headers, *told, (b"content-length", str(len(body)).encode())], body


def pack(body: bytes) -> bytes:
    """Pack a body as the routes pack theirs.

    Parameters
    ----------
    body
        The body.

    Returns
    -------
    packed
        By gzip, without the time.
    """
    return zlib.compress(body, level=_LEVEL, wbits=_GZIP_WINDOW)
