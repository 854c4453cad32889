"""What the store tells of a job, and how a row of it is read."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

from api.store.engine import Row

State = Literal["accepted", "running", "successful", "failed", "dismissed"]
Response = Literal["raw", "document"]


@dataclass(frozen=True)
class Job:
    """What is known of a job, without its document.

    Attributes
    ----------
    number
        Place in the order of submission.
    id
        Id, which nobody can guess.
    zone
        Name of the zone.
    process
        Id of the process.
    inputs
        What the process was asked with, as JSON values.
    response
        Whether its document is wanted as it is, or within a list of outputs.
    subject
        Id of the account that asked.
    state
        What became of it.
    attempts
        How often it was begun.
    created_at, updated_at
        Instants of submission and of the last change, in UTC.
    started_at, finished_at
        Instants of the last begin and of the end; none where there was none.
    done
        Share that is done, in [0, 1].
    step
        Key of the words for what it does; empty before it begins.
    message
        Why it failed; empty where it did not.
    """

    number: int
    id: str
    zone: str
    process: str
    inputs: Mapping[str, object]
    response: Response
    subject: str
    state: State
    attempts: int
    created_at: dt.datetime
    updated_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    done: float
    step: str
    message: str


@dataclass(frozen=True)
class JobPage:
    """Some jobs, the newest first.

    Attributes
    ----------
    jobs
        The jobs.
    before
        Number to go on before; none where these are the last.
    """

    jobs: tuple[Job, ...]
    before: int | None


@dataclass(frozen=True)
class Lasting:
    """How long jobs ran, from their last begin to their end; what was never begun is none of them.

    Attributes
    ----------
    least_s
        Least time, in seconds.
    most_s
        Most time, in seconds.
    now
        The aware instant up to which those that still run are counted.
    """

    least_s: float
    most_s: float
    now: dt.datetime


_FIELDS = tuple(field.name for field in fields(Job))
_INSTANTS = ("created_at", "updated_at", "started_at", "finished_at")


def job_of(row: Row) -> Job:
    """Read a job from its row.

    Parameters
    ----------
    row
        A row of `jobs` or of the view `job_records`.

    Returns
    -------
    job
        The job.
    """
    values = {name: row[name] for name in _FIELDS}
    for name in _INSTANTS:
        values[name] = None if row[name] is None else dt.datetime.fromisoformat(row[name])
    return Job(**values | {"inputs": json.loads(row["inputs"])})
