"""How long jobs are kept: whoever runs jobs forgets old ones, some at a time."""

import datetime as dt
import threading
from collections.abc import Mapping
from typing import Final

from api.store import Store
from api.store.audit import MACHINE, append_within
from api.store.engine import Session

MOST_A_ROUND: Final = 200
"""Most jobs that are forgotten at a time, so that other writers need not wait long."""

_EVERY: Final = dt.timedelta(hours=1)


class Retention:
    """Forgets the jobs of a store that ended long ago. Threads may share it.

    Parameters
    ----------
    store
        The store that holds the jobs.
    keep_days
        Days after its end for which a job is kept, at least 1.
    """

    def __init__(self, store: Store, *, keep_days: int) -> None:
        self._store = store
        self._kept = dt.timedelta(days=keep_days)
        self._due: dt.datetime | None = None
        self._turn = threading.Lock()

    def tidy(self, *, now: dt.datetime) -> int:
        """Forget some jobs, where it is time to: each hour, and at once while there are more.

        Parameters
        ----------
        now
            The aware instant.

        Returns
        -------
        forgotten
            Number of jobs that were forgotten.
        """
        if not self._turn.acquire(blocking=False):
            return 0
        try:
            if self._due is not None and now < self._due:
                return 0

            def record(session: Session, by_zone: Mapping[str, int]) -> None:
                for zone, count in sorted(by_zone.items()):
                    append_within(session, now, MACHINE, "forget", zone, "jobs", {"count": count})

            forgotten = self._store.jobs.forget(
                before=now - self._kept, most=MOST_A_ROUND, besides=record
            )
            self._due = now if forgotten == MOST_A_ROUND else now + _EVERY
            return forgotten
        finally:
            self._turn.release()
