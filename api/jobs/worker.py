"""A worker: it runs jobs of a PostgreSQL store, as many at a time as it is told, until stopped."""

import asyncio
import datetime as dt
import logging
import signal
import threading
import uuid
from contextlib import suppress

from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from api.jobs.orders import Terms
from api.jobs.queue import QUEUE, TASK, worker_app
from api.jobs.queue_schema import make_queue, queue_address
from api.jobs.retention import Retention
from api.jobs.runner import Runner
from api.store import Store
from geo.errors import SourceError

_POLL_S = 5.0

_log = logging.getLogger(__name__)


def run_worker(store: Store, terms: Terms, *, slots: int) -> None:
    """Run jobs until the process is asked to stop; what runs then is given back.

    Parameters
    ----------
    store
        A PostgreSQL store.
    terms
        On which terms jobs are run.
    slots
        Most jobs to run at a time, at least 1.

    Raises
    ------
    SourceError
        The queue cannot be reached.
    """
    conninfo = queue_address(terms.place)
    make_queue(conninfo)
    asyncio.run(_Worker(store, terms, conninfo, slots).run())


class _Worker:
    def __init__(self, store: Store, terms: Terms, conninfo: str, slots: int) -> None:
        self._store, self._terms, self._slots = store, terms, slots
        self._runner = Runner(store, terms)
        self._retention = Retention(store, keep_days=terms.keep_days)
        self._stopping = threading.Event()
        self._app = worker_app(conninfo, connections=slots + 3)
        self._app.task(name=TASK, queue=QUEUE)(self._run_job)

    async def run(self) -> None:
        """Take jobs from the queue until stopped."""
        async with self._app.open_async():
            taking = asyncio.create_task(
                self._app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._slots,
                    fetch_job_polling_interval=_POLL_S,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            )
            sweeping = asyncio.create_task(self._sweep())
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._stop, taking)
            with suppress(asyncio.CancelledError):
                await taking
            sweeping.cancel()
            if not self._stopping.is_set():
                raise SourceError("The queue of jobs no longer answers; the log says more.")
            await self._queue_waiting()

    def _stop(self, taking: "asyncio.Task[None]") -> None:
        self._stopping.set()
        taking.cancel()

    async def _run_job(self, job: str) -> None:
        await asyncio.to_thread(self._claim_and_run, job)

    def _claim_and_run(self, job: str) -> None:
        token = uuid.uuid4().hex
        claimed = self._store.jobs.runs.claim(token, now=dt.datetime.now(dt.UTC), job=job)
        if claimed is not None:
            self._runner.run(claimed, token, self._stopping)

    async def _sweep(self) -> None:
        """Put back, again and again, what fell out of the queue or whose runner fell silent."""
        while True:
            try:
                now = dt.datetime.now(dt.UTC)
                await asyncio.to_thread(
                    self._store.jobs.runs.recover, now=now, lapse_s=self._terms.lapse_s
                )
                await self._forget_stalled()
                await self._queue_waiting()
                await asyncio.to_thread(self._retention.tidy, now=now)
            except (SourceError, ConnectorException) as error:
                _log.warning("Jobs could not be looked after: %s", error)
            await asyncio.sleep(self._terms.beat_s)

    async def _forget_stalled(self) -> None:
        """Drop what dead workers took from the queue: the store knows these jobs."""
        manager = self._app.job_manager
        for stalled in await manager.get_stalled_jobs(queue=QUEUE):
            await manager.finish_job(stalled, status=Status.FAILED, delete_job=True)

    async def _queue_waiting(self) -> None:
        for job in await asyncio.to_thread(self._store.jobs.waiting):
            with suppress(AlreadyEnqueued):
                task = self._app.configure_task(TASK, queue=QUEUE, queueing_lock=job)
                await task.defer_async(job=job)
