"""The service on the server that it really runs on, in a thread, on a free port."""

import socket
import threading
import time
from contextlib import contextmanager

from api.operations.server import StoppingServer


@contextmanager
def listening():
    """Yield a listening socket and its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, listener.getsockname()[1]


@contextmanager
def served(app, settings):
    """Serve an application and yield its port."""
    server = StoppingServer(app, settings)
    with listening() as (listener, port):
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + 30
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                assert time.monotonic() < deadline, "the server took too long to start"
                time.sleep(0.02)
            yield port
        finally:
            server.should_exit = True
            thread.join()
