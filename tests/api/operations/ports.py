"""A listener on a free port."""

import socket
from contextlib import contextmanager


@contextmanager
def listening():
    """Yield a listening socket and its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, listener.getsockname()[1]
