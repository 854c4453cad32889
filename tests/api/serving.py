"""A real server for the tests: uvicorn in a thread on a free port, stopped by its context."""

import threading
import time
from contextlib import contextmanager

import httpx
import uvicorn

from api.main import create_app
from api.settings import Settings


def settings_for(place, zone="sample"):
    return Settings(zone=zone, store=str(place))


@contextmanager
def serving(app):
    """Serve an application and yield its address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="critical", proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < deadline, "the server took too long to start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def client_of(place, zone="sample"):
    """Serve a store and yield a client of the service."""
    with (
        serving(create_app(settings_for(place, zone))) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield client
