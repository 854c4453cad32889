"""Applications that the benchmarks serve in processes of their own."""

import os

from api.logs import configure_logs
from api.main import create_app
from api.tile_shelf import TileShelf
from tests.api.serving import settings_for


def our_service():
    """Return our service over the store that the environment names."""
    return create_app(settings_for(os.environ["BENCH_STORE"]))


def our_logging_service():
    """Return our service, which logs each request as it does in earnest."""
    configure_logs(level="info", style="json")
    return our_service()


def our_cold_service():
    """Return our service, which forgets each tile as soon as it is sent."""
    app = our_service()
    app.state.tiles = TileShelf(tile_bytes=0)
    return app


async def constant(scope, receive, send):
    """Answer every request with as many bytes as the environment says."""
    if scope["type"] != "http":
        return
    body = b"x" * int(os.environ["BENCH_BYTES"])
    told = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": told})
    await send({"type": "http.response.body", "body": body})
