"""The process of one job as whoever watches sees it: started, heard, ended with all it started."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any, Self

from api.jobs.orders import Order

_CHUNK = 1 << 16


class JobProcess:
    """A process that works on one order. It ends with its context, and with whoever watches.

    Parameters
    ----------
    order
        What it is to do.
    """

    def __init__(self, order: Order) -> None:
        self._heard = b""
        self._socket, other = socket.socketpair()
        with other:
            # It leads a group of its own, so that all it starts can be ended with it, and so that
            # an interrupt at the terminal reaches only whoever watches.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "api.jobs.child"],
                stdin=other.fileno(),
                stdout=other.fileno(),
                start_new_session=True,
            )
        with suppress(OSError):  # where it ended at once, `ending` tells
            self._socket.sendall(order.line())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._socket.close()

    def said(self, wait_s: float) -> list[dict[str, Any]]:
        """Return what the process has said since it was last asked.

        Parameters
        ----------
        wait_s
            Seconds to wait for it, where it has not said anything.

        Returns
        -------
        said
            What it said, in order.
        """
        self._socket.settimeout(wait_s)
        try:
            chunk = self._socket.recv(_CHUNK)
        except TimeoutError:
            return []
        except OSError:
            chunk = b""
        if not chunk:
            # It has ended, or is about to.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(wait_s)
            return []
        *lines, self._heard = (self._heard + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    @property
    def ended(self) -> bool:
        """Whether it has ended.

        Returns
        -------
        ended
            False while it runs.
        """
        return self._process.poll() is not None

    def ending(self) -> str:
        """Tell how it ended, where it said nothing of it.

        Returns
        -------
        message
            One sentence.
        """
        code = self._process.wait()
        if code < 0:
            name = signal.Signals(-code).name
            return f"The job's process was ended by {name}, as happens when memory runs out."
        return f"The job's process ended with status {code} before the job did; the log says more."
