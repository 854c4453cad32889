"""Which jobs are asked for: the query of the list of jobs (OGC 18-062r2, 11)."""

import datetime as dt
import math
from typing import Annotated, Final, Literal

from fastapi import Query
from pydantic import AfterValidator

from api.intervals import read_interval
from api.store.job_records import JobPage, Lasting, State
from api.store.jobs import Jobs

_DEFAULT_LIMIT: Final = 100
_MOST_LIMIT: Final = 1_000
_EXACT: Final = 2**53 - 1  # up to which every program reads a whole number as it is


def _interval(text: str) -> str:
    if read_interval(text) is None:
        raise ValueError(f"Expected an instant, or two with a slash, got {text[:60]!r}.")
    return text


class Listing:
    """A query of the list of jobs.

    Parameters
    ----------
    kind
        Kinds of jobs; there is one.
    process
        Ids of their processes.
    status
        What became of them.
    created
        When they were submitted: an instant, or two ends of which one may be open.
    least_s
        Least time that they ran, in seconds.
    most_s
        Most time that they ran, in seconds.
    limit
        Most jobs of a page.
    before
        Number of the job that the page before ended with.
    """

    def __init__(
        self,
        *,
        kind: Annotated[list[Literal["process"]], Query(alias="type", max_length=5)] = [],  # noqa: B006  # FastAPI copies it
        process: Annotated[
            list[str], Query(alias="processID", description="Ids of processes.", max_length=20)
        ] = [],  # noqa: B006
        status: Annotated[
            list[State], Query(description="What became of them.", max_length=5)
        ] = [],  # noqa: B006
        created: Annotated[
            str | None,
            Query(alias="datetime", description="When they were submitted."),
            AfterValidator(lambda text: text if text is None else _interval(text)),
        ] = None,
        least_s: Annotated[
            int | None,
            Query(alias="minDuration", ge=0, le=_EXACT, description="Least seconds that they ran."),
        ] = None,
        most_s: Annotated[
            int | None,
            Query(alias="maxDuration", ge=0, le=_EXACT, description="Most seconds that they ran."),
        ] = None,
        limit: Annotated[
            int,
            Query(ge=1, description=f"Most jobs; more than {_MOST_LIMIT:,} is read as so many."),
        ] = _DEFAULT_LIMIT,
        before: Annotated[
            int | None,
            Query(ge=1, le=_EXACT, description="Where to go on; given in the next link."),
        ] = None,
    ) -> None:
        self._processes, self._states = process, status
        self._created = None if created is None else read_interval(created)
        self._bounds = (least_s, most_s)
        self._limit, self._before = limit, before
        told = {"type": kind, "processID": process, "status": status, "datetime": created}
        told |= {"minDuration": least_s, "maxDuration": most_s, "limit": limit, "before": before}
        self._told = {name: value for name, value in told.items() if value not in (None, [])}

    @property
    def query(self) -> dict[str, object]:
        """Give the query of this page, for a link to it.

        Returns
        -------
        query
            Values by parameter; what was not given is left out.
        """
        return self._told

    def after(self, page: JobPage) -> dict[str, object] | None:
        """Give the query of the page that follows.

        Parameters
        ----------
        page
            This page.

        Returns
        -------
        query
            Values by parameter; none where this is the last page.
        """
        return None if page.before is None else self._told | {"before": page.before}

    def page(
        self, jobs: Jobs, zone: str, *, subject: str | None, usable: list[str], now: dt.datetime
    ) -> JobPage:
        """Find the jobs.

        Parameters
        ----------
        jobs
            The jobs of the store.
        zone
            Name of the zone.
        subject
            Id of the account whose jobs they are; anybody's where none.
        usable
            Ids of the processes whose jobs may be told of.
        now
            The aware instant up to which a job that still runs has run.

        Returns
        -------
        page
            The jobs, the newest first.
        """
        least, most = self._bounds
        lasting = Lasting(least or 0, math.inf if most is None else most, now)
        return jobs.page(
            zone,
            subject=subject,
            # Of a process that there is not, there is no job: as little as of one without a name.
            processes=tuple(name if name in usable else "" for name in self._processes or usable),
            states=tuple(self._states),
            created=self._created,
            lasting=None if self._bounds == (None, None) else lasting,
            limit=min(self._limit, _MOST_LIMIT),
            before=self._before,
        )
