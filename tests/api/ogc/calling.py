"""The service called as a server calls it, by way of its short roads or past them."""

import asyncio

from api.main import create_app
from api.ogc.lane import FastLane
from api.ogc.repeats import Repeats
from api.store import Store
from tests.api.serving import settings_for


class Service:
    """A service called without a network, by way of its short roads or past them."""

    def __init__(self, place, *, past=False):
        self.store = Store(place)
        self.app = create_app(settings_for(place))
        if past:
            kept = [one for one in self.app.user_middleware if one.cls not in (FastLane, Repeats)]
            self.app.user_middleware = kept

    def get(self, path, query="", **headers):
        told = {"host": "127.0.0.1", **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in told.items()],
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 9),
            "root_path": "",
        }
        messages = []

        async def call():
            async def receive():
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message):
                messages.append(message)

            await self.app(scope, receive, send)

        asyncio.run(call())
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return messages[0]["status"], dict(messages[0]["headers"]), body
