"""The process of one job: it takes an order, does the work, and stores what came of it.

It is told its order by one line of JSON on standard input, which then stays open: when that ends,
so has whoever watches, and the process ends itself with all that it started. What it says goes to
the standard output it was started with, one line of JSON each; anything else that prints goes to
standard error.
"""

import datetime as dt
import importlib
import json
import logging
import os
import resource
import signal
import sys
import threading
from contextlib import suppress
from typing import cast

from api.jobs.orders import Order, Outcome, Telling, Work
from api.logs import configure_logs
from api.store import Store
from geo.errors import ConflictError, ZoneError

UNEXPECTED = "Something went wrong inside the job; the log says more."
_MEGABYTE = 1 << 20
_LONGEST = 4_000  # characters of a message

_log = logging.getLogger(__name__)


def main() -> None:
    """Take one order from standard input and carry it out."""
    configure_logs()
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = Order.read(_first_line(sys.stdin.fileno()))
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    _limit(order.memory_mb)
    _say(answers, **_carried_out(order, answers))


def _carried_out(order: Order, answers: int) -> dict[str, object]:
    """Do the work and say how it ended."""
    try:
        tell = Telling(lambda done, step: _say(answers, done=done, step=step))
        _keep(order, _work_of(order)(order, tell))
    except ConflictError:
        return {"failed": "The job was no longer held."}
    except ZoneError as error:
        return {"failed": str(error)[:_LONGEST]}
    except MemoryError:
        return {
            "failed": f"The job needed more memory than the {order.memory_mb:,} MB it may take."
        }
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told in one way
        _log.error("job %s failed unexpectedly", order.job, exc_info=error)
        return {"failed": UNEXPECTED}
    return {"finished": True}


def _work_of(order: Order) -> Work:
    module, _, name = order.work.partition(":")
    return cast("Work", getattr(importlib.import_module(module), name))


def _keep(order: Order, outcome: Outcome) -> None:
    """Store products and document, and end the job: all at once, and only while it is held."""
    now = dt.datetime.now(dt.UTC)
    asked = {"created_at": now.isoformat(), "process": order.process, "job": order.job}
    store = Store(order.store, new=False)
    try:
        store.put_layers(
            order.zone,
            outcome.layers,
            kind="product",
            provenance=dict(outcome.provenance) | asked,
            besides=lambda session: store.jobs.runs.finish(
                session, order.job, order.runner, document=outcome.document, now=now
            ),
        )
    finally:
        store.close()


def _limit(memory_mb: int) -> None:
    # Address space that is merely reserved does not count here, as it would by RLIMIT_AS.
    most = memory_mb * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _first_line(descriptor: int) -> bytes:
    """Read one line and not a byte beyond it."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            sys.exit("Expected an order on standard input, got none.")
        line += byte
    return bytes(line)


def _end_with(descriptor: int) -> None:
    """Wait until whoever watches is gone, then end with every process that this one started."""
    with suppress(OSError):  # as where it went with words unread
        while os.read(descriptor, 1):
            pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _say(answers: int, **said: object) -> None:
    with suppress(BrokenPipeError):  # whoever watched is gone, and so is this process in a moment
        os.write(answers, json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    main()
