"""Several zones in one service: /zones/{id}/... is every route, for that zone.

The zone's part of the path is treated as an application's own root, so that every link of an
answer carries it. Without it the first zone is served.
"""

import re
from collections.abc import Collection
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import Problem

_PATH: Final = re.compile(r"/zones/([^/]*)(/.*)", re.DOTALL)
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class ZonePaths:
    """Middleware that reads the zone from the path, as `scope["zone"]`.

    Parameters
    ----------
    app
        The application around which it stands.
    zones
        Names of the zones that are served.
    """

    def __init__(self, app: ASGIApp, *, zones: Collection[str]) -> None:
        self._app = app
        self._zones = frozenset(zones)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its zone.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if scope["type"] == "http" and scope["path"].startswith("/zones/"):
            found = _PATH.fullmatch(scope["path"])
            if found is not None:
                zone = found[1]
                if zone not in self._zones:
                    shown = repr(zone) if _ID.fullmatch(zone) else "another text"
                    detail = f"Expected the id of a zone that is served, got {shown}."
                    await Problem(404, detail)(scope, receive, send)
                    return
                root = f"{scope.get('root_path', '')}/zones/{zone}"
                scope = {**scope, "zone": zone, "root_path": root}
        await self._app(scope, receive, send)
