"""What the public was told is unchanged, told again at once while nothing changes.

A map asks for the same pages again and again, by the same request to the byte. Whether a page is
unchanged hangs on such a request and on the store alone, so that the answer to the first holds for
all that are like it until the store changes, which is looked up at every request.
"""

from typing import Final, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from api.store import Store
from api.store.sqlite_engine import SqliteEngine
from geo.errors import SourceError

_MOST_HEADS: Final = 4_096
_LONGEST_HEAD: Final = 2_048
_BODY: Final = frozenset({b"content-length", b"transfer-encoding"})

_Headers = list[tuple[bytes, bytes]]
_Head = tuple[str, str, str, bytes, tuple[tuple[bytes, bytes], ...]]


class Unchanged(NamedTuple):
    """That what a client has is still good, as the fast lane told it.

    Attributes
    ----------
    revision
        The store's, from before the lane looked.
    headers
        Headers of the answer.
    route
        Template of the route.
    zone
        Name of the zone.
    """

    revision: int | None
    headers: _Headers
    route: str
    zone: str


class Repeats:
    """Middleware that answers by 304 what it saw answered by 304 before.

    It stands around everything that may refuse a request: what is remembered came past all of it.
    Of a store on a server nothing is remembered, as asking it whether it changed is a journey.

    Parameters
    ----------
    app
        The application around which it stands, the fast lane in it.
    store
        The store.
    """

    def __init__(self, app: ASGIApp, *, store: Store) -> None:
        self._app = app
        self._engine = store.engine
        self._is_near = isinstance(store.engine, SqliteEngine)
        self._revision: int | None = None
        self._told: dict[_Head, Unchanged] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on.

        Parameters
        ----------
        scope
            The connection; the lane leaves what it told in its list `unchanged`.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if not self._is_near or scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        head = _head_of(scope)
        told = self._told.get(head)
        if told is None or not self._holds(told):
            found: list[Unchanged] = []
            scope["unchanged"] = found
            await self._app(scope, receive, send)
            if found:
                self._keep(head, *found)
            return
        scope["lane"], scope["zone"] = told.route, told.zone
        await send({"type": "http.response.start", "status": 304, "headers": told.headers})
        await send({"type": "http.response.body", "body": b""})

    def _holds(self, told: Unchanged) -> bool:
        """Tell whether the store is as it was."""
        try:
            return self._engine.revision() == told.revision
        except SourceError:
            return False  # the routes tell it better

    def _keep(self, head: _Head, told: Unchanged) -> None:
        """Remember an answer, unless its request has a body or is unusually long."""
        headers = head[-1]
        size = len(head[2]) + len(head[3]) + sum(len(name) + len(value) for name, value in headers)
        if size > _LONGEST_HEAD or any(name in _BODY for name, _ in headers):
            return
        if told.revision != self._revision or len(self._told) >= _MOST_HEADS:
            self._told.clear()
            self._revision = told.revision
        self._told[head] = told


def _head_of(scope: Scope) -> _Head:
    """Return everything that an answer may hang on."""
    root, path = scope.get("root_path", ""), scope["path"]
    return scope["scheme"], root, path, scope["query_string"], tuple(scope["headers"])
