"""Jobs in the store: accepted, looked at, listed and dismissed; what runs them is in `job_runs`.

The states are those of OGC API Processes (18-062r2).
"""

import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from typing import get_args

from api.store.engine import Engine, Session
from api.store.instants import text_of
from api.store.job_choices import chosen_by
from api.store.job_records import Job, JobPage, Lasting, Response, State, job_of
from api.store.job_runs import JobRuns
from geo.errors import NotFoundError, ParameterError


class Jobs:
    """The jobs of a store.

    Parameters
    ----------
    engine
        The database.

    Attributes
    ----------
    runs
        What whoever runs them tells of them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.runs = JobRuns(engine)

    def submit(
        self,
        zone: str,
        process: str,
        inputs: Mapping[str, object],
        *,
        response: Response = "raw",
        subject: str,
        now: dt.datetime,
        besides: Callable[[Session, str], object] | None = None,
    ) -> str:
        """Accept a job.

        Parameters
        ----------
        zone
            Name of the zone.
        process
            Id of the process.
        inputs
            What the process is asked with, as JSON values.
        response
            Whether the document is wanted as it is, or within a list of outputs.
        subject
            Id of the account that asks.
        now
            The aware instant.
        besides
            Called with the transaction and the job's id: what it does and the job are, or neither.

        Returns
        -------
        job
            Id of the job.
        """
        job = str(uuid.uuid4())
        with self._engine.writing() as session:
            session.run(
                "INSERT INTO jobs (id, zone, process, inputs, response, subject, state,"
                " created_at, updated_at) VALUES (:id, :zone, :process, :inputs, :response,"
                " :subject, 'accepted', :now, :now)",
                id=job,
                zone=zone,
                process=process,
                inputs=json.dumps(dict(inputs), ensure_ascii=False),
                response=response,
                subject=subject,
                now=text_of(now),
            )
            if besides is not None:
                besides(session, job)
        return job

    def dismiss(
        self,
        job: str,
        *,
        now: dt.datetime,
        besides: Callable[[Session], object] | None = None,
    ) -> Job:
        """Cancel a job, or forget the document of one that ended; what it stored stays.

        Parameters
        ----------
        job
            Id of the job.
        now
            The aware instant.
        besides
            Called with the transaction: what it does and the dismissal are, or neither.

        Returns
        -------
        job
            The job as it is then.

        Raises
        ------
        NotFoundError
            There is no such job.
        """
        with self._engine.writing() as session:
            session.run(
                "UPDATE jobs SET state = 'dismissed', document = NULL, message = '',"
                " runner = NULL, updated_at = :now, finished_at = coalesce(finished_at, :now)"
                " WHERE id = :job AND state <> 'dismissed'",
                job=job,
                now=text_of(now),
            )
            if besides is not None:
                besides(session)
            return _read(session, job)

    def forget(
        self,
        *,
        before: dt.datetime,
        most: int,
        besides: Callable[[Session, Mapping[str, int]], object] | None = None,
    ) -> int:
        """Delete jobs that ended long ago; the products that they stored stay.

        Of each process in each zone the last job that ended well stays: its document is read by
        what is computed next.

        Parameters
        ----------
        before
            The aware instant before which they ended.
        most
            Most jobs to delete, >= 1.
        besides
            Called with the transaction and the number of jobs by zone: what it does and the
            deletion are, or neither.

        Returns
        -------
        forgotten
            Number of jobs that were deleted.
        """
        chosen: dict[str, object] = {"before": text_of(before), "most": most}
        with self._engine.reading() as session:
            if session.row(_SELECT_OLD, **chosen | {"most": 1}) is None:
                return 0
        with self._engine.writing() as session:
            rows = session.rows(_SELECT_OLD, **chosen)
            session.run_many(
                "DELETE FROM jobs WHERE number = :number",
                [{"number": row["number"]} for row in rows],
            )
            if besides is not None:
                besides(session, Counter(row["zone"] for row in rows))
        return len(rows)

    def waiting(self) -> list[str]:
        """List the jobs that nobody has taken yet.

        Returns
        -------
        jobs
            Their ids, the one that has waited longest first.
        """
        with self._engine.reading() as session:
            rows = session.rows("SELECT id FROM jobs WHERE state = 'accepted' ORDER BY number")
        return [row["id"] for row in rows]

    def counts(self) -> dict[State, int]:
        """Count the jobs by state.

        Returns
        -------
        counts
            Number of jobs in each state, 0 where there are none.
        """
        with self._engine.reading() as session:
            rows = session.rows("SELECT state, count(*) AS number FROM jobs GROUP BY state")
        found = {row["state"]: int(row["number"]) for row in rows}
        return {state: found.get(state, 0) for state in get_args(State)}

    def job(self, job: str) -> Job:
        """Return what is known of a job.

        Parameters
        ----------
        job
            Id of the job.

        Returns
        -------
        job
            The job.

        Raises
        ------
        NotFoundError
            There is no such job.
        """
        with self._engine.reading() as session:
            return _read(session, job)

    def document(self, job: str) -> str | None:
        """Return what came of a job.

        Parameters
        ----------
        job
            Id of the job.

        Returns
        -------
        document
            JSON text; none where the job has not ended well.
        """
        with self._engine.reading() as session:
            row = session.row("SELECT document FROM jobs WHERE id = :job", job=job)
        return None if row is None else row["document"]

    def latest(self, zone: str, process: str) -> str | None:
        """Return what came last of a process in a zone.

        Parameters
        ----------
        zone
            Name of the zone.
        process
            Id of the process.

        Returns
        -------
        document
            JSON text; none where no job of the process has ended well.
        """
        with self._engine.reading() as session:
            row = session.row(
                "SELECT document FROM jobs WHERE zone = :zone AND process = :process"
                " AND state = 'successful' ORDER BY finished_at DESC, number DESC LIMIT 1",
                zone=zone,
                process=process,
            )
        return None if row is None else row["document"]

    def page(
        self,
        zone: str,
        *,
        subject: str | None = None,
        processes: tuple[str, ...] = (),
        states: tuple[State, ...] = (),
        created: tuple[dt.datetime, dt.datetime] | None = None,
        lasting: Lasting | None = None,
        limit: int,
        before: int | None = None,
    ) -> JobPage:
        """List jobs of a zone, the newest first.

        Parameters
        ----------
        zone
            Name of the zone.
        subject
            Id of the account that asked for them; anybody's where none.
        processes
            Ids of their processes; any where empty.
        states
            What became of them; anything where empty.
        created
            Aware instants from and to which they were submitted, both included; any where none.
        lasting
            How long they ran; any time where none.
        limit
            Most jobs to return, >= 1.
        before
            Number of the job that the page before ended with; none for the first page.

        Returns
        -------
        page
            The jobs, and where to go on.
        """
        if limit < 1:
            raise ParameterError(f"Expected `limit` >= 1, got {limit}.")
        with self._engine.reading() as session:
            condition, values = chosen_by(
                session.dialect,
                zone=zone,
                subject=subject,
                processes=processes,
                states=states,
                created=created,
                lasting=lasting,
                before=before,
            )
            rows = session.rows(
                f"{_LISTED} WHERE {condition} ORDER BY number DESC LIMIT :most",
                most=limit + 1,
                **values,
            )
        jobs = tuple(job_of(row) for row in rows[:limit])
        return JobPage(jobs, jobs[-1].number if len(rows) > limit else None)


_LISTED = "SELECT * FROM job_records"
_SELECT_OLD = (
    "SELECT number, zone FROM jobs AS old WHERE finished_at < :before"
    " AND state NOT IN ('accepted', 'running') AND (state <> 'successful' OR EXISTS"
    " (SELECT 1 FROM jobs AS later WHERE later.zone = old.zone AND later.process = old.process"
    " AND later.state = 'successful'"
    " AND (later.finished_at, later.number) > (old.finished_at, old.number)))"
    " ORDER BY number LIMIT :most"
)


def _read(session: Session, job: str) -> Job:
    row = session.row("SELECT * FROM job_records WHERE id = :job", job=job)
    if row is None:
        raise NotFoundError(f"Expected a job, got {job!r}.")
    return job_of(row)
