"""Jobs as whoever runs them tells of them: claimed by one runner at a time, and ended once.

Whoever runs a job holds it by a token and says now and then that it lives. A job whose runner has
fallen silent is accepted again, and given up after `MOST_ATTEMPTS`. What a runner says of a job
that it no longer holds changes nothing, so that no job ends twice.
"""

import datetime as dt
from typing import Final

from api.store.engine import Engine, Session
from api.store.instants import text_of
from api.store.job_records import Job, job_of
from geo.errors import ConflictError

MOST_ATTEMPTS: Final = 2
"""How often a job is begun before it is given up."""

GIVEN_UP: Final = f"The job was given up: what ran it ended {MOST_ATTEMPTS} times without a word."


class JobRuns:
    """What runners tell a store of its jobs.

    Parameters
    ----------
    engine
        The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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
