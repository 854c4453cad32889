"""Jobs in the store: submitted, claimed by one runner at a time, and finished, failed or dismissed.

Whoever runs a job holds it by a token and says now and then that it lives. A job whose runner has
fallen silent is accepted again, and given up after `MOST_ATTEMPTS`. What a runner says of a job
that it no longer holds changes nothing, so that no job ends twice. The states are those of OGC API
Processes (18-062r2).
"""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Final, get_args

from api.store.engine import Engine, Session
from api.store.job_records import Job, JobPage, Response, State, job_of, text_of
from geo.errors import ConflictError, NotFoundError, ParameterError

MOST_ATTEMPTS: Final = 2
"""How often a job is begun before it is given up."""

GIVEN_UP: Final = f"The job was given up: what ran it ended {MOST_ATTEMPTS} times without a word."


class Jobs:
    """The jobs of a store.

    Parameters
    ----------
    engine
        The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(
        self,
        zone: str,
        process: str,
        inputs: Mapping[str, object],
        *,
        response: Response = "raw",
        subject: str,
        now: dt.datetime,
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
        return job

    def claim(self, runner: str, *, now: dt.datetime, job: str | None = None) -> Job | None:
        """Take an accepted job to run it; of several who ask at once, one gets it.

        Parameters
        ----------
        runner
            Token of who is to hold it.
        now
            The aware instant.
        job
            Id of the job that is meant; the one that has waited longest where none.

        Returns
        -------
        job
            The job; none where there is none to take.
        """
        with self._engine.writing() as session:
            row = session.row(
                "UPDATE jobs SET state = 'running', runner = :runner, attempts = attempts + 1,"
                " started_at = :now, updated_at = :now, heartbeat_at = :now, done = 0, step = ''"
                " WHERE state = 'accepted' AND number = (SELECT min(number) FROM jobs WHERE"
                " state = 'accepted' AND id = coalesce(CAST(:job AS text), id))"
                " RETURNING *",
                runner=runner,
                now=text_of(now),
                job=job,
            )
        return None if row is None else job_of(row)

    def beat(self, job: str, runner: str, *, now: dt.datetime, done: float, step: str) -> bool:
        """Say that a job is being worked on, and how far it is.

        Parameters
        ----------
        job
            Id of the job.
        runner
            Token of who holds it.
        now
            The aware instant.
        done
            Share that is done, in [0, 1].
        step
            Key of the words for what it does.

        Returns
        -------
        held
            Whether the runner still holds it.
        """
        with self._engine.writing() as session:
            changed = session.run(
                "UPDATE jobs SET heartbeat_at = :now, updated_at = :now, done = :done, step = :step"
                " WHERE id = :job AND runner = :runner AND state = 'running'",
                job=job,
                runner=runner,
                now=text_of(now),
                done=min(max(done, 0.0), 1.0),
                step=step,
            )
        return changed == 1

    def holds(self, job: str, runner: str) -> bool:
        """Tell whether a runner still holds a job.

        Parameters
        ----------
        job
            Id of the job.
        runner
            Token of the runner.

        Returns
        -------
        held
            False once it ended, was dismissed, or went to another runner.
        """
        with self._engine.reading() as session:
            row = session.row(
                "SELECT 1 AS held FROM jobs"
                " WHERE id = :job AND runner = :runner AND state = 'running'",
                job=job,
                runner=runner,
            )
        return row is not None

    def finish(
        self, session: Session, job: str, runner: str, *, document: str, now: dt.datetime
    ) -> None:
        """End a job well, in the transaction in which its products are written.

        Parameters
        ----------
        session
            A write transaction.
        job
            Id of the job.
        runner
            Token of who holds it.
        document
            What came of it, as JSON text.
        now
            The aware instant.

        Raises
        ------
        ConflictError
            The runner no longer holds it: nothing of the transaction may be kept.
        """
        changed = session.run(
            "UPDATE jobs SET state = 'successful', document = :document, done = 1,"
            " runner = NULL, updated_at = :now, finished_at = :now"
            " WHERE id = :job AND runner = :runner AND state = 'running'",
            job=job,
            runner=runner,
            document=document,
            now=text_of(now),
        )
        if changed != 1:
            raise ConflictError(f"Expected job {job!r} to be held still, got one that is not.")

    def fail(self, job: str, runner: str, message: str, *, now: dt.datetime) -> bool:
        """End a job badly.

        Parameters
        ----------
        job
            Id of the job.
        runner
            Token of who holds it.
        message
            Why, in one message.
        now
            The aware instant.

        Returns
        -------
        held
            Whether the runner still held it.
        """
        with self._engine.writing() as session:
            changed = session.run(
                "UPDATE jobs SET state = 'failed', message = :message,"
                " runner = NULL, updated_at = :now, finished_at = :now"
                " WHERE id = :job AND runner = :runner AND state = 'running'",
                job=job,
                runner=runner,
                message=message,
                now=text_of(now),
            )
        return changed == 1

    def release(self, job: str, runner: str, *, now: dt.datetime) -> bool:
        """Give a job back unfinished, as on a clean stop: this attempt does not count.

        Parameters
        ----------
        job
            Id of the job.
        runner
            Token of who holds it.
        now
            The aware instant.

        Returns
        -------
        held
            Whether the runner still held it.
        """
        with self._engine.writing() as session:
            changed = session.run(
                "UPDATE jobs SET state = 'accepted', attempts = attempts - 1, updated_at = :now,"
                " runner = NULL, started_at = NULL, done = 0, step = ''"
                " WHERE id = :job AND runner = :runner AND state = 'running'",
                job=job,
                runner=runner,
                now=text_of(now),
            )
        return changed == 1

    def recover(self, *, now: dt.datetime, lapse_s: float) -> None:
        """Accept again what fell silent, or give it up after `MOST_ATTEMPTS`.

        Parameters
        ----------
        now
            The aware instant.
        lapse_s
            Seconds after its last word from which on a runner is taken for dead.
        """
        lapsed = text_of(now - dt.timedelta(seconds=lapse_s))
        with self._engine.reading() as session:
            found = session.row(
                "SELECT 1 AS found FROM jobs WHERE state = 'running' AND heartbeat_at < :lapsed",
                lapsed=lapsed,
            )
        if found is None:
            return
        with self._engine.writing() as session:
            session.run(
                "UPDATE jobs SET state = 'failed', message = :message,"
                " runner = NULL, updated_at = :now, finished_at = :now WHERE state = 'running'"
                " AND heartbeat_at < :lapsed AND attempts >= :most",
                message=GIVEN_UP,
                now=text_of(now),
                lapsed=lapsed,
                most=MOST_ATTEMPTS,
            )
            session.run(
                "UPDATE jobs SET state = 'accepted', updated_at = :now,"
                " runner = NULL, started_at = NULL, done = 0, step = ''"
                " WHERE state = 'running' AND heartbeat_at < :lapsed",
                now=text_of(now),
                lapsed=lapsed,
            )

    def dismiss(self, job: str, *, now: dt.datetime) -> Job:
        """Cancel a job, or forget the document of one that ended; what it stored stays.

        Parameters
        ----------
        job
            Id of the job.
        now
            The aware instant.

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
            return _read(session, job)

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
        wanted: dict[str, object] = {"subject": subject, "before": before}
        wanted |= {f"process_{number}": name for number, name in enumerate(processes)}
        wanted |= {f"state_{number}": name for number, name in enumerate(states)}
        conditions = [
            "zone = :zone",
            *(["subject = :subject"] if subject is not None else []),
            *(["number < :before"] if before is not None else []),
            *_among("process", len(processes)),
            *_among("state", len(states)),
        ]
        with self._engine.reading() as session:
            rows = session.rows(
                f"{_LISTED} WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT :most",
                zone=zone,
                most=limit + 1,
                **{name: value for name, value in wanted.items() if value is not None},
            )
        jobs = tuple(job_of(row) for row in rows[:limit])
        return JobPage(jobs, jobs[-1].number if len(rows) > limit else None)


_LISTED = "SELECT * FROM job_records"


def _among(column: str, count: int) -> list[str]:
    names = ", ".join(f":{column}_{number}" for number in range(count))
    return [f"{column} IN ({names})"] if count else []


def _read(session: Session, job: str) -> Job:
    row = session.row("SELECT * FROM job_records WHERE id = :job", job=job)
    if row is None:
        raise NotFoundError(f"Expected a job, got {job!r}.")
    return job_of(row)
