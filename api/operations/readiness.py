"""Whether the service can do its work now: each check with its reason, never with a secret."""

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from api.settings import Settings
from api.store import Store, missing_layers
from geo.errors import SourceError

UNSIGNED_S: Final = 120.0
"""Age in seconds of an unsigned entry of the audit above which the service is not ready."""

_log = logging.getLogger(__name__)


class Check(NamedTuple):
    """One thing the service needs.

    Attributes
    ----------
    name
        What is checked.
    fault
        Why it is not as needed; none where it is.
    """

    name: str
    fault: str | None


class Readiness:
    """Tells whether a service can do its work.

    Parameters
    ----------
    store
        Its store.
    settings
        Its settings.
    runs_jobs
        Tells whether what runs jobs lives.
    """

    def __init__(self, store: Store, settings: Settings, runs_jobs: Callable[[], bool]) -> None:
        self._store, self._settings, self._runs_jobs = store, settings, runs_jobs

    def checks(self, zone: str) -> list[Check]:
        """Check everything that a zone's service needs.

        Parameters
        ----------
        zone
            Name of the zone.

        Returns
        -------
        checks
            All of them; where the store does not answer, only those that can do without.
        """
        found = [Check("jobs", None if self._runs_jobs() else "What runs jobs has stopped.")]
        found += [self._disk()] if "://" not in self._settings.store else []
        try:
            return [*found, *self._of_store(zone)]
        except SourceError as error:
            _log.error("the store does not answer", exc_info=error)
            return [*found, Check("store", "The store does not answer; the log says why.")]

    def _of_store(self, zone: str) -> Iterator[Check]:
        missing = missing_layers(self._store, zone)
        yield Check("store", None)
        lacks = f"The store lacks {', '.join(missing)} of zone {zone!r}. Run `{command_for(zone)}`."
        yield Check("zone", lacks if missing else None)
        since = self._store.audit.unsigned_since()
        age_s = 0.0 if since is None else (dt.datetime.now(dt.UTC) - since).total_seconds()
        late = f"Expected the audit to be signed within {UNSIGNED_S:g} s, got {age_s:.0f} s."
        yield Check("audit", late if age_s > UNSIGNED_S else None)

    def _disk(self) -> Check:
        folder = Path(self._settings.store).absolute().parent
        free, least = shutil.disk_usage(folder).free, self._settings.min_free_bytes
        fault = f"Expected {least:,} bytes free on the store's disk, got {free:,}."
        return Check("disk", fault if free < least else None)


def command_for(zone: str) -> str:
    """Return the command that loads a zone.

    Parameters
    ----------
    zone
        Name of the zone.

    Returns
    -------
    command
        For the command line.
    """
    return f"smartzone serve --zone {zone}"
