"""The server process: how it listens, how patient it is, and how it stops.

At the first SIGTERM or SIGINT the service says that it is not ready, goes on for `drain_s`, takes
no more connections, answers what is running for up to `shutdown_s`, gives back its jobs, signs its
audit and ends with status 0. At the second it ends at once; the store bears that.
"""

import asyncio
import logging
import os
import threading
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from api.operations.connections import PatientProtocol
from api.operations_settings import OperationsSettings

LAST_WORD_S: Final = 45.0
"""Time in seconds after `shutdown_s` in which jobs are given back and the audit is signed."""

_log = logging.getLogger(__name__)


class StoppingServer(uvicorn.Server):
    """A server that stops as this module says.

    Parameters
    ----------
    app
        The application; its `state.stopping` is set when it is told to stop.
    settings
        How patient it is.
    """

    def __init__(self, app: FastAPI, settings: OperationsSettings) -> None:
        super().__init__(_config(app, settings))
        self._app, self._settings = app, settings

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as uvicorn calls it
        """Begin to stop, or end at once where that has begun.

        Parameters
        ----------
        sig
            Number of the signal.
        frame
            Where it came.
        """
        if self._app.state.stopping:
            os._exit(128 + sig)
        self._app.state.stopping = True
        drain_s = self._settings.drain_s
        # A thread that a request left running must not keep the process for ever.
        limit_s = drain_s + self._settings.shutdown_s + LAST_WORD_S
        last = threading.Timer(limit_s, os._exit, (1,))
        last.daemon = True
        last.start()
        if drain_s:
            asyncio.get_running_loop().call_later(drain_s, self._stop)
        else:
            self._stop()

    def _stop(self) -> None:
        self.should_exit = True


def _config(app: FastAPI, settings: OperationsSettings) -> uvicorn.Config:
    protocol = type(
        "Protocol",
        (PatientProtocol,),
        {"receive_s": settings.receive_s, "send_s": settings.send_s},
    )
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        h11_max_incomplete_event_size=None,
        timeout_graceful_shutdown=round(settings.shutdown_s) or 1,
    )
